"""Two terms side by side."""

from collections import defaultdict

from flask import Blueprint, render_template, request

from service.library import Description, Statement, describe, fold, statement_groups
from service.site.browse import summarise
from service.site.site import Site, site

bp = Blueprint("comparison", __name__)

MAX_NAME = 200
"""Characters of a name that count."""

Marked = list[tuple[Statement, str]]
"""Statements of one term, each with whether the document makes it about the other term too: "both",
"differently" if it puts it differently there, or "one"."""


@bp.get("/compare")
def compare() -> str:
    """Show two terms side by side; ``a`` and ``b`` are names, synonyms or CURIEs."""
    library = site().library
    names = [request.args.get(name, "").strip()[:MAX_NAME] for name in ("a", "b")]
    iris = [term_called(site(), name) for name in names]
    a, b = (describe(library, iri) if iri else None for iri in iris)
    sides = [{"ref": d.ref, "definition": d.definition, "kinds": d.kinds} for d in (a, b) if d]
    return render_template(
        "compare.html",
        sides=sides if len(sides) == 2 else [],
        names=[d.ref.label if d else name for d, name in zip((a, b), names, strict=True)],
        missing=[name for name, iri in zip(names, iris, strict=True) if name and not iri],
        rows=side_by_side(a, b) if a and b else [],
        examples=[
            tuple(ref.label for ref in pair)
            for kind in library.pillars
            if len(pair := summarise(library, kind)["examples"][:2]) == 2
        ],
        labels=[t.ref.label for t in library.terms.values() if not t.obsolete],
    )


def term_called(site: Site, name: str) -> str | None:
    """Return the IRI of the term that fits a name best, or None."""
    terms, folded = site.library.terms, fold(name)
    for iri, term in terms.items():
        if folded and (fold(term.ref.label) == folded or term.ref.curie == name):
            return iri
    results = site.index.search(name)
    hits = () if results.partial else results.hits
    return next((hit.entry.iri for hit in hits if hit.entry.iri in terms), None)


def side_by_side(a: Description, b: Description) -> list[tuple[str, Marked, Marked]]:
    """Return rows of a relation's words and the statements of both; rows of both come first."""
    left, right = (
        {g.words: list(g.statements) for g in statement_groups(d.library, d.iri)} for d in (a, b)
    )
    marked = [
        (
            words,
            _marked(left.get(words, []), right.get(words, [])),
            _marked(right.get(words, []), left.get(words, [])),
        )
        for words in left | right
    ]
    return sorted(marked, key=lambda row: (not (row[1] and row[2]), row[0]))


def _marked(statements: list[Statement], others: list[Statement]) -> Marked:
    there: dict[tuple[str, bool], set[str]] = defaultdict(set)
    for statement in others:
        there[_key(statement)].add(statement.claim.all_words)

    def mark(statement: Statement) -> str:
        words = there.get(_key(statement), set())
        return "both" if statement.claim.all_words in words else "differently" if words else "one"

    return [(statement, mark(statement)) for statement in statements]


def _key(statement: Statement) -> tuple[str, bool]:
    return statement.other.iri or statement.other.label, statement.claim.negative
