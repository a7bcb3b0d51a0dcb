"""Why the reasoner says what it says: the chain of asserted axioms behind an inferred parent.

It looks for the reasons that this ontology gives: steps of ``rdfs:subClassOf`` and
``rdfs:subPropertyOf``, and a definition (``owl:equivalentClass``) whose parts all hold. Other
reasons are possible in OWL; then there is no explanation, and the page says only that it is
inferred.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from service import iris
from service.library.library import Library, Modality, Ref
from service.rdf.terms import text

EQUIVALENT = iris.EQUIVALENT_CLASS
INTERSECTION = iris.INTERSECTION_OF
UNION = iris.UNION_OF
INVERSE = iris.INVERSE_OF
ON_PROPERTY = iris.ON_PROPERTY
SOME = iris.SOME_VALUES_FROM
FIRST = iris.FIRST
REST = iris.REST
INFERRED = iris.GRAPH + "inferred"


@dataclass(frozen=True, slots=True)
class Because:
    """One asserted axiom in plain form: ``subject relation value``.

    :param claims: the claims from which it was derived, if it was.
    :param modality: how sure the document is of a statement that is no axiom.
    """

    subject: Ref
    relation: Ref
    value: Ref
    claims: tuple[Ref, ...] = ()
    modality: Modality | None = None


Seen = tuple[tuple[str, str], ...]
"""Pairs of child and parent that are being explained, so that a cycle ends."""

IS_A = Ref("is a kind of", iris.SUBCLASS, "rdfs:subClassOf")
IS_A_FORM_OF = Ref("is a narrower relation than", iris.SUBPROPERTY, "rdfs:subPropertyOf")
DEFINED_AS = Ref("is defined as", EQUIVALENT, "owl:equivalentClass")


def why(library: Library, child: str, parent: str) -> list[Because]:
    """Return the asserted axioms that make ``child`` a kind of ``parent``, or [] if unclear."""
    return list(_Reasons(library).subsumption(child, parent, ()) or ())


def why_joined(library: Library, subject: str, relation: str, value: str) -> list[Because]:
    """Return the asserted statements that make ``subject relation value`` true, or []."""
    reasons = _Reasons(library)
    for one, other, wanted in reasons.readings(subject, relation, value):
        for quad in library.store.quads_for_pattern(
            ox.NamedNode(one), None, ox.NamedNode(other), None
        ):
            narrower = quad.predicate.value
            if quad.graph_name == ox.NamedNode(INFERRED) or narrower == iris.SUBCLASS:
                continue
            steps = reasons.narrower(narrower, wanted)
            if steps is None:
                continue
            stated = _stated(library, one, narrower, other)
            if stated.claims or narrower != wanted:  # what follows is no reason for itself
                return [stated, *steps]
    return []


def definitions(library: Library, iri: str) -> list[list[Ref]]:
    """Return the logical definitions of a class in Manchester syntax, as words and names.

    Words ("and", "some", brackets) are references without an IRI.
    """
    reasons = _Reasons(library)
    return [
        reasons.manchester(quad.object, outermost=True)
        for quad in reasons.objects(ox.NamedNode(iri), EQUIVALENT)
    ]


def _stated(library: Library, subject: str, relation: str, value: str) -> Because:
    """Return a statement with the claims that make it, forwards or backwards."""
    inverse = library.relation(relation).inverse
    claims = [
        c
        for c in library.claims_of_term.get(subject, ())
        if not c.negative
        and (
            (c.subject.iri, c.relation.ref.iri, c.object.iri) == (subject, relation, value)
            or (
                (inverse and c.relation.ref.iri == inverse.iri)
                and (c.subject.iri, c.object.iri) == (value, subject)
            )
        )
    ]
    surest = max((c.modality for c in claims), key=lambda m: m.strength, default=None)
    return Because(
        library.ref(subject),
        library.ref(relation),
        library.ref(value),
        tuple(c.ref for c in claims),
        surest,
    )


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

    def subsumption(self, child: str, parent: str, seen: Seen) -> list[Because] | None:
        """Return reasons, [] if the two are one, None if none is found."""
        if child == parent:
            return []
        if (child, parent) in seen or len(seen) > 12:
            return None
        seen = (*seen, (child, parent))
        found = self._by_definition(child, parent, seen)
        if found is not None:
            return found
        for quad in self.objects(ox.NamedNode(child), iris.SUBCLASS):
            step = quad.object
            if isinstance(step, ox.NamedNode) and step.value != parent:
                rest = self.subsumption(step.value, parent, seen)
            else:
                rest = [] if isinstance(step, ox.NamedNode) else None
            if rest is not None and isinstance(step, ox.NamedNode):
                return [self._said(child, IS_A, step), *rest]
        for quad in self.objects(ox.NamedNode(child), EQUIVALENT):
            for part in self._parts(quad.object, INTERSECTION):
                if isinstance(part, ox.NamedNode):
                    rest = self.subsumption(part.value, parent, seen)
                    if rest is not None:
                        return [
                            Because(self.library.ref(child), DEFINED_AS, self._ref(part)),
                            *rest,
                        ]
        return None

    def manchester(self, node: object, *, outermost: bool = False) -> list[Ref]:
        """Return a class expression in Manchester syntax (OWL 2, §2.4), as words and names."""
        if isinstance(node, ox.NamedNode):
            return [self.library.ref(node.value)]
        if not isinstance(node, ox.BlankNode):
            return []
        for kind, word in ((INTERSECTION, "and"), (UNION, "or")):
            if parts := self._parts(node, kind):
                found: list[Ref] = []
                for part in parts:
                    found += [*([Ref(word, "")] if found else []), *self.manchester(part)]
                return found if outermost else [Ref("(", ""), *found, Ref(")", "")]
        relation, filler = self._some(node)
        if not relation:
            return [Ref("…", "")]
        return [self.library.ref(relation), Ref("some", ""), *self.manchester(filler)]

    def readings(self, subject: str, relation: str, value: str) -> list[tuple[str, str, str]]:
        """Return the statement forwards and, by each inverse of its relation, backwards."""
        node = ox.NamedNode(relation)
        inverses = {text(q.object) for q in self.objects(node, INVERSE)} | {
            text(q.subject)
            for q in self.store.quads_for_pattern(None, ox.NamedNode(INVERSE), node, None)
        }
        return [(subject, value, relation), *((value, subject, i) for i in sorted(inverses))]

    def narrower(self, relation: str, wider: str) -> list[Because] | None:
        """Return the steps from a relation up to a wider one, [] if they are one."""
        if relation == wider:
            return []
        for quad in self.objects(ox.NamedNode(relation), iris.SUBPROPERTY):
            parent = text(quad.object)
            rest = self.narrower(parent, wider) if parent != relation else None
            if rest is not None:
                step = Because(self.library.ref(relation), IS_A_FORM_OF, self.library.ref(parent))
                return [step, *rest]
        return None

    def _by_definition(self, child: str, parent: str, seen: Seen) -> list[Because] | None:
        for quad in self.objects(ox.NamedNode(parent), EQUIVALENT):
            if isinstance(quad.object, ox.BlankNode):
                found = self._fits(child, quad.object, seen)
                if found is not None:
                    return found
        return None

    def _fits(self, child: str, node: object, seen: Seen) -> list[Because] | None:
        """Return why everything in the class ``child`` is in a class expression."""
        if isinstance(node, ox.NamedNode):
            return self.subsumption(child, node.value, seen)
        if not isinstance(node, ox.BlankNode):
            return None
        if parts := self._parts(node, INTERSECTION):
            found: list[Because] = []
            for part in parts:
                reasons = self._fits(child, part, seen)
                if reasons is None:
                    return None
                found += [r for r in reasons if r not in found]
            return found
        for part in self._parts(node, UNION):
            reasons = self._fits(child, part, seen)
            if reasons is not None:
                return reasons
        return self._restriction(child, node, seen)

    def _restriction(self, child: str, node: ox.BlankNode, seen: Seen) -> list[Because] | None:
        relation, filler = self._some(node)
        if not relation or filler is None:
            return None
        for holder in self._self_and_above(child):
            for held_node in self._stated(holder):
                held, value = self._some(held_node)
                if not isinstance(value, ox.NamedNode):
                    continue
                steps = self.narrower(held, relation)
                inner = self._fits(value.value, filler, seen) if steps is not None else None
                if steps is None or inner is None:
                    continue
                above = self.subsumption(child, holder, seen) or []
                said = self._said(holder, self.library.ref(held), held_node, value.value)
                return [*above, said, *steps, *inner]
        return None

    def _stated(self, iri: str) -> list[ox.BlankNode]:
        """Return the anonymous classes that a class is asserted or defined to be in."""
        node = ox.NamedNode(iri)
        found = [q.object for q in self.objects(node, iris.SUBCLASS)]
        for quad in self.objects(node, EQUIVALENT):
            found += self._parts(quad.object, INTERSECTION)
        return [x for x in found if isinstance(x, ox.BlankNode)]

    def _self_and_above(self, iri: str) -> list[str]:
        found, todo = [], [iri]
        while todo:
            here = todo.pop(0)
            if here in found:
                continue
            found.append(here)
            above = [q.object for q in self.objects(ox.NamedNode(here), iris.SUBCLASS)]
            todo += [parent.value for parent in above if isinstance(parent, ox.NamedNode)]
        return found

    def _some(self, node: ox.BlankNode) -> tuple[str, ox.NamedNode | ox.BlankNode | None]:
        """Return relation and filler of an existential restriction, else "" and None."""
        relation = [q.object for q in self.objects(node, ON_PROPERTY)]
        filler = [q.object for q in self.objects(node, SOME)]
        if len(relation) == len(filler) == 1 and isinstance(filler[0], ox.NamedNode | ox.BlankNode):
            return text(relation[0]), filler[0]
        return "", None

    def _parts(self, node: object, kind: str) -> list[ox.NamedNode | ox.BlankNode]:
        """Return the members of an intersection or union; [] if the node is none."""
        if not isinstance(node, ox.BlankNode):
            return []
        found: list[ox.NamedNode | ox.BlankNode] = []
        rest = next((q.object for q in self.objects(node, kind)), None)
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
        annotated = ox.NamedNode(iris.ANNOTATED_SOURCE)
        for quad in self.store.quads_for_pattern(None, annotated, node, None):
            axiom = quad.subject
            if not isinstance(axiom, ox.BlankNode | ox.NamedNode):
                continue
            targets = [q.object for q in self.objects(axiom, iris.ANNOTATED_TARGET)]
            if any(t == target or self._same(t, target) for t in targets):
                for said in self.objects(axiom, iris.DERIVED_FROM):
                    claim = self.library.claims.get(text(said.object))
                    claims.append(claim.ref if claim else self.library.thing(said.object))
        other = self.library.ref(value or text(target))
        return Because(self.library.ref(subject), relation, other, tuple(dict.fromkeys(claims)))

    def _same(self, one: object, two: object) -> bool:
        """Say whether two blank nodes write the same restriction."""
        if isinstance(one, ox.BlankNode) and isinstance(two, ox.BlankNode):
            return self._some(one) == self._some(two) != ("", None)
        return False
