"""Explain what the reasoner found: the asserted axioms from which an inferred triple follows.

It looks for the reasons that this ontology gives: steps of ``rdfs:subClassOf`` and
``rdfs:subPropertyOf``, and a definition (``owl:equivalentClass``) whose parts all hold. OWL has
other reasons; then there is no explanation, and a page says only that something is inferred.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from service import iris
from service.library.data import Ref
from service.library.expressions import INFERRED, Restriction, asserted, operands, restriction
from service.library.library import Library
from service.library.schema import Modality
from service.rdf.terms import Term, text
from service.rdf.walk import closure

MAX_STEPS = 12
"""How many subsumptions deep an explanation may go."""


@dataclass(frozen=True, slots=True)
class Premise:
    """An asserted axiom or statement: ``subject relation value``.

    :param claims: the claims from which it was derived, if it was.
    :param modality: how sure the document is of a statement that is no axiom.
    """

    subject: Ref
    relation: Ref
    value: Ref
    claims: tuple[Ref, ...] = ()
    modality: Modality | None = None


Premises = list[Premise] | None
"""None if there is no explanation; empty if there is nothing to explain."""

Pairs = tuple[tuple[str, str], ...]
"""Pairs of child and parent that are being explained, so that a cycle ends."""


def why(library: Library, child: str, parent: str) -> list[Premise]:
    """Return the premises that make ``child`` a kind of ``parent``, or [] if there are none."""
    return _Explainer(library).subsumption(child, parent, ()) or []


def why_joined(library: Library, subject: str, relation: str, value: str) -> list[Premise]:
    """Return the premises that make ``subject relation value`` true, or [] if there are none."""
    explainer = _Explainer(library)
    inverses = explainer.inverses(relation)
    readings = [(subject, relation, value), *((value, inverse, subject) for inverse in inverses)]
    for start, wider, end in readings:
        for narrower in explainer.relations(start, end):
            steps = explainer.narrowing(narrower, wider)
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
        max((claim.modality for claim in claims), key=lambda m: m.strength, default=None),
    )


class _Explainer:
    """Searches the asserted axioms of a release."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.store = library.store

    def subsumption(self, child: str, parent: str, open_pairs: Pairs) -> Premises:
        """Return the premises that make a class a kind of another."""
        if child == parent:
            return []
        if (child, parent) in open_pairs or len(open_pairs) > MAX_STEPS:
            return None
        open_pairs = (*open_pairs, (child, parent))
        for expression in asserted(self.store, ox.NamedNode(parent), iris.EQUIVALENT_CLASS):
            if isinstance(expression, ox.BlankNode):
                premises = self._membership(child, expression, open_pairs)
                if premises is not None:
                    return premises
        for predicate, step in self._steps(child):
            rest = self.subsumption(step.value, parent, open_pairs)
            if rest is not None:
                return [self._axiom(child, self._in_sentence(predicate), step, step), *rest]
        return None

    def relations(self, subject: str, value: str) -> Iterator[str]:
        """Yield the relations between two terms that are asserted."""
        nodes = ox.NamedNode(subject), ox.NamedNode(value)
        for quad in self.store.quads_for_pattern(nodes[0], None, nodes[1], None):
            if quad.graph_name != INFERRED and quad.predicate.value != iris.SUBCLASS:
                yield quad.predicate.value

    def inverses(self, relation: str) -> list[str]:
        """Return the inverses of a relation, whichever of the two declares it."""
        node, inverse_of = ox.NamedNode(relation), ox.NamedNode(iris.INVERSE_OF)
        quads = self.store.quads_for_pattern(None, inverse_of, node, None)
        declared = asserted(self.store, node, iris.INVERSE_OF)
        return sorted({*map(text, declared), *(text(quad.subject) for quad in quads)})

    def narrowing(self, relation: str, wider: str) -> Premises:
        """Return the steps from a relation up to a wider one."""
        words = self._in_sentence(iris.SUBPROPERTY)
        paths: dict[str, list[Premise]] = {relation: []}

        def steps(narrower: str) -> Iterator[str]:
            for step in map(text, asserted(self.store, ox.NamedNode(narrower), iris.SUBPROPERTY)):
                premise = Premise(self.library.ref(narrower), words, self.library.ref(step))
                paths.setdefault(step, [*paths[narrower], premise])
                yield step

        return paths[wider] if relation == wider or wider in closure(relation, steps) else None

    def _steps(self, child: str) -> Iterator[tuple[str, ox.NamedNode]]:
        """Yield the named classes directly above a class, with the property that says so."""
        node = ox.NamedNode(child)
        for step in asserted(self.store, node, iris.SUBCLASS):
            if isinstance(step, ox.NamedNode):
                yield iris.SUBCLASS, step
        for definition in asserted(self.store, node, iris.EQUIVALENT_CLASS):
            for part in operands(self.store, definition, iris.INTERSECTION_OF):
                if isinstance(part, ox.NamedNode):
                    yield iris.EQUIVALENT_CLASS, part

    def _membership(self, child: str, expression: Term, open_pairs: Pairs) -> Premises:
        """Return the premises that put everything in a class into a class expression."""
        if isinstance(expression, ox.NamedNode):
            return self.subsumption(child, expression.value, open_pairs)
        if parts := operands(self.store, expression, iris.INTERSECTION_OF):
            whole: list[Premise] = []
            for part in parts:
                premises = self._membership(child, part, open_pairs)
                if premises is None:
                    return None
                whole += [premise for premise in premises if premise not in whole]
            return whole
        for part in operands(self.store, expression, iris.UNION_OF):
            premises = self._membership(child, part, open_pairs)
            if premises is not None:
                return premises
        return self._restriction(child, expression, open_pairs)

    def _restriction(self, child: str, expression: Term, open_pairs: Pairs) -> Premises:
        """Return the premises by which a class, or one above it, has a restriction as narrow."""
        wide = restriction(self.store, expression)
        if wide is None:
            return None
        for ancestor, node, narrow in self._restrictions(child):
            steps = self.narrowing(narrow.relation, wide.relation)
            if steps is None or not isinstance(narrow.filler, ox.NamedNode):
                continue
            inner = self._membership(narrow.filler.value, wide.filler, open_pairs)
            if inner is not None:
                above = self.subsumption(child, ancestor, open_pairs) or []
                relation = self.library.ref(narrow.relation)
                axiom = self._axiom(ancestor, relation, node, narrow.filler)
                return [*above, axiom, *steps, *inner]
        return None

    def _restrictions(self, child: str) -> Iterator[tuple[str, Term, Restriction]]:
        """Yield the asserted restrictions of a class and of those above it, with their nodes."""

        def parents(iri: str) -> list[str]:
            return [step.value for name, step in self._steps(iri) if name == iris.SUBCLASS]

        for ancestor in dict.fromkeys((child, *closure(child, parents))):
            named = ox.NamedNode(ancestor)
            nodes = list(asserted(self.store, named, iris.SUBCLASS))
            for definition in asserted(self.store, named, iris.EQUIVALENT_CLASS):
                nodes += operands(self.store, definition, iris.INTERSECTION_OF)
            for node in nodes:
                if narrow := restriction(self.store, node):
                    yield ancestor, node, narrow

    def _in_sentence(self, iri: str) -> Ref:
        ref = self.library.ref(iri)
        return self.library.labelled(self.library.in_sentence(ref), iri)

    def _axiom(self, subject: str, relation: Ref, target: Term, value: ox.NamedNode) -> Premise:
        """Return an axiom with the claims that its annotation names (OWL 2 §10.1).

        :param target: the object of the axiom: the value, or a restriction with it as filler.
        """
        source, expression = ox.NamedNode(iris.ANNOTATED_SOURCE), restriction(self.store, target)
        claims: list[Term] = []
        for quad in self.store.quads_for_pattern(None, source, ox.NamedNode(subject), None):
            axiom = quad.subject
            for other in asserted(self.store, axiom, iris.ANNOTATED_TARGET):
                if other == target or (expression and restriction(self.store, other) == expression):
                    claims += asserted(self.store, axiom, iris.DERIVED_FROM)
        refs = tuple(self.library.resource_ref(text(claim)) for claim in dict.fromkeys(claims))
        return Premise(self.library.ref(subject), relation, self.library.ref(value.value), refs)
