"""Find things: kinds with facets, statements, questions, tensions, mappings, search.

State that belongs in an address is a query parameter, parsed once; GET changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from service import iris
from service.iris import BASE
from service.library import (
    Claim,
    Description,
    Kind,
    Library,
    Question,
    Ref,
    Statement,
    Term,
    describe,
    fold,
)
from service.library.words import MAPPING_PREDICATES
from service.problems import UnknownResource
from service.site.site import site

bp = Blueprint("pages", __name__)

FACETS = ("modality", "section", "vocabulary")
"""Filters of lists, by the names that they have in an address."""

PAGE_SIZE = 100

ACROSS = "Across the article"
"""The heading of questions that ask about no section."""

TENSION_KINDS = (
    "Contradiction",
    "LostHedge",
    "Overreach",
    "Omission",
    "CategorySlip",
    "Circularity",
    "Ambiguity",
    "Granularity",
)
"""Kinds of tension in the order in which a reader should meet them; others follow."""


@bp.get("/browse/")
def browse() -> str:
    """Show every kind of term with its numbers."""
    return render_template(
        "browse.html", kinds=[_summary(k) for k in site().library.kinds.values()]
    )


@bp.get("/browse/<name>")
def browse_kind(name: str) -> str:
    """Show the terms of one kind as a hierarchy, narrowed by facets.

    :raises UnknownResource: if there is no such kind.
    """
    library = site().library
    kind = library.kinds.get(iris.CDMO + name)
    if kind is None:
        known = ", ".join(k.name for k in library.kinds.values())
        raise UnknownResource(f"There is no kind of term called {name!r}. Kinds are: {known}.")
    terms = library.terms_of(kind.ref.iri)
    marks = {t.ref.iri: _marks(library, t) for t in terms}
    chosen = _chosen()
    kept = [t for t in terms if _fits(marks[t.ref.iri], chosen)]
    return render_template(
        "kind.html",
        kind=kind,
        tree=_tree(library, kept),
        count=len(kept),
        total=len(terms),
        facets=_facets(library, marks.values(), chosen),
        chosen=_chips(library, chosen),
    )


@bp.get("/statements/")
def statements() -> str:
    """Show the statements of the document in its order, narrowed by facets."""
    library = site().library
    chosen = {k: value for k, value in _chosen().items() if k != "vocabulary"}
    narrowing = request.args.get("narrowed", "")
    within = library.narrowed_by(BASE + "id/" + narrowing) if narrowing else library.claims
    marks = {i: _claim_marks(claim) for i, claim in library.claims.items() if i in within}
    kept = [library.claims[iri] for iri in marks if _fits(marks[iri], chosen)]
    start = max(0, request.args.get("start", 0, int))
    return render_template(
        "statements.html",
        claims=kept,
        total=len(library.claims),
        narrowing=library.ref(BASE + "id/" + narrowing) if narrowing and within else None,
        start=start,
        page_size=PAGE_SIZE,
        earlier=_here(start=str(max(0, start - PAGE_SIZE)) if start > PAGE_SIZE else None)
        if start
        else None,
        later=_here(start=str(start + PAGE_SIZE)) if start + PAGE_SIZE < len(kept) else None,
        facets=_facets(library, marks.values(), chosen)[:2],
        chosen=_chips(library, chosen),
    )


def _summary(kind: Kind) -> dict[str, Any]:
    library = site().library
    terms = library.terms_of(kind.ref.iri)
    claims = {c.ref.iri for t in terms for c in library.claims_of_term.get(t.ref.iri, ())}
    busiest = sorted(terms, key=lambda t: -len(library.claims_of_term.get(t.ref.iri, ())))
    return {
        "kind": kind,
        "terms": len(terms),
        "claims": len(claims),
        "examples": [t.ref for t in busiest[:4]],
    }


Marks = dict[str, set[str]]


def _claim_marks(claim: Claim) -> Marks:
    sections = {s.passage.section.top for s in claim.citations if s.passage.section}
    return {"modality": {claim.modality.name}, "section": {_local(s) for s in sections}}


def _marks(library: Library, term: Term) -> Marks:
    marks: Marks = {name: set() for name in FACETS}
    for claim in library.claims_of_term.get(term.ref.iri, ()):
        for name, values in _claim_marks(claim).items():
            marks[name] |= values
    for mapped in library.mapped.get(term.ref.iri, ()):
        if mapped.target.curie:
            marks["vocabulary"].add(mapped.target.curie.partition(":")[0])
    return marks


def _local(iri: str) -> str:
    return iri.rpartition("/")[2]


def _chosen() -> dict[str, str]:
    return {name: value for name in FACETS if (value := request.args.get(name))}


def _fits(marks: Marks, chosen: dict[str, str]) -> bool:
    return all(value in marks.get(name, ()) for name, value in chosen.items())


def _here(**changes: str | None) -> str:
    """Return the address of this page with some parameters changed or, by None, left out."""
    arguments: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(), **changes}
    return url_for(request.endpoint or "", **{k: x for k, x in arguments.items() if x is not None})


def _words(library: Library) -> dict[str, dict[str, str]]:
    return {
        "modality": {m.name: m.words for m in library.modalities.values()},
        "section": {_local(i): s.ref.label for i, s in library.sections.items() if s.top == i},
    }


def _facets(
    library: Library, marks: Iterable[Marks], chosen: dict[str, str]
) -> list[tuple[str, list[tuple[str, int, str, bool]]]]:
    """Return for each facet its title and options: words, count, address, whether chosen."""
    marks = list(marks)
    titles = {"modality": "How sure", "section": "Section", "vocabulary": "Mapped to"}
    words = _words(library)
    found = []
    for name in FACETS:
        others = {k: value for k, value in chosen.items() if k != name}
        counts = Counter(x for m in marks if _fits(m, others) for x in m.get(name, ()))
        known = words.get(name)
        order = [x for x in known if counts[x]] if known else sorted(counts)
        options = []
        for value in order:
            on = chosen.get(name) == value
            href = _here(**{name: None if on else value, "start": None})
            options.append((known[value] if known else value, counts[value], href, on))
        found.append((titles[name], options))
    return found


def _chips(library: Library, chosen: dict[str, str]) -> list[tuple[str, str, str]]:
    words = _words(library)
    return [
        (name, words.get(name, {}).get(value, value), _here(**{name: None, "start": None}))
        for name, value in chosen.items()
    ]


def _tree(library: Library, terms: list[Term]) -> list[tuple[Term, int, list[Any]]]:
    """Return terms as a forest: each below its nearest kept parents, roots first."""
    kept = {t.ref.iri: t for t in terms}
    below: dict[str, list[str]] = defaultdict(list)
    roots = []
    for iri in kept:
        mine = _nearest(library, iri, kept)
        for parent in mine:
            below[parent].append(iri)
        if not mine:
            roots.append(iri)

    def grow(iri: str, above: tuple[str, ...]) -> tuple[Term, int, list[Any]]:
        children = [grow(c, (*above, iri)) for c in below[iri] if c not in above]
        return kept[iri], len(library.claims_of_term.get(iri, ())), children

    def rank(iri: str) -> tuple[bool, int]:
        """Put the largest groups of terms first, and what only the reasoner places last."""
        above = library.places.get(iri, {})
        return bool(above) and all(above.values()), -size(grow(iri, ()))

    def size(branch: tuple[Term, int, list[Any]]) -> int:
        return 1 + sum(size(child) for child in branch[2])

    return [grow(iri, ()) for iri in sorted(roots, key=rank)]


def _nearest(library: Library, iri: str, kept: Container[str]) -> list[str]:
    """Return the nearest ancestors of a class that are kept."""
    found: list[str] = []
    todo, seen = list(library.places.get(iri, ())), {iri}
    while todo:
        here = todo.pop(0)
        if here in seen:
            continue
        seen.add(here)
        if here in kept:
            found.append(here)
        else:
            todo += library.places.get(here, ())
    return found


# -- questions, tensions, mappings -----------------------------------------------------------


@bp.get("/questions/")
def questions() -> str:
    """Show every competency question, by the section of the document that it asks about."""
    library = site().library
    names = [s.ref.label for s in library.sections.values() if not s.depth]
    groups: dict[str, list[Question]] = {name: [] for name in (*names, ACROSS)}
    for question in library.questions:
        # The last section repeats the others: a question belongs there if nowhere else.
        mine = next((n for n in names[:-1] if n in question.keywords), None)
        last = next((n for n in names[-1:] if n in question.keywords), ACROSS)
        groups[mine or last].append(question)
    return render_template(
        "questions.html",
        groups=[(name, found) for name, found in groups.items() if found],
        total=len(library.questions),
    )


@bp.get("/tensions/")
def tensions() -> str:
    """Show every tension, by kind: first where the document misleads, last where it is vague."""
    library = site().library
    groups: dict[Ref | None, list[Any]] = defaultdict(list)
    for iri in library.instances("Tension"):
        found = describe(library, iri).tension
        groups[found.kind].append(found)
    kinds = {k: n for n, k in enumerate(TENSION_KINDS)}
    ordered = sorted(
        groups.items(),
        key=lambda g: (kinds.get(_local(g[0].iri) if g[0] else "", len(kinds)), -len(g[1])),
    )
    definitions = library.schema_definitions
    return render_template(
        "tensions.html",
        tensions=[(k, _meaning(definitions.get(k.iri, "") if k else ""), i) for k, i in ordered],
    )


def _meaning(definition: str) -> str:
    """Return a definition of a kind of tension without the words that each begins with."""
    words = definition.removeprefix("a tension kind in which ")
    return words[:1].upper() + words[1:]


@bp.get("/mappings/")
def mappings() -> str:
    """Show what other vocabularies' codes correspond to, narrowed to one code or name."""
    library = site().library
    code = request.args.get("code", "").strip()
    wanted = code.lower()
    groups: dict[str, list[Any]] = defaultdict(list)
    for iri, found in library.mapped.items():
        ours = library.ref(iri)
        for m in found:
            theirs = (m.target.curie or "", m.target.label, m.target.iri)
            names = (*theirs, ours.label, ours.curie or "")
            if not wanted or any(wanted in name.lower() for name in names):
                prefix = (m.target.curie or "other").partition(":")[0]
                others = [o.target for o in found if o.target != m.target]
                words = MAPPING_PREDICATES[m.predicate]
                groups[prefix].append((m.target, words, m.justification, ours, others))
    for rows in groups.values():
        rows.sort(key=lambda r: (r[0].label.lower(), r[0].iri))
    counts = sorted((prefix, len(rows)) for prefix, rows in groups.items())
    vocabulary = request.args.get("vocabulary", "")
    # All of them at once would be a very long page; a code or a name brings few.
    shown = groups if wanted else {vocabulary: groups[vocabulary]} if vocabulary in groups else {}
    return render_template(
        "mappings.html",
        groups=sorted(shown.items()),
        counts=counts,
        vocabulary=vocabulary,
        code=code,
        sets=[library.ref(iri) for iri in library.mapping_sets],
    )


