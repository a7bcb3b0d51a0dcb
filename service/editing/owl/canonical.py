"""The statements of an OWL graph in a canonical form, the same for two ways to write it.

OWL API, and so Protégé and ROBOT, writes an ontology anew: other blank nodes, members of a union in
another order, one direction of two inverse properties, and declarations of whatever is used. None
of that is an edit.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox

from service import iris
from service.rdf.terms import Subject, Term, text

PLAIN_LITERAL = iris.RDF + "PlainLiteral"
DECLARATIONS = {
    iris.OWL + kind
    for kind in (
        *("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty"),
        *("NamedIndividual", "Ontology"),
    )
} | {iris.RDFS + "Datatype"}
_SETS = {
    iris.UNION_OF,
    iris.INTERSECTION_OF,
    iris.ONE_OF,
    iris.OWL + "members",
    iris.OWL + "distinctMembers",
    iris.OWL + "disjointUnionOf",
}
"""Properties of lists whose order has no meaning."""
_SYMMETRIC = {iris.INVERSE_OF, iris.EQUIVALENT_CLASS, iris.SAME_AS, iris.OWL + "disjointWith"}
ENDS = (iris.ANNOTATED_SOURCE, iris.ANNOTATED_PROPERTY, iris.ANNOTATED_TARGET)
_TYPES_OF_NODES = {iris.OWL + "Restriction", iris.CLASS, iris.RDF + "List", iris.AXIOM}

Key = tuple[str, ...]
"""The key of a statement; equal statements have equal keys."""


@dataclass
class Graph:
    """Triples by subject."""

    triples: list[ox.Triple]
    values: dict[Subject, list[ox.Triple]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, triples: Iterable[ox.Triple]) -> "Graph":
        """Index triples; texts that are written as ``rdf:PlainLiteral`` become plain ones."""
        graph = cls([_plain(t) for t in triples])
        for t in graph.triples:
            graph.values[t.subject].append(t)
        return graph

    def about(self, subject: Subject) -> list[ox.Triple]:
        """Return the triples of a subject."""
        return self.values.get(subject, [])

    def tree(self, node: Term) -> Iterator[ox.Triple]:
        """Yield the triples of a blank node and of those below it."""
        todo, seen = [node], set()
        while todo:
            node = todo.pop()
            if isinstance(node, ox.BlankNode) and node not in seen:
                seen.add(node)
                yield from self.values.get(node, ())
                todo += [t.object for t in self.values.get(node, ())]

    def canonical(self, node: Term, *, as_set: bool = False) -> str:
        """Return a text that is the same for two blank nodes with the same statements."""
        if not isinstance(node, ox.BlankNode):
            return str(node)
        members = self._members(node)
        if members is not None:
            parts = [self.canonical(member) for member in members]
            return f"({' '.join(sorted(parts) if as_set else parts)})"
        parts = [
            f"{t.predicate} {self.canonical(t.object, as_set=t.predicate.value in _SETS)}"
            for t in self.values.get(node, ())
            if not (t.predicate.value == iris.TYPE and text(t.object) in _TYPES_OF_NODES)
        ]
        return f"[{' ; '.join(sorted(parts))}]"

    def _members(self, node: Term) -> list[Term] | None:
        members: list[Term] = []
        while isinstance(node, ox.BlankNode):
            own = {t.predicate.value: t.object for t in self.values.get(node, ())}
            if iris.FIRST not in own or iris.REST not in own:
                return None
            members.append(own[iris.FIRST])
            node = own[iris.REST]
        return members

    def statements(self) -> dict[Key, ox.Triple]:
        """Return the statements: the key of each, and a triple by which to find it."""
        by_key: dict[Key, ox.Triple] = {}
        objects = {t.object for t in self.triples}
        for subject, triples in self.values.items():
            if isinstance(subject, ox.NamedNode):
                for t in triples:
                    by_key.setdefault(self.key(t), t)
            elif isinstance(subject, ox.BlankNode) and subject not in objects:
                if ends := self.ends(subject):
                    for t in triples:
                        if t.predicate.value not in (*ENDS, iris.TYPE):
                            by_key.setdefault(self.annotation_key(ends, t), t)
                else:
                    for t in triples[:1]:
                        by_key.setdefault(("node", self.canonical(subject)), t)
        return by_key

    def key(self, t: ox.Triple) -> Key:
        """Return the key of a triple whose subject is named."""
        value = self.canonical(t.object, as_set=t.predicate.value in _SETS)
        ends = [str(t.subject), value]
        if t.predicate.value in _SYMMETRIC:
            ends.sort()
        return (ends[0], t.predicate.value, ends[1])

    def annotation_key(self, ends: list[Term], t: ox.Triple) -> Key:
        """Return the key of an annotation of an axiom."""
        return ("axiom", *map(self.canonical, ends), t.predicate.value, self.canonical(t.object))

    def ends(self, node: Subject) -> list[Term]:
        """Return source, property and target of the axiom that a node annotates, or nothing."""
        triples = self.values.get(node, ())
        ends = [t.object for end in ENDS for t in triples if t.predicate.value == end]
        return ends if len(ends) == len(ENDS) else []


def _plain(t: ox.Triple) -> ox.Triple:
    """Return a triple with a text as RDF 1.1 has it."""
    value = t.object
    if isinstance(value, ox.Literal) and value.datatype.value == PLAIN_LITERAL:
        words, _, language = value.value.rpartition("@")
        return ox.Triple(
            t.subject,
            t.predicate,
            ox.Literal(words, language=language) if language else ox.Literal(words),
        )
    return t


def is_declaration(t: ox.Triple) -> bool:
    """Tell whether a triple only declares the sort of its subject."""
    return t.predicate.value == iris.TYPE and text(t.object) in DECLARATIONS
