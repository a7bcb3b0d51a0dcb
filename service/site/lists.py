"""Lists of everything of one sort: statements, questions, mappings, passages."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from flask import Blueprint, render_template

from service.cards import Filter, vocabulary_of
from service.iris import DESCRIPTION
from service.library import Claim, Library, MappingRow, Question, Ref
from service.site.listing import chips, facets, files, one_page, requested
from service.site.site import site

bp = Blueprint("lists", __name__)

ACROSS = "Across the article"
"""The group of questions about no single section; the page says it for several documents."""


@bp.get("/statements/", strict_slashes=False)
@bp.get("/statements.<suffix>")
def statements(suffix: str | None = None) -> str:
    """Show a page of the statements, or send them as data."""
    current = requested("statements", suffix)
    library = site().library
    part, shown = one_page("statements", current)
    return render_template(
        "statements.html",
        claims=[(c := library.claims[iri], trail(c, current)) for iri in part.iris],
        total=len(library.claims),
        narrowing=library.ref(current["narrowed"]) if current["narrowed"] else None,
        facets=facets("statements", current, "standing", "source", "section"),
        **shown,
    )


def trail(claim: Claim, current: Filter) -> str:
    """Return where a statement is first made: in the document and the section chosen, if any."""
    for citation in claim.citations:
        passage, section = citation.passage, citation.passage.section
        at = {passage.source.iri, *((section.ref.iri, section.top) if section else ())}
        if {current["source"], current["section"]} <= {*at, ""}:
            return section.trail if section else ""
    return ""


@bp.get("/sources/", strict_slashes=False)
def sources() -> str:
    """Show the documents that the statements are of."""
    library = site().library
    claims = Counter(ref.iri for claim in library.claims.values() for ref in claim.sources)
    passages = Counter(passage.source.iri for passage in library.passages.values())
    return render_template(
        "sources.html",
        documents=[
            (ref, library.value(ref.iri, DESCRIPTION), passages[ref.iri], claims[ref.iri])
            for ref in library.sources
        ],
    )


@bp.get("/passages/", strict_slashes=False)
@bp.get("/passages.<suffix>")
def passages(suffix: str | None = None) -> str:
    """Show a page of the passages, or send them as data."""
    current = requested("passages", suffix)
    library = site().library
    part, shown = one_page("passages", current)
    return render_template(
        "passages.html",
        passages=[
            (library.passages[iri], len(library.claims_of_passage.get(iri, ())))
            for iri in part.iris
        ],
        total=len(library.passages),
        **shown,
    )


@bp.get("/questions/", strict_slashes=False)
@bp.get("/questions.<suffix>")
def questions(suffix: str | None = None) -> str:
    """Show the competency questions in groups, or those that fit the words of ``q``."""
    current = requested("questions", suffix)
    library, part = site().library, site().lists.part("questions", current)
    asked = [question for question in library.questions if question.ref.iri in part.iris]
    return render_template(
        "questions.html",
        groups=question_groups(library, asked),
        count=part.total,
        total=len(library.questions),
        words=current["q"] or current["keywords"],
        files=files("questions", current),
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


@bp.get("/mappings/", strict_slashes=False)
@bp.get("/mappings.<suffix>")
def mappings(suffix: str | None = None) -> str:
    """Show the mappings to one vocabulary, or those that fit a code or a name.

    All of them at once would be a very long page.
    """
    current = requested("mappings", suffix)
    library, lists = site().library, site().lists
    rows = {row.iri: row for row in lists.mapping_rows(current)}
    counts = Counter(map(vocabulary, lists.mapping_rows(current.choose("vocabulary", ""))))
    names = {prefix: library.vocabulary_name(prefix) for prefix in counts}
    groups: dict[str, list[MappingRow]] = defaultdict(list)
    is_narrowed = current.values or current.start or current.limit
    for iri in lists.part("mappings", current).iris if is_narrowed else ():
        groups[vocabulary(rows[iri])].append(rows[iri])
    by_name = sorted(names, key=lambda prefix: names[prefix].lower())
    return render_template(
        "mappings.html",
        groups=[(prefix, groups[prefix]) for prefix in by_name if prefix in groups],
        elsewhere=elsewhere(library),
        names=names,
        counts=[(prefix, counts[prefix]) for prefix in by_name],
        vocabulary=current["vocabulary"],
        code=current["code"],
        chosen=chips(current.choose("vocabulary", "")),
        sets=library.mapping_sets,
        files=files("mappings", current),
    )


def vocabulary(row: MappingRow) -> str:
    """Return the prefix of the vocabulary of a row."""
    return vocabulary_of(row.match.target.curie if row.match else None)


def elsewhere(library: Library) -> dict[str, list[Ref]]:
    """Return the terms of other vocabularies that each of ours is mapped to."""
    targets: dict[str, list[Ref]] = defaultdict(list)
    for row in library.mapping_rows:
        if row.match and not row.match.negative:
            targets[row.term.iri].append(row.match.target)
    return targets
