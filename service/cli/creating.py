"""The verb that writes something new: terms, mappings and questions are here.

Claims, citations and tensions are in ``stating``, lists and silent passages in ``structure``.
"""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from service import iris
from service.cli import stating, structure
from service.cli.edit_steps import Missing, add_dry_run, begin, complete, conclude
from service.cli.verbs import Verbs, add_dist, day_of, release_of, say, text_of
from service.problems import UsageError

if TYPE_CHECKING:
    from service.editing.edits import Edits
    from service.editing.lookup import Lookup
    from service.editing.new_mapping import NewSet

MATCHES = ("exact", "close", "broad", "narrow", "related")
_OF_A_SET = (
    Missing("vocabulary", "name of the vocabulary"),
    Missing("license", "address of its licence"),
    Missing("release", "its version"),
    Missing("read_from", "where identifiers and labels were read"),
)
"""The options that the header of a new mapping set needs."""


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    new = verbs.add(
        "new",
        lambda _: 2,
        "write a new term, claim, citation, mapping, question, tension or list",
        "  cdmo new term cyclosporine --parent Intervention "
        "--definition 'a medication that restrains T cells'\n"
        "  cdmo new claim --subject cyclosporine --object immunosuppressant --passage 125\n",
    )
    forms = Verbs(new, "what", "what")
    _add_term(forms)
    stating.add_forms(forms)
    structure.add_forms(forms)
    _add_mapping(forms)
    _add_question(forms)


def _add_term(forms: Verbs) -> None:
    term = forms.add(
        "term",
        _term,
        "write a term with the next identifier of its kind",
        "  cdmo new term cyclosporine --parent Intervention \\\n"
        "      --definition 'a medication that restrains T cells' --exact ciclosporin\n",
    )
    add_dry_run(term)
    term.add_argument("label", nargs="?", help="its name: lower case, singular")
    term.add_argument(
        "--parent",
        action="append",
        default=[],
        help="a wider term, or the kind where a claim gives the parent; may be repeated",
    )
    term.add_argument("--definition", help="a <parent> that …")
    for scope in ("exact", "narrow", "broad", "related"):
        term.add_argument(
            f"--{scope}", action="append", default=[], metavar="NAME", help=f"{scope} synonym"
        )
    term.add_argument("--individual", action="store_true", help="one thing with a name")
    _add_curator(term)
    _add_date(term)


def _add_mapping(forms: Verbs) -> None:
    mapping = forms.add(
        "mapping",
        _mapping,
        "write a row of a mapping set at its sorted place",
        "  cdmo new mapping cyclosporine --predicate close --target RXNORM:3008 "
        "--label cyclosporine\n"
        "  cdmo new mapping cyclosporine --not-found rxnorm\n"
        "  cdmo new mapping stain --predicate close --target MPATH:1 --label stain \\\n"
        "      --vocabulary 'Mouse Pathology Ontology' --release 2020 \\\n"
        "      --license https://creativecommons.org/licenses/by/3.0/ --read-from mpath.obo\n",
    )
    add_dry_run(mapping)
    mapping.add_argument("subject", help="our term")
    mapping.add_argument("--predicate", default="", help="exact, close, broad, narrow, related")
    mapping.add_argument("--target", default="", help="CURIE of their term")
    mapping.add_argument("--label", default="", help="label of their term")
    mapping.add_argument(
        "--justification", default="manual", help="manual (default), lexical, or semapv:…"
    )
    mapping.add_argument("--confidence", default="", help="from 0 to 1")
    mapping.add_argument("--comment", default="", help="what keeps the two apart")
    mapping.add_argument("--reject", action="store_true", help="considered and rejected")
    mapping.add_argument("--not-found", metavar="SET", default="", help="looked for in vain")
    new = mapping.add_argument_group("for a vocabulary without a set: the header of a new one")
    for missing in _OF_A_SET:
        new.add_argument(missing.flag, default="", help=missing.words)
    new.add_argument(
        "--creator", action="append", default=[], help="a curator (default: who edits); may repeat"
    )
    _add_curator(mapping)
    _add_date(mapping)


def _add_question(forms: Verbs) -> None:
    question = forms.add(
        "question",
        _question,
        "write a competency question with the rows that the release answers",
        "  cdmo new question drugs-with-cyclosporine --query query.rq --keyword medication \\\n"
        "      --label 'Where is cyclosporine named?' --comment 'Looks up its claims.'\n",
    )
    add_dry_run(question)
    question.add_argument("name", help="of the file: words-with-hyphens")
    question.add_argument("--query", type=Path, help="a file with a SELECT query")
    question.add_argument("--label", help="the question itself")
    question.add_argument("--comment", help="in plain words what the query does")
    question.add_argument("--keyword", action="append", default=[], help="may be repeated")
    question.add_argument(
        "--counting", action="store_true", help="its rows are counts of the dataset itself"
    )
    question.add_argument(
        "--document", default="", help="the one document that it asks: source:NAME, or NAME"
    )
    add_dist(question)


