"""The verbs that check the sources and put them in order."""

import argparse
import sys
from pathlib import Path

from service.cli.verbs import Verbs, add_source, say, text_of


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    check = verbs.add(
        "check",
        _check,
        "check the ontology and the mapping sets",
        "  cdmo check\n  cdmo check --source article.txt\n",
    )
    add_source(check)

    formatter = verbs.add(
        "format",
        _format,
        "write Turtle files in the house's order, with labels behind identifiers",
        "  cdmo format\n  cdmo format --check ontology/modules/tests.ttl\n",
    )
    formatter.add_argument("files", nargs="*", type=Path, help="files (default: all of ontology/)")
    formatter.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if a file is not in order"
    )

    segment = verbs.add(
        "segment",
        _segment,
        "propose the passages of a source document, as Turtle",
        "  cdmo segment article.txt --source cdct > passages.ttl\n",
    )
    segment.add_argument("file", type=Path, help="the document, UTF-8 text")
    segment.add_argument("--source", default="cdct", help="local name of the source (default cdct)")

    verify = verbs.add(
        "verify-source",
        _verify_source,
        "verify every recorded passage in the source document",
        "  cdmo verify-source article.txt\n",
    )
    verify.add_argument("file", type=Path, help="the document, UTF-8 text")


def _check(arguments: argparse.Namespace) -> int:
    from service.pipeline import check
    from service.sources import locate

    document = text_of(arguments.source) if arguments.source else None
    violations = check(locate(), document)
    for violation in violations:
        print(violation)
    errors = sum(violation.severity == "error" for violation in violations)
    warnings = len(violations) - errors
    say(f"{errors} errors, {warnings} warnings" if violations else "All checks passed.")
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

    text = text_of(arguments.file)
    sys.stdout.write(to_turtle(segment(text, arguments.source), text, arguments.source))
    return 0


def _verify_source(arguments: argparse.Namespace) -> int:
    from service.pipeline import verify_source
    from service.sources import locate

    verification, violations = verify_source(locate(), text_of(arguments.file))
    for violation in violations:
        print(violation)
    print(verification.summary())
    return 1 if violations else 0
