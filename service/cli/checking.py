"""The verbs that explain rules, put the sources in order, and hold them against a document."""

import argparse
import sys
from pathlib import Path

from service.cli.edit_steps import Missing, add_dry_run, begin, complete, conclude, finish
from service.cli.verbs import Verbs, edits_of, say, text_of
from service.problems import UsageError


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    explain = verbs.add(
        "explain",
        _explain,
        "explain a rule: what must hold, why, how to mend it, with an example",
        "  cdmo explain claim-without-passage\n  cdmo explain          list all rules\n",
    )
    explain.add_argument("rule", nargs="?", help="the name in brackets behind error or warning")

    waive = verbs.add(
        "waive",
        _waive,
        "except one thing, or one citation, from a rule, with the reason",
        "  cdmo waive 'pain patch' miscellaneous-class --reason 'The article names no other.'\n"
        "  cdmo waive claim:0000039 citation-flat --passage 13 --reason 'May bears on size.'\n",
    )
    waive.add_argument("name", help="a CURIE, an IRI, a term by its label or a claim by its words")
    waive.add_argument("rule", help="the name in brackets behind error or warning")
    waive.add_argument("--passage", default="", help="of the citation: its number or name")
    waive.add_argument("--reason", help="why the rule does not hold there, in a sentence")
    add_dry_run(waive)

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
        "  cdmo segment article.txt --source abcd --write\n"
        "  cdmo segment guide.txt --source guide --write --short-label 'guide for families' \\\n"
        "      --sort 'leaflet for the public' --description 'A leaflet of two pages.'\n",
    )
    segment.add_argument("file", type=Path, help="the document, UTF-8 text")
    segment.add_argument("--source", default="cdct", help="local name of the source (default cdct)")
    segment.add_argument("--language", default="en", help="BCP 47 tag of the text (default en)")
    segment.add_argument("--description", default="", help="what it is, in a sentence")
    segment.add_argument("--sort", default="", help="what sort of document it is")
    segment.add_argument("--short-label", default="", help="what pages call it beside what it says")
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


def _waive(arguments: argparse.Namespace) -> None:
    from service.editing.passage_finder import Passages
    from service.editing.waive import add_waiver

    edits, lookup = begin(arguments)
    complete(arguments, Missing("reason", "why the rule does not hold there"))
    entity = edits.loaded.names.iri(arguments.name) or ""
    if not edits.loaded.place(entity)[0]:
        try:
            entity = lookup.claim(arguments.name)
        except UsageError:
            entity = lookup.term(arguments.name)
    passage = Passages(edits.loaded).find(arguments.passage).iri if arguments.passage else ""
    add_waiver(edits, entity, arguments.rule, arguments.reason, passage)
    conclude(edits, arguments, "", "cdmo check")


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


def _segment(arguments: argparse.Namespace) -> None:
    from service.editing.new_source import NewSource, add_source, head_triples, passage_triples
    from service.pipeline.loading import read_prefixes
    from service.rdf.turtle import write
    from service.sources import locate

    new = NewSource(
        arguments.source,
        text_of(arguments.file),
        arguments.language,
        arguments.description,
        arguments.sort,
        arguments.short_label,
    )
    if arguments.write or arguments.dry_run:
        edits = edits_of(arguments)
        add_source(edits, new)
        finish(edits, arguments)
        say("Next: correct kinds, sections and reasons there, then cdmo new claim")
        return
    triples = [*head_triples(new), *passage_triples(new)]
    sys.stdout.write(write(triples, read_prefixes(locate()).prefixes))


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
