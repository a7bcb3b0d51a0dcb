"""The verb that splits a term."""

import argparse
import sys
from pathlib import Path

from service.cli.editing import add_dry_run, finish, say_mentions
from service.cli.verbs import Verbs, say, text_of
from service.problems import UsageError


def add_verbs(verbs: Verbs) -> None:
    """Add the verb."""
    split = verbs.add(
        "split",
        _split,
        "split a term into new ones, each with what you give it; the term is retired",
        "  cdmo split CDMO:0000632 --into 'strain on muscles' 'strain on joints' --dry-run\n"
        "  cdmo split CDMO:0000632 --into 'strain on muscles' 'strain on joints' \\\n"
        "      --definition 'a mechanism that …' --definition 'a mechanism that …' \\\n"
        "      --give 'strain on muscles' tension:0095 --leave waivers.ttl --plan plan.tsv\n",
    )
    split.add_argument("term", help="the term: a CURIE, an IRI or its label")
    split.add_argument(
        "--into", nargs="+", required=True, metavar="LABEL", help="labels of the new terms"
    )
    split.add_argument(
        "--definition",
        action="append",
        default=[],
        help="a <parent> that …; once for each new term, in their order",
    )
    split.add_argument(
        "--parent",
        action="append",
        default=[],
        help="a wider term or kind of the new ones (default: those of the term); may be repeated",
    )
    split.add_argument(
        "--give",
        nargs="+",
        action="append",
        default=[],
        metavar="X",
        help="a new term and what it gets: claims, terms, lists, questions, tensions, properties "
        "and files by name, synonyms and the old label by their words, mappings by their target; "
        "may be repeated",
    )
    split.add_argument(
        "--leave", nargs="+", action="extend", default=[], metavar="X", help="what retires with it"
    )
    split.add_argument(
        "--rest", nargs="+", default=[], metavar="LABEL", help="the new terms that get all others"
    )
    split.add_argument(
        "--plan", type=Path, metavar="FILE", help="a list filled in, as --dry-run prints it"
    )
    split.add_argument(
        "--remove",
        action="store_true",
        help="leave nothing of the term, which no release has published",
    )
    split.add_argument("--contributor", help="who signs the new terms, as in cdmo new term")
    add_dry_run(split)


def _split(arguments: argparse.Namespace) -> int:
    from service.editing.curators import curator
    from service.editing.division import LEFT, divide, listing, refusal
    from service.editing.edits import Edits
    from service.editing.split import Part, belongings_of, split
    from service.sources import locate

    edits = Edits.of(locate())
    root, labels = edits.loaded.sources.root, [" ".join(x.split()) for x in arguments.into]
    old = belongings_of(edits, arguments.term)
    belongings = old.listed()
    given = [*arguments.give, *([[LEFT, *arguments.leave]] if arguments.leave else [])]
    plan = text_of(arguments.plan) if arguments.plan else ""
    division = divide(labels, belongings, given, plan, arguments.rest)
    if missing := division.missing(belongings):
        if not arguments.dry_run:
            raise refusal(division, missing, f"{old.curie} ({old.label})", root)
        sys.stdout.write(listing(division, belongings, root))
        say(f"{len(missing)} of these go nowhere yet: fill in the list, and give it by --plan.")
        return 0
    if len(arguments.definition) != len(labels):
        raise UsageError("Give --definition once for each new term, in the order of --into.")
    person = curator(edits.loaded, arguments.contributor)[0]
    pairs = zip(labels, arguments.definition, strict=True)
    parts = [Part(*pair, arguments.parent) for pair in pairs]
    say("Splitting, and asking the questions anew …")
    contributor = edits.loaded.names.iri(person) or person
    notes, mentions = split(old, parts, division, contributor=contributor, remove=arguments.remove)
    finish(edits, arguments)
    for note in notes:
        say(note)
    say_mentions(mentions, old.label)
    return 0
