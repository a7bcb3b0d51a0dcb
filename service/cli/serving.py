"""The verb that serves."""

import argparse
import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from service.cli.verbs import Verbs, add_dist, dist_of, release_of, say, text_of
from service.cli.watching import State, changes, state
from service.problems import UsageError
from service.settings import Settings

if TYPE_CHECKING:
    from service.sources import Sources


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    serve = verbs.add(
        "serve",
        _serve,
        "serve the release, building it first if its sources have changed",
        "  cdmo serve --port 9000\n  SERVICE_QUERY_SECONDS=5 cdmo serve\n"
        "  cdmo serve --endpoint http://127.0.0.1:3030/ds/query\n"
        "  cdmo serve --watch\n  cdmo serve --data mine.ttl other.nq.gz\n",
    )
    serve.add_argument(
        "--watch",
        action="store_true",
        help="build again at each change of the sources; open pages show what came of it",
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
    serve.add_argument(
        "--endpoint",
        metavar="URL[,URL…]",
        help="have this SPARQL 1.1 store answer queries, or one of several copies of it",
    )
    add_dist(serve)


def _serve(arguments: argparse.Namespace) -> int:
    from service.server.run import serve

    if arguments.watch and (arguments.release or arguments.data):
        raise UsageError("--watch builds from the sources: leave out --release and --data.")
    settings = Settings.from_environment(
        os.environ, host=arguments.host, port=arguments.port, endpoints=arguments.endpoint
    )
    for path in settings.source_files:
        text_of(path)  # fail now, not with the first page
    if arguments.data:
        from service.library import CATALOGUE, write_catalogue
        from service.names import Names
        from service.pipeline.foreign import graph_of, load
        from service.release import open_store, temporary_folder

        with temporary_folder() as folder:
            files = {graph_of(path): path for path in arguments.data}
            if len(files) < len(arguments.data):
                raise UsageError("Two files have the same name; their graphs would be one.")
            release = load(files, folder, report=say)
            names = Names(release.manifest.prefixes)
            write_catalogue(open_store(release), names, release.path / CATALOGUE)
            return serve(settings, release)
    if arguments.watch:
        with TemporaryDirectory(prefix="cdmo-") as folder:
            return _serve_watched(settings, dist_of(arguments), Path(folder, "notice"))
    latest = arguments.release or dist_of(arguments) / "current"
    return serve(settings, release_of(arguments), latest.absolute())


def _serve_watched(settings: Settings, dist: Path, notice: Path) -> int:
    from service.release import current
    from service.server.run import serve
    from service.sources import locate

    sources = locate()
    seen = state(sources.files)
    # In processes of their own: the one that serves is forked from this one, and needs no pipeline;
    # and before this one opens a store, whose threads no fork has.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    aside = partial(multiprocessing.get_context("fork").Process, daemon=True)
    first = aside(target=_build, args=(sources, dist, notice))
    first.start()
    first.join()
    again = aside(target=_build_again, args=(sources, dist, notice, seen, os.getpid()))
    again.start()
    say(f"Watching {os.path.relpath(sources.ontology)} and {os.path.relpath(sources.mappings)}")
    return serve(settings, current(dist), dist.absolute() / "current", notice)


def _build_again(sources: "Sources", dist: Path, notice: Path, seen: State, parent: int) -> None:
    """Build at each change of the sources, and tell the process that serves.

    :param seen: the state of the sources that was built last.
    """
    from service.engine.sandbox import die_with_parent

    die_with_parent(parent)
    with suppress(KeyboardInterrupt):
        for _ in changes(lambda: state(sources.files), since=seen):
            _build(sources, dist, notice)
            os.kill(parent, signal.SIGHUP)


def _build(sources: "Sources", dist: Path, notice: Path) -> None:
    """Build a release, or write down the first finding that prevents it."""
    from service.pipeline import build
    from service.pipeline.causes import fold
    from service.pipeline.report_formats import to_text

    finding = ""
    try:
        build(sources, dist, report=say)
    except Exception as fault:  # noqa: BLE001 - a file that is half written, or gone meanwhile
        finding = str(fault)
        if violations := getattr(fault, "extras", {}).get("violations"):
            findings = fold(violations)
            finding = str(findings[0].root).partition("\n")[0]
            sys.stderr.write(to_text(findings))
        else:
            say(f"cdmo: {finding}")
    temporary = notice.with_suffix(".new")
    temporary.write_text(finding, "utf-8")
    temporary.replace(notice)
