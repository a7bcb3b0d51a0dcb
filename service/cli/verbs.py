"""The parser of the command line, and options and readers that several verbs share."""

import argparse
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from service import __version__
from service.problems import UsageError
from service.settings import Settings

if TYPE_CHECKING:
    from service.editing.edits import Edits
    from service.release import Release

Verb = Callable[[argparse.Namespace], int | None]
"""The function of a verb; it returns an exit code; None is 0."""

DESCRIPTION = "One medical article as an OWL ontology of claims: check it, build it, serve it."
EXAMPLES = """\
examples:
  cdmo serve                          build if needed, serve on http://127.0.0.1:8080/
  cdmo check                          check ontology/ and mappings/ as a compiler would
  cdmo build                          build the release into dist/
  cdmo diff OLD NEW                   what did a release change?
  cdmo new claim --subject nifedipine --object pain
  cdmo accept                         which questions are answered otherwise now?
  cdmo query 'SELECT * { ?s ?p ?o } LIMIT 3'
  cdmo verify-source article.txt      is every passage where the ontology records it?
"""


class Verbs:
    """The verbs of ``cdmo``, or the forms of one of them.

    :param parser: of the verb that has forms.
    :param dest: the argument that holds the name of the form.
    """

    def __init__(
        self,
        parser: argparse.ArgumentParser | None = None,
        dest: str = "verb",
        metavar: str = "command",
    ) -> None:
        self.parser = parser or _whole()
        self._verbs = self.parser.add_subparsers(dest=dest, metavar=metavar, required=True)

    def add(self, name: str, run: Verb, help_text: str, examples: str) -> argparse.ArgumentParser:
        """Add a verb and return its parser, for its arguments."""
        verb = self._verbs.add_parser(
            name,
            help=help_text,
            description=help_text[0].upper() + help_text[1:] + ".",
            epilog="examples:\n" + examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        verb.set_defaults(run=run)
        return verb


def _whole() -> argparse.ArgumentParser:
    """Return the parser of the command line, without its verbs."""
    parser = argparse.ArgumentParser(
        prog="cdmo",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cdmo {__version__}")
    return parser


def add_dist(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--dist`` to a verb that reads or writes releases."""
    parser.add_argument(
        "--dist", type=Path, help="folder of releases (default: dist/ or the cache)"
    )


def add_source(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--source`` to a verb that can verify passages."""
    parser.add_argument(
        "--source",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="source documents; verify every passage in its own, and what it supports, as well",
    )


def day_of(words: str) -> date:
    """Return the day that an option names, for argparse."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{words} is no day, such as 2026-11-28") from None


def say(line: str) -> None:
    """Write a line of progress to standard error."""
    print(line, file=sys.stderr, flush=True)


def text_of(path: Path) -> str:
    """Return the text of a UTF-8 file.

    :raises UsageError: if it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start})") from None


def documents_of(arguments: argparse.Namespace) -> list[str]:
    """Return the texts of the documents at hand: ``--source``, or those of the settings."""
    default = Settings.from_environment(os.environ).source_files
    return [text_of(path) for path in arguments.source or default]


def edits_of(arguments: argparse.Namespace) -> "Edits":
    """Read the sources to edit, with the remembered results of earlier checks."""
    from service.editing.edits import Edits
    from service.pipeline.memory import Memory
    from service.sources import locate

    return Edits.of(locate(), Memory.of(dist_of(arguments)))


def dist_of(arguments: argparse.Namespace) -> Path:
    """Return the folder of releases: the one named, or that of the checkout, or the cache."""
    from service.sources import locate

    if getattr(arguments, "dist", None) is not None:
        return Path(arguments.dist)
    root = locate().root
    if (root / "pyproject.toml").is_file():
        return root / "dist"
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "cdmo"


def release_of(arguments: argparse.Namespace) -> "Release":
    """Return the release to work on: the one named, or ours, built if it is out of date."""
    from service.release import built_from, open_release
    from service.sources import locate

    if path := getattr(arguments, "release", None):
        return open_release(path)
    sources, dist = locate(), dist_of(arguments)
    if release := built_from(dist, sources.identity):
        return release
    from service.pipeline import build

    return build(sources, dist, report=say)
