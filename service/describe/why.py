"""Why the reasoner says what it says: the chain of asserted axioms behind an inferred parent.

It looks for the two reasons that this ontology gives: steps of ``rdfs:subClassOf``, and a
definition (``owl:equivalentClass`` of an intersection) whose parts all hold. Other reasons are
possible in OWL; then there is no explanation, and the page says only that it is inferred.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from service.describe import vocabulary as v
from service.describe.library import Library, Ref, text

EQUIVALENT = v.OWL + "equivalentClass"
INTERSECTION = v.OWL + "intersectionOf"
ON_PROPERTY = v.OWL + "onProperty"
SOME = v.OWL + "someValuesFrom"
FIRST = v.RDF + "first"
REST = v.RDF + "rest"
INFERRED = v.GRAPH + "inferred"


@dataclass(frozen=True, slots=True)
class Because:
    """One asserted axiom in plain form: ``subject relation value``.

    :param claims: the claims from which the axiom was derived, if it was.
    """

    subject: Ref
    relation: Ref
    value: Ref
    claims: tuple[Ref, ...] = ()


IS_A = Ref("is a kind of", v.SUBCLASS, "rdfs:subClassOf")
DEFINED_AS = Ref("is defined as", EQUIVALENT, "owl:equivalentClass")


def why(library: Library, child: str, parent: str) -> list[Because]:
    """Return the asserted axioms that make ``child`` a kind of ``parent``, or [] if unclear."""
    return list(_Reasons(library).subsumption(child, parent, ()) or ())


class _Reasons:
    def __init__(self, library: Library) -> None:
        self.library = library
        self.store = library.store

    def objects(self, node: ox.NamedNode | ox.BlankNode, predicate: str) -> Iterator[ox.Quad]:
        """Yield the asserted quads ``node predicate ?``."""
        for quad in self.store.quads_for_pattern(node, ox.NamedNode(predicate), None, None):
            if text(quad.graph_name if isinstance(quad.graph_name, ox.NamedNode) else None) != (
                INFERRED
            ):
                yield quad

    def subsumption(
        self, child: str, parent: str, seen: tuple[tuple[str, str], ...]
    ) -> list[Because] | None:
        """Return reasons, [] if the two are one, None if none is found."""
        if child == parent:
            return []
        if (child, parent) in seen or len(seen) > 12:
            return None
        seen = (*seen, (child, parent))
        found = self._by_definition(child, parent, seen)
        if found is not None:
            return found
        for quad in self.objects(ox.NamedNode(child), v.SUBCLASS):
            step = quad.object
            if isinstance(step, ox.NamedNode) and step.value != parent:
                rest = self.subsumption(step.value, parent, seen)
            else:
                rest = [] if isinstance(step, ox.NamedNode) else None
            if rest is not None and isinstance(step, ox.NamedNode):
                return [self._said(child, IS_A, step), *rest]
        for quad in self.objects(ox.NamedNode(child), EQUIVALENT):
            for part in self._parts(quad.object):
                if isinstance(part, ox.NamedNode):
                    rest = self.subsumption(part.value, parent, seen)
                    if rest is not None:
                        return [
                            Because(self.library.ref(child), DEFINED_AS, self._ref(part)),
                            *rest,
                        ]
        return None

    def _by_definition(
        self, child: str, parent: str, seen: tuple[tuple[str, str], ...]
    ) -> list[Because] | None:
        for quad in self.objects(ox.NamedNode(parent), EQUIVALENT):
            parts = self._parts(quad.object)
            if not parts:
                continue
            found: list[Because] = []
            for part in parts:
                if isinstance(part, ox.NamedNode):
                    reasons = self.subsumption(child, part.value, seen)
                else:
                    reasons = self._restriction(child, part, seen)
                if reasons is None:
                    break
                found += [r for r in reasons if r not in found]
            else:
                return found
        return None

    def _restriction(
        self, child: str, part: ox.BlankNode, seen: tuple[tuple[str, str], ...]
    ) -> list[Because] | None:
        relation, filler = self._some(part)
        if not relation or not filler:
            return None
        for holder in self._self_and_above(child):
            for quad in self.objects(ox.NamedNode(holder), v.SUBCLASS):
                held, value = (
                    self._some(quad.object) if isinstance(quad.object, ox.BlankNode) else ("", "")
                )
                if held != relation or not value:
                    continue
                inner = self.subsumption(value, filler, seen)
                if inner is None:
                    continue
                steps = self.subsumption(child, holder, seen) or []
                said = self._said(holder, self.library.ref(relation), quad.object, value)
                return [*steps, said, *inner]
        return None

    def _self_and_above(self, iri: str) -> list[str]:
        found, todo = [], [iri]
        while todo:
            here = todo.pop(0)
            if here in found:
                continue
            found.append(here)
            above = [q.object for q in self.objects(ox.NamedNode(here), v.SUBCLASS)]
            todo += [parent.value for parent in above if isinstance(parent, ox.NamedNode)]
        return found

    def _some(self, node: ox.BlankNode) -> tuple[str, str]:
        """Return relation and filler of an existential restriction, else empty strings."""
        relation = [q.object for q in self.objects(node, ON_PROPERTY)]
        filler = [q.object for q in self.objects(node, SOME)]
        if len(relation) == len(filler) == 1 and isinstance(filler[0], ox.NamedNode):
            return text(relation[0]), filler[0].value
        return "", ""

    def _parts(self, node: object) -> list[ox.NamedNode | ox.BlankNode]:
        """Return the members of an intersection; [] if the node is none."""
        if not isinstance(node, ox.BlankNode):
            return []
        found: list[ox.NamedNode | ox.BlankNode] = []
        rest = next((q.object for q in self.objects(node, INTERSECTION)), None)
        while isinstance(rest, ox.BlankNode):
            first = next((q.object for q in self.objects(rest, FIRST)), None)
            if isinstance(first, ox.NamedNode | ox.BlankNode):
                found.append(first)
            rest = next((q.object for q in self.objects(rest, REST)), None)
        return found

    def _ref(self, node: ox.NamedNode) -> Ref:
        return self.library.ref(node.value)

    def _said(
        self,
        subject: str,
        relation: Ref,
        target: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple,
        value: str = "",
    ) -> Because:
        claims: list[Ref] = []
        node = ox.NamedNode(subject)
        annotated = ox.NamedNode(v.ANNOTATED_SOURCE)
        for quad in self.store.quads_for_pattern(None, annotated, node, None):
            axiom = quad.subject
            if not isinstance(axiom, ox.BlankNode | ox.NamedNode):
                continue
            targets = [q.object for q in self.objects(axiom, v.ANNOTATED_TARGET)]
            if any(t == target or self._same(t, target) for t in targets):
                for said in self.objects(axiom, v.DERIVED_FROM):
                    claim = self.library.claims.get(text(said.object))
                    claims.append(claim.ref if claim else self.library.thing(said.object))
        other = self.library.ref(value or text(target))
        return Because(self.library.ref(subject), relation, other, tuple(dict.fromkeys(claims)))

    def _same(self, one: object, two: object) -> bool:
        """Say whether two blank nodes write the same restriction."""
        if isinstance(one, ox.BlankNode) and isinstance(two, ox.BlankNode):
            return self._some(one) == self._some(two) != ("", "")
        return False
