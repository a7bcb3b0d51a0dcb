"""The command ``cdmo``: check, build and serve the ontology.

Exit codes: 0 done, 1 the sources, the release or the document have problems,
2 the command line cannot be understood.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service import __version__
from service.problems import Problem, UsageError
from service.settings import Settings

if TYPE_CHECKING:
    from service.names import Names
    from service.release import Release

# The wings are imported inside the verbs that need them: `cdmo serve` of a built release
# starts without rdflib's parsers, pySHACL and owlready2, and `--help` without anything.

Verb = Callable[[argparse.Namespace], int]

DESCRIPTION = "One medical article as an OWL ontology of claims: check it, build it, serve it."
EXAMPLES = """\
examples:
  cdmo serve                          build if needed, serve on http://127.0.0.1:8080/
  cdmo check                          check ontology/ and mappings/ as a compiler would
  cdmo build                          build the release into dist/
  cdmo diff OLD NEW                   what did a release change?
  cdmo query 'SELECT * { ?s ?p ?o } LIMIT 3'
  cdmo verify-source article.txt      is every passage where the ontology records it?
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

    def verb(name: str, run: Verb, help_text: str, examples: str) -> argparse.ArgumentParser:
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
        "  cdmo serve --port 9000\n  SERVICE_QUERY_SECONDS=5 cdmo serve\n"
        "  cdmo serve --data mine.ttl other.nq.gz\n",
    )
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (default 8080)")
    serve.add_argument("--release", type=Path, help="serve this release folder; build nothing")
    serve.add_argument(
        "--data",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="serve these RDF files instead (Turtle, N-Triples, N-Quads, TriG, RDF/XML, JSON-LD)",
    )
    _add_dist(serve)

    build = verb(
        "build",
        _build,
        "build the release",
        "  cdmo build\n  cdmo build --dist out --source article.txt\n",
    )
    _add_source(build)
    build.add_argument(
        "--previous",
        type=Path,
        metavar="FOLDER",
        help="the previous release, for the log of changes (default: the latest in --dist)",
    )
    _add_dist(build)

    diff = verb(
        "diff",
        _diff,
        "list what one release changed since another",
        "  cdmo diff dist/0.1.0+63a838353eb8 dist/current\n  cdmo diff --format json old/ new/\n",
    )
    diff.add_argument("old", type=Path, help="folder of the release before")
    diff.add_argument("new", type=Path, help="folder of the release after")
    diff.add_argument("--format", default="text", choices=["text", "json"], help="default text")

    check = verb(
        "check",
        _check,
        "check the ontology and the mapping sets",
        "  cdmo check\n  cdmo check --source article.txt\n",
    )
    _add_source(check)

    formatter = verb(
        "format",
        _format,
        "write Turtle files in the house's order, with labels behind identifiers",
        "  cdmo format\n  cdmo format --check ontology/modules/tests.ttl\n",
    )
    formatter.add_argument("files", nargs="*", type=Path, help="files (default: all of ontology/)")
    formatter.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if a file is not in order"
    )

    query = verb(
        "query",
        _query,
        "ask the release a SPARQL query, without a server",
        "  cdmo query 'ASK { ?s ?p ?o }'\n  cdmo query --format csv @question.rq\n",
    )
    query.add_argument("query", help="the query, or @FILE, or - for standard input")
    query.add_argument(
        "--format",
        default="table",
        choices=["table", "json", "csv", "tsv", "xml"],
        help="for rows (default table); graphs are always Turtle",
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
        "verify every recorded passage in the source document",
        "  cdmo verify-source article.txt\n",
    )
    verify.add_argument("file", type=Path, help="the document, UTF-8 text")
    return parser


def _add_dist(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dist", type=Path, help="folder of releases (default: dist/ or the cache)"
    )


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--source", type=Path, help="the source document; verify every passage in it as well"
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


def _dist(arguments: argparse.Namespace) -> Path:
    """Return the folder of releases: as asked, or the checkout's, or the user's cache."""
    if arguments.dist is not None:
        return Path(arguments.dist)
    checkout = Path(__file__).parents[1]
    if (checkout / "pyproject.toml").is_file():
        return checkout / "dist"
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "cdmo"


def _release(arguments: argparse.Namespace) -> "Release":
    """Return the release to work on: the one asked for, or ours, built if it is out of date."""
    from service.release import built_from, open_release
    from service.sources import locate

    if arguments.release is not None:
        return open_release(arguments.release)
    sources, dist = locate(), _dist(arguments)
    if release := built_from(dist, sources.identity):
        return release
    from service.pipeline import build

    return build(sources, dist, report=_say)


