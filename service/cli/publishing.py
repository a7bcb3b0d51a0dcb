"""The verb that publishes a release to a store."""

import argparse
import time
from pathlib import Path

from service.cli.verbs import Verbs, add_dist, release_of, say


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    publish = verbs.add(
        "publish",
        _publish,
        "load the release into a SPARQL 1.1 store, for `cdmo serve --endpoint`",
        "  cdmo publish --to http://127.0.0.1:3030/ds        # Fuseki: the address of a dataset\n"
        "  cdmo publish --to http://127.0.0.1:7878           # oxigraph serve\n"
        "  cdmo publish --to http://127.0.0.1:8890/sparql    # Virtuoso\n"
        "  cdmo publish --to http://127.0.0.1:7200/repositories/cdmo \\\n"
        "    --update http://127.0.0.1:7200/repositories/cdmo/statements \\\n"
        "    --graphs http://127.0.0.1:7200/repositories/cdmo/rdf-graphs/service\n",
    )
    publish.add_argument(
        "--to", required=True, metavar="URL", help="dataset of the store, name:password@ if needed"
    )
    publish.add_argument("--update", default="", metavar="URL", help="where it takes updates")
    publish.add_argument(
        "--graphs", default="", metavar="URL", help="where it has the Graph Store Protocol"
    )
    publish.add_argument("--release", type=Path, help="publish this release folder; build nothing")
    add_dist(publish)


def _publish(arguments: argparse.Namespace) -> int:
    from service.remote.connection import shown
    from service.remote.publication import publish
    from service.remote.store import find_store

    release = release_of(arguments)
    store = find_store(arguments.to, arguments.update, arguments.graphs)
    say(f"Publishing {release.path.name} to {store.adapter.name} at {shown(arguments.to)}")
    begun = time.monotonic()
    if publish(release, store, report=say):
        say(f"Published in {time.monotonic() - begun:.1f} s.")
    else:
        say("The store holds this release already.")
    print(f"cdmo serve --endpoint {shown(store.query_url)}")
    return 0
