"""The verbs that give what we have to other tools, and take edits of the sources back."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from service.cli import static_site
from service.cli.editing import add_dry_run, finish
from service.cli.verbs import Verbs, in_words, say
from service.problems import UsageError

if TYPE_CHECKING:
    from service.sources import Sources

SOURCES = (
    (
        "sheets",
        "write terms, claims, mappings and questions for spreadsheets",
        "  cdmo export sheets cdmo.xlsx\n  cdmo export sheets tables/\n",
    ),
    (
        "protege",
        "write the ontology's modules for Protégé",
        "  cdmo export protege protege/      then open protege/cdmo-edit.ttl\n",
    ),
)
"""The forms in which sources are exported, with what they are and examples."""


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    export = verbs.add(
        "export",
        _export,
        "write the whole site as files, or the sources for spreadsheets or for Protégé",
        "  cdmo export site public/          then python -m http.server -d public\n"
        "  cdmo export sheets cdmo.xlsx\n  cdmo export sheets tables/\n"
        "  cdmo export protege protege/      then open protege/cdmo-edit.ttl\n",
    )
    forms = export.add_subparsers(dest="form", metavar="form", required=True)
    static_site.add_form(forms)
    for form, help_text, examples in SOURCES:
        parser = forms.add_parser(form, help=help_text, **in_words(help_text, examples))
        parser.add_argument(
            "target",
            type=Path,
            help="a folder; for sheets also a workbook (.xlsx); .tsv needs a folder",
        )

    importer = verbs.add(
        "import",
        _import,
        "take edits of a spreadsheet or of Protégé over into the sources",
        "  cdmo import sheets cdmo.xlsx --dry-run\n  cdmo import sheets tables/\n"
        "  cdmo import protege/\n  cdmo import saved.ttl --base dist/current/ontology.ttl\n",
    )
    importer.add_argument(
        "form", nargs="?", choices=["sheets", "owl"], help="default: by the suffix of the file"
    )
    importer.add_argument(
        "file", type=Path, help="a workbook, TSV, Turtle or RDF/XML, or a folder of them"
    )
    importer.add_argument(
        "--base", type=Path, help="the file that was opened, if it was not exported: a release"
    )
    importer.add_argument(
        "--delete", action="store_true", help="remove from the sources what the file does not have"
    )
    add_dry_run(importer)


def _export(arguments: argparse.Namespace) -> int:
    from service.editing.edits import Edits
    from service.editing.owl import folder
    from service.editing.sheets import exchange
    from service.sources import locate

    loaded = Edits.of(locate()).loaded
    export = exchange.export if arguments.form == "sheets" else folder.export
    for path in export(loaded, arguments.target):
        print(f"{path}: written")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from service.editing.edits import Edits
    from service.editing.owl import saved
    from service.editing.sheets import exchange
    from service.sources import locate

    edits, path = Edits.of(locate()), arguments.file
    if _is_sheets(arguments):
        if arguments.base:
            raise UsageError("--base is for OWL; a row of a sheet knows what it was.")
        sheets = exchange.edits_of(edits, path, delete=arguments.delete)
        _list("rows of the sources are not in the file; they stay without --delete", sheets.kept)
    else:
        owl = saved.edits_of(edits, path, base=arguments.base, delete=arguments.delete)
        _list("terms of the sources are not in the file; they stay without --delete", owl.kept)
        _list("things in the file are not ours and are left out", owl.dropped)
    if not edits.finish():
        say("The file changes nothing.")
        return 0
    finish(edits, arguments)
    if not arguments.dry_run:
        _ask_anew(edits.loaded.sources)
        say("Now run: cdmo check")
    return 0


def _ask_anew(sources: "Sources") -> None:
    """Say which questions the sources answer otherwise than expected, as a check does."""
    from service.pipeline import attempt, integrity
    from service.pipeline.causes import fold
    from service.pipeline.report_formats import to_text
    from service.pipeline.violations import errors

    say("Asking the questions anew …")
    violations = attempt(sources)[1]
    rule = integrity.ANSWERED_OTHERWISE
    if differing := [v for v in violations if v.rule == rule]:
        sys.stderr.write(to_text(fold(differing)))
        say(f"{len(differing)} questions are answered otherwise: read their rows, then cdmo accept")
    elif others := errors(violations):
        say(f"{len(others)} errors come first.")
    else:
        say("All are answered as before.")


def _is_sheets(arguments: argparse.Namespace) -> bool:
    if arguments.form:
        return bool(arguments.form == "sheets")
    path: Path = arguments.file
    return path.suffix.lower() in (".xlsx", ".tsv") or any(path.glob("*.tsv"))


def _list(words: str, names: list[str]) -> None:
    """Name some things on standard error, at most ten."""
    if names:
        say(f"{len(names)} {words}:")
        for name in names[:10]:
            say(f"  {name}")
        if len(names) > 10:
            say(f"  … and {len(names) - 10} more")
