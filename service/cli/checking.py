"""The verbs that explain rules, put the sources in order, and hold them against a document."""

import argparse
import sys
from pathlib import Path

from service.cli.editing import add_dry_run, finish
from service.cli.verbs import Verbs, say, text_of


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    explain = verbs.add(
        "explain",
        _explain,
        "explain a rule: what must hold, why, how to mend it, with an example",
        "  cdmo explain claim-without-passage\n  cdmo explain          list all rules\n",
    )
    explain.add_argument("rule", nargs="?", help="the name in brackets behind error or warning")

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
        "propose the source block, sections and passages of a document, as Turtle",
        "  cdmo segment article.txt --source abcd\n"
        "  cdmo segment article.txt --source abcd --write\n",
    )
    segment.add_argument("file", type=Path, help="the document, UTF-8 text")
    segment.add_argument("--source", default="cdct", help="local name of the source (default cdct)")
    segment.add_argument("--language", default="en", help="BCP 47 tag of the text (default en)")
    segment.add_argument("--write", action="store_true", help="write them into ontology/claims/")
    add_dry_run(segment)

    verify = verbs.add(
        "verify-source",
        _verify_source,
        "verify every recorded passage in its source document",
        "  cdmo verify-source article.txt\n  cdmo verify-source article.txt guide.txt\n",
    )
    verify.add_argument("files", nargs="+", type=Path, help="the documents, UTF-8 text")


def _explain(arguments: argparse.Namespace) -> int:
    from service.pipeline.loading import load
    from service.pipeline.rule_book import find, read_rules
    from service.sources import locate

    rules = read_rules(load(locate())[0])
    if arguments.rule:
        sys.stdout.write(str(find(rules, arguments.rule)))
        return 0
    width = max(map(len, rules))
    for rule in rules.values():
        print(f"{rule.name.ljust(width)}  {rule.severity.ljust(7)}  {rule.demand}")
    return 0


def _format(arguments: argparse.Namespace) -> int:
    from service.pipeline.format import format_sources
    from service.pipeline.guide import format_guide
    from service.pipeline.loading import load, read_prefixes
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
    if not arguments.files:
        changed += format_guide(load(sources)[0], check=arguments.check)
    for path in changed:
        print(f"{path}: {'is not in the house order' if arguments.check else 'written'}")
    return 1 if changed and arguments.check else 0


def _segment(arguments: argparse.Namespace) -> int:
    from service.editing.edits import Edits
    from service.editing.new_source import NewSource, add_source, head_triples, passage_triples
    from service.pipeline.loading import read_prefixes
    from service.rdf.turtle import write
    from service.sources import locate

    new = NewSource(arguments.source, text_of(arguments.file), arguments.language)
    if arguments.write or arguments.dry_run:
        edits = Edits.of(locate())
        add_source(edits, new)
        finish(edits, arguments)
        say("Next: correct kinds, sections and reasons there, then cdmo new claim")
        return 0
    triples = [*head_triples(new), *passage_triples(new)]
    sys.stdout.write(write(triples, read_prefixes(locate()).prefixes))
    return 0


def _verify_source(arguments: argparse.Namespace) -> int:
    from service.pipeline import verify_source
    from service.pipeline.causes import fold
    from service.pipeline.report_formats import to_text
    from service.sources import locate

    recognitions, violations = verify_source(locate(), *map(text_of, arguments.files))
    sys.stdout.write(to_text(fold(violations)))
    for path, recognition in zip(arguments.files, recognitions, strict=True):
        print(f"{path}: {recognition.summary()}")
    return 1 if violations else 0
