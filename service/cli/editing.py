"""The verbs of the life of a term: renamed, merged, moved, retired; ``splitting`` has one more."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from service.cli.verbs import Verbs, edits_of, say

if TYPE_CHECKING:
    from service.editing.edits import Edits
    from service.editing.mentions import Mention


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    rename = verbs.add(
        "rename",
        _rename,
        "give a term another label, in all that speaks of it",
        "  cdmo rename CDMO:0000312 'calcium antagonist'\n"
        "  cdmo rename 'muscle biopsy' 'biopsy of muscle' --no-synonym --dry-run\n",
    )
    rename.add_argument("term", help="the term: a CURIE, an IRI or its label")
    rename.add_argument("label", help="its new label: lower case, singular")
    rename.add_argument(
        "--no-synonym",
        action="store_true",
        help="do not keep the old label as an exact synonym: it was wrong, or nobody's word",
    )
    add_dry_run(rename)

    merge = verbs.add(
        "merge",
        _merge,
        "merge a term into another: names, claims and mappings move, and the other is retired",
        "  cdmo merge CDMO:0000106 CDMO:0000107 --dry-run\n",
    )
    merge.add_argument("kept", help="the term that stays, with its definition")
    merge.add_argument("gone", help="the term that goes; its label becomes a synonym")
    add_dry_run(merge)

    move = verbs.add(
        "move",
        _move,
        "move a term below another parent, or a term or claim to another file; its IRI stays",
        "  cdmo move 'smaller incision' --under 'small incision' --dry-run\n"
        "  cdmo move claim:0000644 --to faq.ttl\n",
    )
    move.add_argument("name", help="the term or claim: a CURIE, an IRI or a label")
    move.add_argument("--under", metavar="PARENT", help="the term or kind that it is a kind of")
    move.add_argument(
        "--instead-of", metavar="PARENT", help="the parent that goes, where there are several"
    )
    move.add_argument("--to", metavar="FILE", help="the file of modules/ or claims/ to hold it")
    add_dry_run(move)

    retire = verbs.add(
        "retire",
        _retire,
        "retire a term, claim, passage, tension, question or list; its page stays and says so",
        "  cdmo retire CDMO:0000107 --reason merged --successor CDMO:0000106 --move-claims\n"
        "  cdmo retire claim:0000719 --reason merged --successor claim:0000530 --move-claims\n"
        "  cdmo retire claim:0000644 --reason 'the passage says no such thing'\n",
    )
    retire.add_argument("name", help="what to retire: a CURIE, an IRI or a label")
    retire.add_argument(
        "--reason",
        action="append",
        required=True,
        help="why: failed, placeholder, merged, imported or split (IAO's reasons), or in words; "
        "may be given twice",
    )
    retire.add_argument("--successor", help="what replaces it")
    retire.add_argument(
        "--consider", action="append", default=[], help="what may fit in its place; may be repeated"
    )
    claims = retire.add_mutually_exclusive_group()
    claims.add_argument(
        "--move-claims",
        action="store_true",
        help="let all that names it name its successor, give that the citations of a claim, and "
        "unite claims that then are equal",
    )
    claims.add_argument(
        "--retire-claims", action="store_true", help="retire the claims about it as well"
    )
    add_dry_run(retire)


def add_dry_run(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--dry-run`` to a verb that changes files."""
    parser.add_argument(
        "--dry-run", action="store_true", help="write nothing; print what would change as a diff"
    )


def finish(edits: "Edits", arguments: argparse.Namespace) -> int:
    """Write an edit and name its files, or print it."""
    if arguments.dry_run:
        sys.stdout.write(edits.diff())
        return 0
    root = edits.loaded.sources.root
    for path in edits.write():
        print(f"{path.relative_to(root)}: {'written' if path.exists() else 'removed'}")
    return 0


def say_mentions(mentions: "Sequence[Mention]", name: str) -> None:
    """Name the texts that still have a name."""
    from service.editing.mentions import mention_lines

    if mentions:
        say(f"Left for you to judge, {len(mentions)} with '{name}':")
        for line in mention_lines(mentions, Path.cwd()):
            say(f"  {line}")


def _rename(arguments: argparse.Namespace) -> int:
    from service.editing.rename import rename

    edits = edits_of(arguments)
    say("Renaming, and asking the questions anew …")
    renaming = rename(edits, arguments.term, arguments.label, synonym=not arguments.no_synonym)
    finish(edits, arguments)
    for note in renaming.notes:
        say(note)
    say_mentions(renaming.mentions, renaming.wording.old)
    return 0


def _merge(arguments: argparse.Namespace) -> int:
    from service.editing.merge import merge

    edits = edits_of(arguments)
    say("Merging, and asking the questions anew …")
    notes = merge(edits, arguments.kept, arguments.gone)
    finish(edits, arguments)
    for note in notes:
        say(note)
    return 0


def _move(arguments: argparse.Namespace) -> int:
    from service.editing.move import move

    edits = edits_of(arguments)
    say("Moving, and asking the questions anew …")
    notes = move(
        edits,
        arguments.name,
        parent=arguments.under,
        instead_of=arguments.instead_of,
        file=arguments.to,
    )
    finish(edits, arguments)
    for note in notes:
        say(note)
    return 0


def _retire(arguments: argparse.Namespace) -> int:
    from service.editing.retire import retire

    edits = edits_of(arguments)
    say("Retiring, and asking the questions anew …")
    notes = retire(
        edits,
        arguments.name,
        arguments.reason,
        successor=arguments.successor,
        consider=arguments.consider,
        move_claims=arguments.move_claims,
        retire_claims=arguments.retire_claims,
    )
    finish(edits, arguments)
    for note in notes:
        say(note)
    return 0
