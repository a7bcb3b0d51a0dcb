"""The form of ``cdmo export`` that writes the whole site as files."""

import argparse
from pathlib import Path
from typing import Any

from service.cli.verbs import add_dist, in_words, release_of, say, text_of
from service.problems import UsageError

HELP = "write the whole site as files, for any web server"
EXAMPLES = """\
  cdmo export site public/              then python -m http.server -d public
  cdmo export site public/ --public https://example.github.io/cdmo/
  cdmo export site public/ --formats ttl,json
"""


def add_form(forms: Any) -> None:
    """Add the form to those of ``cdmo export``."""
    site = forms.add_parser("site", help=HELP, **in_words(HELP, EXAMPLES))
    site.set_defaults(run=_export)
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


def _export(arguments: argparse.Namespace) -> int:
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
    return 0