def _add_curator(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--contributor",
        help="CURIE, ORCID or name of a curator of mappings/curators.tsv "
        "(default: git config user.orcid, or the only curator)",
    )


def _add_date(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--date", type=day_of, default=date.today(), metavar="YYYY-MM-DD", help="default: today"
    )


# -- the verbs -------------------------------------------------------------------------------------


def _term(arguments: argparse.Namespace) -> None:
    from service.editing.curators import curator
    from service.editing.new_term import SCOPES, add_term

    edits, lookup = begin(arguments)
    kinds = sorted(lookup.loaded.name(kind).partition(":")[2] for kind in lookup.kinds)
    complete(
        arguments,
        Missing("label", "its name"),
        Missing("parent", f"a wider term, or a kind: {', '.join(kinds)}"),
        Missing("definition", "a <parent> that …"),
    )
    person = edits.loaded.names.iri(curator(edits.loaded, arguments.contributor)[0]) or ""
    iri = add_term(
        edits,
        lookup,
        arguments.label,
        definition=arguments.definition,
        parents=arguments.parent,
        contributor=person,
        created=arguments.date,
        synonyms={scope: getattr(arguments, scope) for scope in SCOPES},
        individual=arguments.individual,
    )
    then = f"cdmo new claim --subject {edits.loaded.name(iri)} … and cdmo new mapping"
    conclude(edits, arguments, iri, then)


def _mapping(arguments: argparse.Namespace) -> None:
    from service.editing.curators import curator
    from service.editing.new_mapping import NewMapping, add_mapping

    edits, lookup = begin(arguments)
    if arguments.not_found:
        arguments.predicate = arguments.predicate or "exact"
    else:
        complete(
            arguments,
            Missing("target", "CURIE of their term"),
            Missing("label", "label of their term"),
            Missing("predicate", "how near it is", MATCHES),
        )
    new = NewMapping(
        arguments.subject,
        arguments.predicate,
        arguments.target,
        arguments.label,
        arguments.justification,
        curator(edits.loaded, arguments.contributor),
        arguments.date,
        arguments.confidence,
        arguments.comment,
        arguments.reject,
        arguments.not_found,
        _new_set(edits, arguments),
    )
    add_mapping(edits, lookup, new)
    conclude(edits, arguments, "", "cdmo check")


def _new_set(edits: "Edits", arguments: argparse.Namespace) -> "NewSet | None":
    """Return the header of a new set, if the vocabulary has no set."""
    from service.editing.curators import curator
    from service.editing.new_mapping import NewSet, find_set, prefix_of

    if find_set(edits, arguments.target, arguments.not_found):
        return None
    prefix = prefix_of(edits, arguments.target.partition(":")[0] or arguments.not_found)
    say(f"{prefix} has no mapping set yet; the header of a new one:")
    complete(arguments, *_OF_A_SET)
    given = arguments.creator or [arguments.contributor]
    return NewSet(
        arguments.vocabulary,
        arguments.license,
        arguments.release,
        arguments.read_from,
        dict(curator(edits.loaded, person) for person in given),
    )


def _question(arguments: argparse.Namespace) -> None:
    from service.editing.new_question import add_question
    from service.pipeline.query_checks import labels_in_any_language
    from service.release import open_store

    edits, lookup = begin(arguments)
    complete(
        arguments,
        Missing("query", "a file with a SELECT query"),
        Missing("label", "the question itself"),
        Missing("comment", "in plain words what the query does"),
        Missing("keyword", "a keyword"),
    )
    query = text_of(Path(arguments.query))
    source = _document(lookup, arguments.document)
    for _, variable in labels_in_any_language(query):
        say(f'?{variable} may have several languages: FILTER(LANGMATCHES(LANG(?{variable}), "en"))')
    rows = add_question(
        edits,
        open_store(release_of(arguments)),
        arguments.name,
        label=arguments.label,
        comment=arguments.comment,
        keywords=arguments.keyword,
        query=query,
        counting=arguments.counting,
        source=source,
    )
    sys.stdout.write(rows)
    conclude(edits, arguments, "", "read the rows above: they are what is expected now")


def _document(lookup: "Lookup", name: str) -> str:
    """Return the IRI of a document by its CURIE or local name; "" for none."""
    sources = {lookup.loaded.name(iri): iri for iri in lookup.instances(iris.SOURCE_CLASS)}
    if not name:
        return ""
    if iri := sources.get(f"source:{name.removeprefix('source:')}"):
        return iri
    raise UsageError(f"There is no document '{name}'. There are: {', '.join(sorted(sources))}.")