# -- comparison ---------------------------------------------------------------------------


@bp.get("/compare")
def compare() -> str:
    """Show two terms side by side; ``a`` and ``b`` are names, synonyms or CURIEs."""
    library = site().library
    typed = [request.args.get(name, "").strip()[:200] for name in ("a", "b")]
    found = [_term_called(name) for name in typed]
    a, b = (describe(library, iri) if iri else None for iri in found)
    return render_template(
        "compare.html",
        a=a,
        b=b,
        typed_a=typed[0],
        typed_b=typed[1],
        missing=[name for name, iri in zip(typed, found, strict=True) if name and not iri],
        rows=_side_by_side(a, b) if a and b else [],
        names=[t.ref.label for t in library.terms.values() if not t.deprecated],
    )


def _term_called(name: str) -> str | None:
    """Return the IRI of the term that best fits a name, if it is more than a guess."""
    terms, wanted = site().library.terms, fold(name)
    for iri, term in terms.items():
        if wanted and (fold(term.ref.label) == wanted or term.ref.curie == name):
            return iri
    hits = [hit for hit in site().index.search(name, limit=10) if hit.entry.iri in terms]
    return hits[0].entry.iri if hits else None


def _side_by_side(a: Description, b: Description) -> list[tuple[str, Any, Any]]:
    """Return rows of relation words and the statements of both; those of both are marked."""
    rows: dict[str, tuple[list[Any], list[Any]]] = {}
    for side, d in enumerate((a, b)):
        for group in (*d.statements, *d.inverse_statements):
            rows.setdefault(group.words, ([], []))[side].extend(group.statements)
    found = []
    for words, (left, right) in rows.items():
        both = {_key(s) for s in left} & {_key(s) for s in right}
        marked = [[(s, _key(s) in both) for s in side] for side in (left, right)]
        found.append((words, marked[0], marked[1]))
    return sorted(found, key=lambda row: (not (row[1] and row[2]), row[0]))


def _key(statement: Statement) -> tuple[str, bool]:
    return statement.other.iri or statement.other.label, statement.claim.negative


# -- search ----------------------------------------------------------------------------------


@bp.get("/search")
def search() -> str:
    """Show what fits the words of ``q``, best first."""
    wanted = request.args.get("q", "").strip()[:200]
    return render_template("search.html", searched=wanted, hits=site().index.search(wanted))


@bp.get("/suggest")
def suggest() -> Response:
    """Answer with up to ten suggestions for ``q`` as JSON, as someone types."""
    wanted = request.args.get("q", "").strip()[:200]
    names = site().library.names
    return jsonify(
        [
            {
                "label": hit.entry.label,
                "kind": hit.entry.kind,
                "path": hit.entry.path,
                "matched": hit.matched,
                "iri": hit.entry.iri,
                "curie": (curie := names.curie(hit.entry.iri)),
                "namespace": names.prefixes[curie.partition(":")[0]] if curie else None,
            }
            for hit in site().index.search(wanted, limit=10)
        ]
    )
