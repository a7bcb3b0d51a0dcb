"""The command ``cdmo``: check, build and serve the ontology.

Exit codes: 0 done, 1 the sources, the release or the document have problems,
2 the command line cannot be understood.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from service import __version__
from service.problems import Problem, UsageError
from service.settings import Settings

DESCRIPTION = "One medical article as an OWL ontology of claims: check it, build it, serve it."
EXAMPLES = """\
examples:
  cdmo serve                          build if needed, serve on http://127.0.0.1:8080/
  cdmo check                          check ontology/ and mappings/ as a compiler would
  cdmo build                          build the release into dist/
  cdmo query 'SELECT * { ?s ?p ?o } LIMIT 3'
  cdmo verify-source article.txt      does every passage still stand where we say?
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cdmo",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cdmo {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="command", required=True)

    def verb(name: str, run: Any, help_text: str, examples: str) -> argparse.ArgumentParser:
        sub = verbs.add_parser(
            name,
            help=help_text,
            description=help_text[0].upper() + help_text[1:] + ".",
            epilog="examples:\n" + examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(run=run)
        return sub

    serve = verb(
        "serve",
        _serve,
        "serve the release, building it first if its sources have changed",
        "  cdmo serve --port 9000\n  SERVICE_QUERY_SECONDS=5 cdmo serve\n",
    )
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (default 8080)")
    serve.add_argument("--release", type=Path, help="serve this release folder; build nothing")
    _add_dist(serve)

    build = verb(
        "build", _build, "build the release", "  cdmo build\n  cdmo build --dist /tmp/out\n"
    )
    _add_dist(build)

    verb("check", _check, "check the ontology and the mapping sets", "  cdmo check\n")

    formatter = verb(
        "format",
        _format,
        "write Turtle files in the house's order",
        "  cdmo format\n  cdmo format --check ontology/modules/tests.ttl\n",
    )
    formatter.add_argument("files", nargs="*", type=Path, help="files (default: all of ontology/)")
    formatter.add_argument("--check", action="store_true", help="change nothing; exit 1 if needed")

    query = verb(
        "query",
        _query,
        "ask the release a SPARQL query, without a server",
        "  cdmo query 'ASK { ?s ?p ?o }'\n  cdmo query --format csv @question.rq\n",
    )
    query.add_argument("query", help="the query, or @FILE, or - for standard input")
    query.add_argument(
        "--format", default="table", help="table, json, csv, tsv, xml; for graphs turtle, ntriples"
    )
    query.add_argument("--release", type=Path, help="ask this release folder")
    _add_dist(query)

    segment = verb(
        "segment",
        _segment,
        "propose the passages of a source document, as Turtle",
        "  cdmo segment article.txt --source cdct > passages.ttl\n",
    )
    segment.add_argument("file", type=Path, help="the document, UTF-8 text")
    segment.add_argument("--source", default="cdct", help="local name of the source (default cdct)")

    verify = verb(
        "verify-source",
        _verify_source,
        "hold every passage against the source document",
        "  cdmo verify-source article.txt\n",
    )
    verify.add_argument("file", type=Path, help="the document, UTF-8 text")
    return parser


def _add_dist(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dist", type=Path, help="folder of releases (default: dist/ or the cache)"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line ``argv`` (default: the process's) and return the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments) or 0)
    except Problem as problem:
        for violation in problem.extras.get("violations", ()):
            print(violation, file=sys.stderr)
        print(f"cdmo: {problem.title}: {problem.detail}", file=sys.stderr)
        return problem.exit_code
    except BrokenPipeError:
        # The reader of our output went away (`cdmo query … | head`): not our failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start})") from None
