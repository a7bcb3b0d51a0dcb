"""The verbs that change resources: accept rows; rename, merge, move and retire terms.

``splitting`` has one more.
"""

import argparse
import sys
from typing import TYPE_CHECKING

from service.cli.edit_steps import add_dry_run, finish, is_yes, say_mentions
from service.cli.verbs import Verbs, add_dist, edits_of, release_of, say

if TYPE_CHECKING:
    from service.editing.expected import Difference


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    accept = verbs.add(
        "accept",
        _accept,
        "show which questions the release answers otherwise than expected, and accept rows",
        "  cdmo accept                        show them; on a terminal, ask for each\n"
        "  cdmo accept drugs-of-each-class    accept the rows of one\n"
        "  cdmo accept --all                  accept all, counts of the dataset too\n",
    )
    accept.add_argument("names", nargs="*", metavar="NAME", help="questions to accept")
    accept.add_argument("--all", action="store_true", help="accept the rows of all")
    add_dry_run(accept)
    add_dist(accept)

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


def _accept(arguments: argparse.Namespace) -> int:
    from service.editing.expected import accept, differences, named
    from service.release import open_store

    edits = edits_of(arguments)
    differing = differences(edits, open_store(release_of(arguments)))
    faults = [d for d in differing if d.is_fault]
    if arguments.all:
        chosen = differing
    elif arguments.names:
        chosen = named(differing, arguments.names, edits)
    else:
        chosen = _ask_each(faults)
        if counting := len(differing) - len(faults):
            say(f"{counting} more count the dataset; their rows are no fault (--all writes them).")
    for difference in chosen if arguments.all or arguments.names else ():
        _show(difference)
    accept(edits, chosen)
    finish(edits, arguments)
    if arguments.dry_run:
        return 0
    left = [d for d in faults if d not in chosen]
    say(f"{len(chosen)} accepted, {len(left)} left." if differing else "All rows are as expected.")
    return 1 if left else 0


def _ask_each(faults: "list[Difference]") -> "list[Difference]":
    """Show each difference and, on a terminal, ask whether to accept it."""
    chosen = []
    for difference in faults:
        _show(difference)
        if sys.stdin.isatty() and is_yes("Accept these rows?"):
            chosen.append(difference)
    return chosen


def _show(difference: "Difference") -> None:
    print(f"question:{difference.question.name}")
    for line in difference.lines():
        print(f"  {line}")


def _rename(arguments: argparse.Namespace) -> None:
    from service.editing.rename import rename

    edits = edits_of(arguments)
    say("Renaming, and asking the questions anew …")
    renaming = rename(edits, arguments.term, arguments.label, synonym=not arguments.no_synonym)
    finish(edits, arguments, renaming.notes)
    say_mentions(renaming.mentions, renaming.wording.old)


def _merge(arguments: argparse.Namespace) -> None:
    from service.editing.merge import merge

    edits = edits_of(arguments)
    say("Merging, and asking the questions anew …")
    notes = merge(edits, arguments.kept, arguments.gone)
    finish(edits, arguments, notes)


def _move(arguments: argparse.Namespace) -> None:
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
    finish(edits, arguments, notes)


def _retire(arguments: argparse.Namespace) -> None:
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
    finish(edits, arguments, notes)
