"""Lists of everything of one sort: statements, questions, mappings."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from flask import Blueprint, render_template, request

from service.iris import TERM
from service.library import Library, Match, Question, Ref
from service.site.facets import chips, facet, parse_filter, values_of_claims
from service.site.site import site

bp = Blueprint("lists", __name__)

PAGE_SIZE = 100
"""Statements on one page."""

ACROSS = "Across the article"
"""The heading of questions about no single section."""

MAX_CODE = 200
"""Characters of a code or a name that are looked up."""

MappingRow = tuple[Match, Ref, list[Ref]]
"""A match, our term, and the other terms that ours is mapped to."""


@bp.get("/statements/")
def statements() -> str:
    """Show a page of the statements.

    :raises UnknownResource: if a filter names what the release does not have.
    """
    library = site().library
    current = parse_filter(library, ("standing", "section", "narrowed", "start"))
    term = TERM + current.narrowed if current.narrowed else ""
    pairs = library.qualified_by(term) if term else []
    qualified = {claim.ref.iri for _, claim in pairs} if term else set(library.claims)
    values = {iri: values_of_claims([c]) for iri, c in library.claims.items() if iri in qualified}
    claims = [library.claims[iri] for iri in values if current.admits(values[iri])]
    start, end = current.start, current.start + PAGE_SIZE
    earlier = replace(current, start=max(0, start - PAGE_SIZE)).address()
    later = replace(current, start=end).address()
    return render_template(
        "statements.html",
        claims=claims[start:end],
        count=len(claims),
        total=len(library.claims),
        narrowing=library.ref(term) if term and qualified else None,
        earlier=earlier if start else None,
        later=later if end < len(claims) else None,
        facets=[facet(library, current, values.values(), name) for name in ("standing", "section")],
        chosen=chips(library, current),
    )


@bp.get("/questions/")
def questions() -> str:
    """Show the competency questions in groups, or those that fit the words of ``q``."""
    library = site().library
    words = request.args.get("q", "").strip()[:MAX_CODE]
    asked = library.questions
    if words:
        iris_found = [hit.entry.iri for hit in site().index.search(words, limit=len(asked)).hits]
        asked = [question for question in asked if question.ref.iri in iris_found]
    return render_template(
        "questions.html",
        groups=question_groups(library, asked),
        count=len(asked),
        total=len(library.questions),
        words=words,
    )


def question_groups(
    library: Library, questions: Iterable[Question]
) -> list[tuple[str, list[Question]]]:
    """Return the questions below the names of their groups.

    The questions of readers come first, then those about each section of the document that their
    keywords name, then those that it does not answer and those of builders. The last section of
    the document repeats the others, so a question stands there only if it is about no other.
    """
    labels = [s.ref.label for s in library.sections.values() if not s.depth]
    names = ("readers", *labels, ACROSS, "not said", "builders")
    groups: dict[str, list[Question]] = {name: [] for name in names}
    for question in questions:
        section = next((label for label in labels if label in question.keywords), ACROSS)
        groups[question.group if question.group in groups else section].append(question)
    return [(name, group) for name, group in groups.items() if group]


@bp.get("/mappings/")
def mappings() -> str:
    """Show the mappings to one vocabulary, or those that fit a code or a name.

    All of them at once would be a very long page.
    """
    library = site().library
    code = request.args.get("code", "").strip()[:MAX_CODE]
    typed = code.lower().replace("-", "")
    groups: dict[str, list[MappingRow]] = defaultdict(list)
    for row in mapping_rows(library):
        prefix = (row[0].target.curie or "other").partition(":")[0]
        if _names(row, code.lower()) or _has_alias(row, library.vocabulary_name(prefix), typed):
            groups[prefix].append(row)
    vocabulary = request.args.get("vocabulary", "")
    names = {prefix: library.vocabulary_name(prefix) for prefix in groups}
    ordered = sorted(groups, key=lambda prefix: names[prefix].lower())
    shown = ordered if code else [vocabulary] if vocabulary in groups else []
    return render_template(
        "mappings.html",
        groups=[(prefix, groups[prefix]) for prefix in shown],
        names=names,
        counts=[(prefix, len(groups[prefix])) for prefix in ordered],
        vocabulary=vocabulary,
        code=code,
        sets=library.mapping_sets,
    )


def mapping_rows(library: Library) -> list[MappingRow]:
    """Return every mapping, exact ones first, then in the order of the other terms' labels."""
    rows = [
        (match, library.ref(iri), [o.target for o in matches if o.target != match.target])
        for iri, matches in library.matches.items()
        for match in matches
    ]
    return sorted(
        rows, key=lambda row: (row[0].rank[1], row[0].target.label.lower(), row[0].target.iri)
    )


def _names(row: MappingRow, code: str) -> bool:
    """Tell whether a code or a part of a name, in lower case, names a term of a mapping."""
    match, term, _ = row
    names = (match.target.curie, match.target.label, match.target.iri, term.label, term.curie)
    return any(code in (name or "").lower() for name in names)


def _has_alias(row: MappingRow, vocabulary: str, typed: str) -> bool:
    """Tell whether a code names the term of a mapping, or a name its whole vocabulary.

    People write ``HPO:0012531`` and ``ICD-10`` where prefixes are ``HP`` and ``ICD10CM``.

    :param typed: the code or name in lower case, without hyphens.
    """
    alias, _, local = typed.partition(":")
    known = vocabulary.lower().replace("-", "")
    own = (row[0].target.curie or "").partition(":")[2].lower().replace("-", "")
    return len(alias) > 2 and alias in known and local in ("", own)
