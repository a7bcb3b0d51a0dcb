"""The verbs that make and compare releases."""

import argparse
import sys
from datetime import date
from pathlib import Path

from service.cli.editing import add_dry_run, finish
from service.cli.verbs import Verbs, add_dist, add_source, dist_of, edits_of, say, text_of


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
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


def _build(arguments: argparse.Namespace) -> int:
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
    return 0


def _release(arguments: argparse.Namespace) -> int:
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
        is_markdown = arguments.format == "markdown"
        print("\n".join(changes.markdown(names) if is_markdown else changes.lines(names)))
    return 0
