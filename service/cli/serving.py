"""The verb that serves."""

import argparse
import os
from pathlib import Path

from service.cli.verbs import Verbs, add_dist, release_of, text_of
from service.problems import UsageError
from service.settings import Settings


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    serve = verbs.add(
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
    add_dist(serve)


def _serve(arguments: argparse.Namespace) -> int:
    from service.server.run import serve

    settings = Settings.from_environment(os.environ, host=arguments.host, port=arguments.port)
    for path in settings.source_files:
        text_of(path)  # fail now, not with the first page
    if arguments.data:
        from service.pipeline.foreign import graph_of, load
        from service.release import passing_folder

        with passing_folder() as folder:
            files = {graph_of(path): path for path in arguments.data}
            if len(files) < len(arguments.data):
                raise UsageError("Two files have the same name; their graphs would be one.")
            return serve(settings, load(files, folder))
    return serve(settings, release_of(arguments))
