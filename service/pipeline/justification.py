"""The least axioms from which something follows: a justification, by contraction.

First comes the module of the question, by syntactic ⊥-locality (Cuenca Grau et al. 2008): it has
every justification, and is small. Then halves of it are left out as long as the rest still entails
the answer (QuickXplain, Junker 2004). The reasoner is a black box, called a few dozen times.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from service import iris
from service.pipeline.facts import LOGICAL, Facts
from service.rdf.terms import Term, triple

MAX_CALLS = 120
"""Calls of the reasoner for one justification."""

_NODES = frozenset(
    ox.NamedNode(iris.OWL + name)
    for name in (
        *("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty"),
        *("NamedIndividual", "Ontology", "Axiom", "Restriction"),
    )
)
"""The types of the subjects of axioms."""
_ALL_DISJOINT = ox.NamedNode(iris.OWL + "AllDisjointClasses")


@dataclass(frozen=True)
class Axiom:
    """An axiom: its triple, and those of the expressions in it.

    :param head: the triple that a reader would name it by.
    :param triples: all of them.
    """

    head: ox.Triple
    triples: tuple[ox.Triple, ...] = field(repr=False)


class Ontology:
    """An ontology in triples, by axioms."""

    def __init__(self, triples: Sequence[ox.Triple]) -> None:
        self._facts = Facts(triples)
        self.declarations = [
            t for t in triples if t.predicate.value == iris.TYPE and t.object in _NODES
        ]
        heads = [t for t in triples if self._is_axiom(t)]
        self.axioms = [Axiom(head, tuple(self._whole(head))) for head in heads]

    @staticmethod
    def _is_axiom(t: ox.Triple) -> bool:
        if isinstance(t.subject, ox.BlankNode):
            return t.predicate.value == iris.TYPE and t.object == _ALL_DISJOINT
        is_type = t.predicate.value == iris.TYPE
        return t.predicate.value in LOGICAL and not (is_type and t.object in _NODES)

    def _whole(self, head: ox.Triple) -> list[ox.Triple]:
        """Return an axiom's triple with all that its blank nodes have."""
        whole, ahead, seen = [head], [head.subject, head.object], set[Term]()
        while ahead:
            node = ahead.pop()
            if isinstance(node, ox.BlankNode) and node not in seen:
                seen.add(node)
                for predicate, values in self._facts.of.get(node, {}).items():
                    whole += [triple(node, predicate, value) for value in values]
                    ahead += values
        return list(dict.fromkeys(whole))

    def module(self, signature: Collection[str]) -> list[Axiom]:
        """Return the axioms that can matter for entailments in these names."""
        known = {*signature, iris.THING}
        module: dict[Axiom, None] = {}
        while new := [a for a in self.axioms if a not in module and not self._is_local(a, known)]:
            module |= dict.fromkeys(new)
            known |= {
                node.value
                for axiom in new
                for t in axiom.triples
                for node in (t.subject, t.object)
                if isinstance(node, ox.NamedNode)
            }
        return list(module)

    def triples_of(self, axioms: Sequence[Axiom]) -> list[ox.Triple]:
        """Return the triples of axioms, with the declarations of the names in them."""
        triples = list(dict.fromkeys(t for axiom in axioms for t in axiom.triples))
        names = {node for t in triples for node in (t.subject, t.predicate, t.object)}
        return [t for t in self.declarations if t.subject in names] + triples

    def _is_local(self, axiom: Axiom, known: Collection[str]) -> bool:
        """Tell whether an axiom holds trivially if all other names are empty."""
        head = axiom.head
        name = head.predicate.value
        if name == iris.EQUIVALENT_CLASS:
            return self._is_empty(head.subject, known) and self._is_empty(head.object, known)
        if name == iris.INVERSE_OF:
            return not {_iri(head.subject), _iri(head.object)} & set(known)
        if name == iris.TYPE and head.object == _ALL_DISJOINT:
            members = self._facts.members(head.subject, iris.OWL + "members")
            return sum(not self._is_empty(m, known) for m in members) < 2
        if name == iris.DISJOINT_WITH:
            return self._is_empty(head.subject, known) or self._is_empty(head.object, known)
        return self._is_empty(head.subject, known)

    def _is_empty(self, node: Term, known: Collection[str]) -> bool:
        """Tell whether a class or relation is empty if all other names are."""
        if not isinstance(node, ox.BlankNode):
            return _iri(node) not in known
        if parts := self._facts.members(node, iris.INTERSECTION_OF):
            return any(self._is_empty(part, known) for part in parts)
        if parts := self._facts.members(node, iris.UNION_OF):
            return all(self._is_empty(part, known) for part in parts)
        relation = self._facts.value(node, iris.ON_PROPERTY)
        filler = self._facts.value(node, iris.SOME_VALUES_FROM)
        if relation is not None and filler is not None:
            return self._is_empty(relation, known) or self._is_empty(filler, known)
        return False  # other expressions are kept, to be safe


def _iri(node: Term) -> str:
    return node.value if isinstance(node, ox.NamedNode) else ""


def justify(
    triples: Sequence[ox.Triple],
    signature: Collection[str],
    entails: Callable[[list[ox.Triple]], bool],
    report: Callable[[str], None] = lambda _: None,
) -> list[Axiom] | None:
    """Return a least set of axioms that entail something: none of them can be left out.

    :param triples: the ontology.
    :param signature: the IRIs in the question.
    :param entails: the reasoner: tells whether some triples entail it.
    :param report: called with each line of progress.
    :return: None if it does not follow, or not within :data:`MAX_CALLS` calls of the reasoner.
    """
    ontology = Ontology(triples)
    module = ontology.module(signature)
    calls = 0

    def follows(axioms: Sequence[Axiom]) -> bool:
        nonlocal calls
        calls += 1
        if calls > MAX_CALLS:
            raise _TooManyError
        report(f"Asking HermiT ({calls}): does it follow from {len(axioms)} axioms?")
        return entails(ontology.triples_of(axioms))

    def least(base: list[Axiom], delta: bool, candidates: list[Axiom]) -> list[Axiom]:
        """Return the candidates that are needed beside ``base``."""
        if delta and follows(base):
            return []
        if len(candidates) == 1:
            return candidates
        half = len(candidates) // 2
        first, second = candidates[:half], candidates[half:]
        needed = least([*base, *first], bool(first), second)
        return [*least([*base, *needed], bool(needed), first), *needed]

    try:
        if not follows(module):
            return None
        return least([], True, module) if module else []
    except _TooManyError:
        return None


class _TooManyError(Exception):
    """The reasoner was asked too often."""
