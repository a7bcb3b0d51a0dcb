"""Browse: every kind of term, and the terms of one kind as a hierarchy."""

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for

from service import iris
from service.library import Kind, Library, Ref, Term
from service.problems import UnknownResource
from service.rdf.walk import closure
from service.site.addresses import quoted
from service.site.facets import TITLES, chips, facets, parse_filter, values_of_term
from service.site.site import site

bp = Blueprint("browse", __name__)


@dataclass(frozen=True, slots=True)
class Summary:
    """A kind of term with its numbers.

    :param examples: the terms that most claims are about.
    """

    kind: Kind
    terms: int
    claims: int
    examples: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A term in a hierarchy, with the number of its claims and the terms below it."""

    term: Term
    claims: int
    below: tuple["Branch", ...]

    @property
    def size(self) -> int:
        """How many terms the branch has."""
        return 1 + sum(branch.size for branch in self.below)


@bp.get("/browse/")
def kinds() -> str:
    """Show every kind of term with its numbers."""
    library = site().library
    summaries = [summarise(library, kind) for kind in library.kinds.values()]
    return render_template("browse.html", kinds=summaries)


@bp.get("/browse/<name>")
def kind(name: str) -> str:
    """Show the terms of one kind as a hierarchy, narrowed by facets.

    :raises UnknownResource: if there is no such kind.
    """
    library = site().library
    found = library.kinds.get(iris.CDMO + name)
    if found is None:
        known = ", ".join(k.name for k in library.kinds.values())
        raise UnknownResource(
            f"There is no kind of term called {quoted(name)}. Kinds are: {known}."
        )
    terms = library.terms_of(found.ref.iri)
    values = {t.ref.iri: values_of_term(library, t) for t in terms}
    filtered = parse_filter(library, request.args, TITLES)
    shown = [t for t in terms if filtered.admits(values[t.ref.iri])]
    path = url_for("browse.kind", name=name)
    return render_template(
        "kind.html",
        kind=found,
        tree=hierarchy(library, shown),
        count=len(shown),
        total=len(terms),
        facets=facets(library, path, filtered, values.values()),
        chosen=chips(library, path, filtered),
    )


def summarise(library: Library, kind: Kind) -> Summary:
    """Return a kind of term with its numbers and its busiest terms."""
    claims = library.claims_of_term
    terms = library.terms_of(kind.ref.iri)
    busiest = sorted(terms, key=lambda t: -len(claims.get(t.ref.iri, ())))
    return Summary(
        kind,
        len(terms),
        len({c.ref.iri for t in terms for c in claims.get(t.ref.iri, ())}),
        tuple(t.ref for t in busiest[:4]),
    )


def hierarchy(library: Library, terms: list[Term]) -> list[Branch]:
    """Return terms as trees, each term below its nearest ancestors among them.

    The largest trees come first, those that only the reasoner places come last.
    """
    shown = {t.ref.iri: t for t in terms}
    below: dict[str, list[str]] = defaultdict(list)
    roots = []
    for iri in shown:
        parents = _nearest(library, iri, shown)
        for parent in parents:
            below[parent].append(iri)
        if not parents:
            roots.append(iri)

    def branch(iri: str, above: tuple[str, ...] = ()) -> Branch:
        path = (*above, iri)
        children = tuple(branch(child, path) for child in below[iri] if child not in path)
        return Branch(shown[iri], len(library.claims_of_term.get(iri, ())), children)

    def rank(tree: Branch) -> tuple[bool, int]:
        places = library.places.get(tree.term.ref.iri, {})
        return bool(places) and all(places.values()), -tree.size

    return sorted((branch(iri) for iri in roots), key=rank)


def _nearest(library: Library, iri: str, shown: Container[str]) -> list[str]:
    """Return the nearest ancestors of a class that are shown."""

    def step(node: str) -> Iterable[str]:
        return () if node in shown and node != iri else library.places.get(node, ())

    return [node for node in closure(iri, step) if node in shown and node != iri]
