"""The verbs that publish, make and compare releases."""

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from service.cli.edit_steps import add_dry_run, finish
from service.cli.verbs import (
    Verbs,
    add_dist,
    add_source,
    dist_of,
    edits_of,
    release_of,
    say,
    text_of,
)


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

    build = verbs.add(
        "build",
        _build,
        "build the release",
        "  cdmo build\n  cdmo build --dist out --source article.txt\n"
        "  cdmo build --with hp.obo maxo.owl\n",
    )
    add_source(build)
    build.add_argument(
        "--previous",
        type=Path,
        metavar="FOLDER",
        help="the previous release, for the log of changes (default: the latest in --dist)",
    )
    build.add_argument(
        "--with",
        dest="others",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="vocabularies (RDF or OBO) to be queried beside ours, in graphs of their own",
    )
    add_dist(build)

    release = verbs.add(
        "release",
        _release,
        "make the sources those of a version, and list the IRIs that it publishes",
        "  cdmo release 0.2.0 --dry-run\n  cdmo release 0.2.0\n",
    )
    release.add_argument("version", help="three numbers, higher than the last version released")
    add_dry_run(release)

    diff = verbs.add(
        "diff",
        _diff,
        "list what one release changed since another",
        "  cdmo diff dist/0.1.0+63a838353eb8 dist/current\n  cdmo diff --format json old/ new/\n"
        "  cdmo diff --format markdown old/ new/ > comment.md\n",
    )
    diff.add_argument("old", type=Path, help="folder of the release before")
    diff.add_argument("new", type=Path, help="folder of the release after")
    diff.add_argument(
        "--format",
        default="text",
        choices=["text", "json", "markdown"],
        help="default text; Markdown is for pull requests",
    )


def _publish(arguments: argparse.Namespace) -> None:
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


def _build(arguments: argparse.Namespace) -> None:
    from service.pipeline import build
    from service.release import open_release
    from service.sources import locate

    documents = [text_of(path) for path in arguments.source]
    previous = open_release(arguments.previous) if arguments.previous else None
    release = build(
        locate(),
        dist_of(arguments),
        documents=documents,
        previous=previous,
        others=arguments.others,
        report=say,
    )
    print(release.path)


def _release(arguments: argparse.Namespace) -> None:
    from service.editing.publish import publish, refuse_unready
    from service.editing.trial import refuse_errors

    edits, version = edits_of(arguments), arguments.version
    root = edits.loaded.sources.root
    refuse_unready(root, f"v{version}")
    new = publish(edits, version, date.today())
    say("Checking, as the sources are and as they are to be …")
    refuse_errors(edits)
    finish(edits, arguments)
    say(f"{len(new):,} IRIs are published for the first time, and stay from now on.")
    if not arguments.dry_run:
        say("Read what has changed (git diff), then:")
        print(f"git -C {root} commit --all --message 'Release {version}'")
        print(f"git -C {root} tag --annotate v{version} --message 'CDMO {version}'")
        print(f"git -C {root} push --follow-tags")
        print("cdmo build --dist releases")
        say("Keep releases/: the next version tells what it changes since this one.")


def _diff(arguments: argparse.Namespace) -> None:
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
        is_markdown = arguments.format == "markdown"
        print("\n".join(changes.markdown(names) if is_markdown else changes.lines(names)))
