"""Browse: every kind of term, the terms of one kind as a hierarchy, the tests as steps."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping
from typing import Any, NamedTuple

from flask import Blueprint, render_template

from service import iris
from service.cards import Filter
from service.library import Claim, Kind, Library, Step, Term, diagnostic_path
from service.problems import UnknownResource
from service.rdf.walk import closure
from service.site.listing import TITLES, chips, facets, files, here, requested
from service.site.site import site

bp = Blueprint("browse", __name__)


SMALL = 5
"""Up to so many terms below another one are shown unfolded."""

FINDS = (iris.DETECTS, iris.MEASURES, iris.ASSESSES, iris.INDICATES)
"""What a test is for."""


class Branch(NamedTuple):
    """A term in a hierarchy, with the number of its claims and the terms below it.

    :param again: whether it stands further up with what is below it.
    """

    term: Term
    claims: int
    below: tuple["Branch", ...]
    again: bool = False

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
    """Show the terms of one kind as a hierarchy or by name, narrowed by facets.

    :raises UnknownResource: if there is no such kind.
    """
    library, lists = site().library, site().lists
    named = library.kinds.get(iris.CDMO + name)
    if named is None:
        known = ", ".join(k.name for k in library.kinds.values())
        raise UnknownResource(f"There is no kind of term {name[:100]!r}. Kinds are: {known}.")
    current = requested("terms", fixed=[("kind", named.ref.iri)])
    whole = Filter({"kind": named.ref.iri})
    every = [library.terms[iri] for iri in lists.select("terms", whole)]
    listed = [library.terms[iri] for iri in lists.part("terms", current).iris]
    ours = [t for t in listed if t.is_ours]
    shown = [t for t in listed if not t.is_ours]
    fitting = lists.behind(current)
    statements = {t.ref.iri: fitting & statements_of(library, t) for t in shown}
    by_name = bool(current["order"] or current.start or current.limit)
    other_order = current.choose("order", "" if current["order"] else "name")
    return render_template(
        "kind.html",
        kind=named,
        tree=[] if by_name else hierarchy(library, shown, statements),
        by_name=[Branch(t, len(statements[t.ref.iri]), ()) for t in shown] if by_name else [],
        other_order=here(other_order),
        small=SMALL,
        groupings=[Branch(t, 0, ()) for t in ours],
        count=len(shown),
        total=sum(not t.is_ours for t in every),
        statements=(len(set().union(*statements.values())), len(lists.behind(whole))),
        facets=facets("terms", current, *TITLES),
        chosen=chips(current),
        files=files("terms", current),
    )


@bp.get("/diagnosis/")
def diagnosis() -> str:
    """Show the tests as steps with their statements, if the release says which tests are steps."""
    path = diagnostic_path(site().library)
    every = (path.whole, *path.steps) if path else ()
    return render_template(
        "diagnosis.html",
        path=path,
        diagnoses=iris.DIAGNOSES,
        finds=[finds_of(step) for step in path.steps] if path else [],
        told_apart=[claim for step in every for claim in step.by(iris.DISTINGUISHES)],
        performed=path.whole.by(iris.PERFORMED_BY) if path else (),
    )


def finds_of(step: Step) -> list[Claim]:
    """Return the claims on what the tests of a step find, one for each pair that they join."""
    pairs: dict[tuple[str, str, str], Claim] = {}
    for claim in step.by(*FINDS):
        pair = (claim.subject.iri, claim.relation.name, claim.object.iri)
        if pair not in pairs or len(claim.qualifiers) < len(pairs[pair].qualifiers):
            pairs[pair] = claim
    return list(pairs.values())


def statements_of(library: Library, term: Term) -> set[str]:
    """Return the IRIs of the statements about a term."""
    return {claim.ref.iri for claim in library.claims_of_term.get(term.ref.iri, ())}


def summarise(library: Library, kind: Kind) -> dict[str, Any]:
    """Return a kind of term with its numbers, and the terms that most claims are about.

    Groupings of ours are counted apart.
    """
    claims = library.claims_of_term
    terms = library.terms_of(kind.ref.iri)
    busiest = sorted(terms, key=lambda t: -len(claims.get(t.ref.iri, ())))
    return {
        "kind": kind,
        "terms": sum(not t.is_ours for t in terms),
        "ours": sum(t.is_ours for t in terms),
        "claims": len({c.ref.iri for t in terms for c in claims.get(t.ref.iri, ())}),
        "examples": [t.ref for t in busiest[:4]],
    }


def hierarchy(
    library: Library, terms: list[Term], statements: Mapping[str, Collection[str]]
) -> list[Branch]:
    """Return terms as trees, each term below its nearest ancestors among them.

    The largest trees come first, those that only the reasoner places come last. Below a term that
    stands in several places, the terms below it stand in the first place only.

    :param statements: those that count for each term, by IRI.
    """
    shown = {t.ref.iri: t for t in terms}
    below: dict[str, list[str]] = defaultdict(list)
    for iri in shown:
        for parent in _nearest(library, iri, shown) or [""]:
            below[parent].append(iri)

    def branch(iri: str, above: tuple[str, ...] = ()) -> Branch:
        path = (*above, iri)
        children = tuple(branch(child, path) for child in below[iri] if child not in path)
        return Branch(shown[iri], len(statements.get(iri, ())), children)

    def rank(tree: Branch) -> tuple[bool, int]:
        places = library.hierarchy.places.get(tree.term.ref.iri, {})
        return bool(places) and all(places.values()), -tree.size

    seen: set[str] = set()

    def first(tree: Branch) -> Branch:
        if tree.term.ref.iri in seen:
            return tree._replace(below=(), again=True)
        seen.add(tree.term.ref.iri)
        return tree._replace(below=tuple(map(first, tree.below)))

    return [first(tree) for tree in sorted((branch(iri) for iri in below[""]), key=rank)]


def _nearest(library: Library, iri: str, shown: Container[str]) -> list[str]:
    """Return the nearest ancestors of a class that are shown."""

    def step(node: str) -> Iterable[str]:
        return () if node in shown and node != iri else library.hierarchy.places.get(node, ())

    return [node for node in closure(iri, step) if node in shown and node != iri]
