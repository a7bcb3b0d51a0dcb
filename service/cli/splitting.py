"""The verb that splits a term."""

import argparse
import sys
from pathlib import Path

from service import iris
from service.cli.edit_steps import add_dry_run, finish, say_mentions
from service.cli.verbs import Verbs, edits_of, say, text_of
from service.problems import UsageError


def add_verbs(verbs: Verbs) -> None:
    """Add the verb."""
    split = verbs.add(
        "split",
        _split,
        "split a term into others, each with what you give it; the term is retired",
        "  cdmo split CDMO:0000632 --into 'strain on muscles' 'strain on joints' --dry-run\n"
        "  cdmo split CDMO:0000632 --into 'strain on muscles' 'strain on joints' \\\n"
        "      --definition 'a mechanism that …' --definition 'a mechanism that …' \\\n"
        "      --give 'strain on muscles' tension:0095 --leave waivers.ttl --plan plan.tsv\n"
        "  cdmo split pain --into CDMO:0000107 'pain after an operation' --dry-run\n",
    )
    split.add_argument("term", help="the term: a CURIE, an IRI or its label")
    split.add_argument(
        "--into",
        nargs="+",
        required=True,
        metavar="PART",
        help="labels of the new terms; the CURIE of one that is there already",
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


def _split(arguments: argparse.Namespace) -> None:
    from service.editing.curators import curator
    from service.editing.division import LEFT, divide, listing, refusal
    from service.editing.split import Part, belongings_of, split, term_of

    edits = edits_of(arguments)
    root, labels = edits.loaded.sources.root, [" ".join(x.split()) for x in arguments.into]
    names = edits.loaded.names
    there = {x: term_of(edits, x) for x in labels if names.iri(x) or x.startswith(iris.TERM)}
    called = {name: label for name, (_, label) in there.items()}
    labels = [called.get(x, x) for x in labels]
    old = belongings_of(edits, arguments.term)
    belongings = old.listed()
    given = [*arguments.give, *([[LEFT, *arguments.leave]] if arguments.leave else [])]
    # A narrower term among the parts takes the place of the old one below its parents.
    named = {key for _, *keys in given for key in keys}
    own = [[label, names.curie(iri) or iri] for iri, label in there.values()]
    given += [x for x in own if x[1] in {b.key for b in belongings} - named]
    plan = text_of(arguments.plan) if arguments.plan else ""
    division = divide(labels, belongings, given, plan, arguments.rest, called=called)
    if missing := division.missing(belongings):
        if not arguments.dry_run:
            raise refusal(division, missing, f"{old.curie} ({old.label})", root)
        sys.stdout.write(listing(division, belongings, root))
        say(f"{len(missing)} of these go nowhere yet: fill in the list, and give it by --plan.")
        return
    if len(arguments.definition) != len(labels) - len(there):
        raise UsageError("Give --definition once for each new term, in the order of --into.")
    person = curator(edits.loaded, arguments.contributor)[0]
    definitions, iri_of = iter(arguments.definition), {label: iri for iri, label in there.values()}
    parts = [
        Part(x, iri=iri_of[x]) if x in iri_of else Part(x, next(definitions), arguments.parent)
        for x in labels
    ]
    say("Splitting, and asking the questions anew …")
    contributor = edits.loaded.names.iri(person) or person
    notes, mentions = split(old, parts, division, contributor=contributor, remove=arguments.remove)
    finish(edits, arguments, notes)
    say_mentions(mentions, old.label)
