"""Explain an inferred triple: find the asserted axioms from which it follows.

It looks for the reasons that this ontology gives: steps of ``rdfs:subClassOf`` and
``rdfs:subPropertyOf``, and a definition (``owl:equivalentClass``) whose parts all hold. OWL has
other reasons; then there is no explanation, and a page says only that something is inferred. The
command line has HermiT's then, by :func:`premise_of`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import pyoxigraph as ox

from service import iris
from service.library.data import Ref
from service.library.document import Claim
from service.library.expressions import (
    INFERRED,
    Expression,
    Restriction,
    asserted,
    manchester,
    operands,
    restriction,
)
from service.library.library import Library
from service.rdf.terms import Term, text
from service.rdf.walk import closure

MAX_STEPS = 12
"""The greatest depth of an explanation."""


@dataclass(frozen=True, slots=True)
class Premise:
    """An asserted axiom or statement: ``subject relation value``.

    :param claims: the claims from which it was derived, if it was.
    :param firmest: the firmest claim that makes it, if it is no axiom.
    """

    subject: Ref
    relation: Ref
    value: Ref
    claims: tuple[Ref, ...] = ()
    firmest: Claim | None = None


Premises = list[Premise] | None
"""None if there is no explanation; empty if there is nothing to explain."""

Goal = Expression | Restriction

Goals = tuple[tuple[Expression, Goal], ...]
"""Pairs of a class and a wider one that are being explained, so that a cycle ends."""


def why(library: Library, child: str, parent: str) -> list[Premise]:
    """Return the premises that make ``child`` a kind of ``parent``, or [] if there are none."""
    return _subsumption(library, ox.NamedNode(child), ox.NamedNode(parent), ()) or []


def why_every(library: Library, subject: str, relation: str, value: str) -> list[Premise] | None:
    """Return the premises that give each ``subject`` the relation to some ``value``, if any."""
    goal = Restriction(relation, ox.NamedNode(value))
    return _subsumption(library, ox.NamedNode(subject), goal, ())


def premise_of(library: Library, axiom: ox.Triple) -> Premise:
    """Return an axiom of the store as a premise, its expressions in words."""
    claims: list[Ref] = []
    subject = Ref(_words(library, axiom.subject), text(axiom.subject))
    if isinstance(axiom.subject, ox.NamedNode):
        predicate = library.ref(axiom.predicate.value)
        claims += _axiom(library, axiom.subject, predicate, axiom.object, axiom.object).claims
        subject = library.ref(axiom.subject.value)
    relation = _in_sentence(library, axiom.predicate.value)
    return Premise(subject, relation, Ref(_words(library, axiom.object), ""), tuple(claims))


def _words(library: Library, node: Term) -> str:
    return " ".join(ref.label for ref in manchester(library, node))


def why_joined(library: Library, subject: str, relation: str, value: str) -> list[Premise]:
    """Return the premises that make ``subject relation value`` true, or [] if there are none."""
    store = library.store
    declared = map(text, asserted(store, ox.NamedNode(relation), iris.INVERSE_OF))
    inverses = sorted({*declared, *library.subjects(iris.INVERSE_OF, relation)})
    readings = [(subject, relation, value), *((value, inverse, subject) for inverse in inverses)]
    for start, wider, end in readings:
        for quad in store.quads_for_pattern(ox.NamedNode(start), None, ox.NamedNode(end), None):
            narrower = quad.predicate.value
            if quad.graph_name == INFERRED or narrower == iris.SUBCLASS:
                continue
            steps = _narrowing(library, narrower, wider)
            premise = _statement(library, start, narrower, end)
            # A triple that has no claim of its own is no reason for itself.
            if steps is not None and (premise.claims or narrower != wider):
                return [premise, *steps]
    return []


def _statement(library: Library, subject: str, relation: str, value: str) -> Premise:
    """Return a statement with the claims that make it, forwards or backwards."""
    inverse = library.relation(relation).inverse
    readings = {(subject, relation, value)}
    if inverse:
        readings.add((value, inverse.iri, subject))
    claims = [
        claim
        for claim in library.claims_of_term.get(subject, ())
        if (claim.subject.iri, claim.relation.ref.iri, claim.object.iri) in readings
        and not claim.negative
    ]
    return Premise(
        library.ref(subject),
        library.ref(relation),
        library.ref(value),
        tuple(claim.ref for claim in claims),
        max(claims, key=lambda claim: claim.firmness, default=None),
    )


def _subsumption(library: Library, child: Expression, parent: Goal, goals: Goals) -> Premises:
    """Return the premises that make a class a kind of another; either may be an expression."""
    goal = child, parent
    if child == parent:
        return []
    if goal in goals or len(goals) > MAX_STEPS:
        return None
    goals = (*goals, goal)
    whole = iris.INTERSECTION_OF
    parts = [] if isinstance(parent, Restriction) else operands(library.store, parent, whole)
    if parts:
        proofs = [_subsumption(library, child, part, goals) for part in parts]
        known = [proof for proof in proofs if proof is not None]
        return list(dict.fromkeys(chain(*known))) if len(known) == len(proofs) else None
    return next((p for p in _proofs(library, child, parent, goals) if p is not None), None)


def _proofs(library: Library, child: Expression, parent: Goal, goals: Goals) -> Iterator[Premises]:
    """Yield the ways to explain a subsumption below a class that is no intersection."""
    store = library.store
    if isinstance(parent, Restriction):
        wide: Restriction | None = parent
    else:
        wide = restriction(store, parent)
        for definition in asserted(store, parent, iris.EQUIVALENT_CLASS):
            if isinstance(definition, ox.BlankNode):
                yield _subsumption(library, child, definition, goals)
        for node in operands(store, parent, iris.UNION_OF):
            yield _subsumption(library, child, node, goals)
    for predicate, node in _above(store, child):
        narrow = restriction(store, node)
        if isinstance(node, ox.NamedNode):
            rest = _subsumption(library, node, parent, goals)
            if rest is not None:
                relation = _in_sentence(library, predicate)
                yield [_axiom(library, child, relation, node, node), *rest]
        elif narrow and wide:
            steps = _narrowing(library, narrow.relation, wide.relation)
            rest = _subsumption(library, narrow.filler, wide.filler, goals)
            if steps is not None and rest is not None:
                relation = library.ref(narrow.relation)
                yield [_axiom(library, child, relation, node, narrow.filler), *steps, *rest]


def _above(store: ox.Store, child: Expression) -> list[tuple[str, Expression]]:
    """Return the asserted wider classes of a class, restrictions first, each with its axiom."""
    steps = [(iris.SUBCLASS, node) for node in asserted(store, child, iris.SUBCLASS)]
    for definition in asserted(store, child, iris.EQUIVALENT_CLASS):
        parts = operands(store, definition, iris.INTERSECTION_OF)
        steps += [(iris.EQUIVALENT_CLASS, part) for part in parts]
    above = [(axiom, node) for axiom, node in steps if isinstance(node, Expression)]
    return sorted(above, key=lambda step: isinstance(step[1], ox.NamedNode))


def _narrowing(library: Library, relation: str, wider: str) -> Premises:
    """Return the steps from a relation up to a wider one."""
    words = _in_sentence(library, iris.SUBPROPERTY)
    paths: dict[str, list[Premise]] = {relation: []}

    def steps(narrower: str) -> Iterator[str]:
        for step in map(text, asserted(library.store, ox.NamedNode(narrower), iris.SUBPROPERTY)):
            premise = Premise(library.ref(narrower), words, library.ref(step))
            paths.setdefault(step, [*paths[narrower], premise])
            yield step

    for _ in closure(relation, steps):
        pass  # the steps note their paths
    return paths.get(wider)


def _in_sentence(library: Library, iri: str) -> Ref:
    return library.labelled(library.in_sentence(library.ref(iri)), iri)


def _axiom(
    library: Library, subject: Expression, relation: Ref, target: Term, value: Term
) -> Premise:
    """Return an axiom with the claims that its annotation names (OWL 2 §10.1).

    :param target: the object of the axiom: the value, or a restriction with it as filler.
    """
    store, source = library.store, ox.NamedNode(iris.ANNOTATED_SOURCE)
    expression = restriction(store, target)
    claims: list[Term] = []
    for quad in store.quads_for_pattern(None, source, subject, None):
        for other in asserted(store, quad.subject, iris.ANNOTATED_TARGET):
            if other == target or (expression and restriction(store, other) == expression):
                claims += asserted(store, quad.subject, iris.DERIVED_FROM)
    refs = tuple(library.resource_ref(text(claim)) for claim in dict.fromkeys(claims))
    return Premise(library.ref_of(subject), relation, library.ref_of(value), refs)
