"""The verbs that export data for other tools, and import their edits of the sources."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from service.cli.edit_steps import add_dry_run, finish
from service.cli.verbs import Verbs, add_dist, edits_of, release_of, say, text_of
from service.problems import UsageError

if TYPE_CHECKING:
    from service.editing.edits import Edits

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
"""The forms in which sources are exported, with their descriptions and examples."""


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
    forms = Verbs(export, "form", "form")
    _add_site(forms)
    for form, help_text, examples in SOURCES:
        parser = forms.add(form, _export, help_text, examples)
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


def _add_site(forms: Verbs) -> None:
    site = forms.add(
        "site",
        _export_site,
        "write the whole site as files, for any web server",
        "  cdmo export site public/              then python -m http.server -d public\n"
        "  cdmo export site public/ --public https://example.github.io/cdmo/\n"
        "  cdmo export site public/ --formats ttl,json\n",
    )
    site.add_argument("target", type=Path, help="a new folder, or that of an earlier export")
    site.add_argument(
        "--public",
        default="",
        metavar="URL",
        help="where it will be found: adds a sitemap, redirects for w3id.org and the like",
    )
    site.add_argument(
        "--formats",
        metavar="SUFFIXES",
        help="formats of each thing beside its page (default: ttl,jsonld,json,rdf,nt); none: ''",
    )
    site.add_argument("--release", type=Path, help="export this release folder; build nothing")
    site.add_argument(
        "--source",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="source documents whose text the pages show; whoever finds the site reads it",
    )
    add_dist(site)


def _export_site(arguments: argparse.Namespace) -> None:
    from service.export import DATA, export

    known = {fmt.extension: fmt for fmt in DATA}
    chosen = list(DATA)
    if arguments.formats is not None:
        names = [name.strip().lstrip(".") for name in arguments.formats.split(",") if name.strip()]
        if unknown := [name for name in names if name not in known]:
            raise UsageError(
                f"There is no format {', '.join(unknown)}. Formats are {', '.join(known)}."
            )
        chosen = [fmt for fmt in DATA if fmt.extension in names]
    for path in arguments.source:
        text_of(path)
    count = export(
        release_of(arguments),
        arguments.target,
        say,
        chosen=chosen,
        public=arguments.public,
        source_files=tuple(arguments.source),
    )
    print(f"{arguments.target}: {count} files written")
    if not arguments.public:
        say("Without --public no sitemap.xml, robots.txt, opensearch.xml and w3id/.htaccess.")


def _export(arguments: argparse.Namespace) -> None:
    from service.editing.owl import folder
    from service.editing.sheets import exchange

    loaded = edits_of(arguments).loaded
    export = exchange.export if arguments.form == "sheets" else folder.export
    for path in export(loaded, arguments.target):
        print(f"{path}: written")


def _import(arguments: argparse.Namespace) -> None:
    from service.editing.owl import saved
    from service.editing.sheets import exchange

    edits, path = edits_of(arguments), arguments.file
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
        return
    finish(edits, arguments)
    if not arguments.dry_run:
        _ask_anew(edits)
        say("Now run: cdmo check")


def _ask_anew(edits: "Edits") -> None:
    """Name the questions whose answers from the sources are not as expected, as a check does."""
    from service.pipeline import attempt, integrity
    from service.pipeline.causes import fold
    from service.pipeline.report_formats import to_text
    from service.pipeline.violations import errors

    say("Asking the questions anew …")
    violations = attempt(edits.loaded.sources, edits.memory)[1]
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
