"""The reasons for a statement: its claims, its graphs, and the axioms from which it follows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyoxigraph as ox

from service import iris
from service.library.data import Ref
from service.library.document import Claim
from service.library.expressions import asserted
from service.library.library import Library
from service.library.why import Premise, premise_of, why, why_every, why_joined


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why ``subject relation value`` holds.

    :param graphs: local names of the graphs with its triple.
    :param claims: the claims that make it, by this relation or a narrower one, firmest first.
    :param premises: the axioms or statements from which it follows, in order.
    :param is_axiom: whether it holds of every subject, by the premises.
    """

    subject: Ref
    relation: Ref
    value: Ref
    graphs: tuple[str, ...]
    claims: tuple[Claim, ...]
    premises: tuple[Premise, ...]
    is_axiom: bool = False

    @property
    def holds(self) -> bool:
        """Whether it holds at all; a claim alone may be an aim or a hope."""
        return bool(self.graphs or self.premises)

    @property
    def is_unexplained(self) -> bool:
        """Whether only the reasoner knows: a reason for :mod:`service.pipeline.justification`."""
        return self.graphs == ("inferred",) and not self.premises

    def following(self, premises: list[Premise]) -> "Reasons":
        """Return the reasons with the premises that a reasoner names."""
        return replace(self, premises=tuple(premises), is_axiom=True)


def reasons(library: Library, subject: str, relation: str, value: str) -> Reasons:
    """Return why ``subject relation value`` holds, as far as steps of the ontology explain it.

    :param value: an IRI, or the text of a literal.
    """
    object_ = ox.NamedNode(value) if "://" in value else ox.Literal(value)
    ends = ox.NamedNode(subject), ox.NamedNode(relation), object_
    quads = library.store.quads_for_pattern(*ends, None)
    names = {q.graph_name.value for q in quads if isinstance(q.graph_name, ox.NamedNode)}
    graphs = sorted(name.rpartition("/")[2] for name in names)
    claims = sorted(_claims(library, subject, relation, value), key=lambda c: -c.firmness)
    premises, is_axiom = _premises(library, subject, relation, value, graphs)
    first, verb, last = map(library.ref_of, ends)
    return Reasons(first, verb, last, tuple(graphs), tuple(claims), tuple(premises), is_axiom)


def _claims(library: Library, subject: str, relation: str, value: str) -> Iterator[Claim]:
    known = library.relation(relation)
    inverse = relation if known.symmetric else known.inverse.iri if known.inverse else None
    for claim in library.claims_of_term.get(subject, ()):
        if claim.negative:
            continue
        ends = claim.subject.iri, claim.object.iri or claim.object.label
        for wanted, way in ((relation, (subject, value)), (inverse, (value, subject))):
            if wanted and ends == way and wanted in claim.relation.wider:
                yield claim
                break


def _premises(
    library: Library, subject: str, relation: str, value: str, graphs: list[str]
) -> tuple[list[Premise], bool]:
    if "://" not in value:
        return [], False
    if relation not in (iris.SUBCLASS, iris.TYPE):
        every = why_every(library, subject, relation, value)
        return every or why_joined(library, subject, relation, value), bool(every)
    node = ox.NamedNode(subject)
    if "ontology" in graphs:
        axiom = ox.Triple(node, ox.NamedNode(relation), ox.NamedNode(value))
        return [premise_of(library, axiom)], True
    if relation == iris.SUBCLASS:
        return why(library, subject, value), True
    for kind in asserted(library.store, node, iris.TYPE):
        if isinstance(kind, ox.NamedNode) and (steps := why(library, kind.value, value)):
            return [
                premise_of(library, ox.Triple(node, ox.NamedNode(iris.TYPE), kind)),
                *steps,
            ], True
    return [], False