def _serve(arguments: argparse.Namespace) -> int:
    from service.server.run import serve

    settings = Settings.from_environment(os.environ, host=arguments.host, port=arguments.port)
    if settings.source_file:
        _text_of(settings.source_file)  # fail now, not with the first page
    if arguments.data:
        from service.pipeline.foreign import graph_of, load
        from service.release import passing_folder

        with passing_folder() as folder:
            files = {graph_of(path): path for path in arguments.data}
            if len(files) < len(arguments.data):
                raise UsageError("Two files have the same name; their graphs would be one.")
            return serve(settings, load(files, folder))
    return serve(settings, _release(arguments))


def _build(arguments: argparse.Namespace) -> int:
    from service.pipeline import build
    from service.release import open_release
    from service.sources import locate

    document = _text_of(arguments.source) if arguments.source else None
    previous = open_release(arguments.previous) if arguments.previous else None
    release = build(locate(), _dist(arguments), document=document, previous=previous, report=_say)
    print(release.path)
    return 0


def _diff(arguments: argparse.Namespace) -> int:
    from service.changes import to_json
    from service.names import Names
    from service.pipeline import difference
    from service.release import open_release

    old, new = open_release(arguments.old), open_release(arguments.new)
    changes = difference(old, new)
    if arguments.format == "json":
        sys.stdout.write(to_json([changes]))
    else:
        names = Names({**old.manifest.prefixes, **new.manifest.prefixes})
        print("\n".join(changes.lines(names)))
    return 0


def _query(arguments: argparse.Namespace) -> int:
    import asyncio

    from service import formats
    from service.endpoint import Endpoint
    from service.engine.pool import Pool
    from service.names import Names
    from service.sparql.protocol import Query

    text: str = arguments.query
    if text == "-":
        text = sys.stdin.read()
    elif text.startswith("@"):
        text = _text_of(Path(text[1:]))
    release = _release(arguments)
    names = Names(release.manifest.prefixes)
    missing = [f"PREFIX {p}: <{ns}> " for p, ns in names.prefixes.items() if f"{p}:" in text]
    pool = Pool(release, Settings.from_environment(os.environ))
    endpoint = Endpoint(release, pool)
    table = arguments.format == "table"
    solutions = formats.JSON if table else formats.by_name(arguments.format, formats.SOLUTIONS)
    accept = f"{solutions.media_type if solutions else ''}, text/turtle;q=0.9"

    async def run() -> tuple[str, bytes]:
        await pool.start()
        try:
            query = Query("".join(missing) + text)
            result, data = await endpoint.answer_whole(endpoint.plan(query, accept))
            return result.kind, data
        finally:
            await pool.close()

    kind, data = asyncio.run(run())
    if not table or kind == "graph":
        sys.stdout.buffer.write(data)
    elif kind == "boolean":
        print("yes" if json.loads(data)["boolean"] else "no")
    else:
        _print_table(json.loads(data), names)
    return 0


def _print_table(result: dict[str, Any], names: "Names") -> None:
    """Print a solution sequence as aligned columns, IRIs as CURIEs, unbound as nothing."""
    header = result["head"]["vars"]
    rows = [header]
    for solution in result["results"]["bindings"]:
        values = [solution.get(name, {}).get("value", "") for name in header]
        rows.append([names.curie(value) or value for value in values])
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        print("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())


def _check(arguments: argparse.Namespace) -> int:
    from service.pipeline import check
    from service.sources import locate

    document = _text_of(arguments.source) if arguments.source else None
    violations = check(locate(), document)
    for violation in violations:
        print(violation)
    errors = sum(violation.severity == "error" for violation in violations)
    warnings = len(violations) - errors
    _say(f"{errors} errors, {warnings} warnings" if violations else "All checks passed.")
    return 1 if errors else 0


def _format(arguments: argparse.Namespace) -> int:
    from service.pipeline.format import format_sources
    from service.pipeline.loading import read_prefixes
    from service.sources import locate

    sources = locate()
    files = arguments.files or sources.turtle_files
    folder = sources.ontology.resolve()
    inside = all(path.resolve().is_relative_to(folder) for path in files)
    changed = format_sources(
        files,
        read_prefixes(sources).prefixes,
        sources=sources if inside else None,
        check=arguments.check,
    )
    for path in changed:
        print(f"{path}: {'is not in the house order' if arguments.check else 'written'}")
    return 1 if changed and arguments.check else 0


def _segment(arguments: argparse.Namespace) -> int:
    from service.pipeline.passages import segment, to_turtle

    text = _text_of(arguments.file)
    sys.stdout.write(to_turtle(segment(text, arguments.source), text, arguments.source))
    return 0


def _verify_source(arguments: argparse.Namespace) -> int:
    from service.pipeline import verify_source
    from service.sources import locate

    verification, violations = verify_source(locate(), _text_of(arguments.file))
    for violation in violations:
        print(violation)
    print(verification.summary())
    return 1 if violations else 0
