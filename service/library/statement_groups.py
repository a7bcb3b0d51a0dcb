"""The claims about a term as its page shows them, and what follows from them."""

from collections import defaultdict
from dataclasses import dataclass

import pyoxigraph as ox

from service import iris
from service.library.data import Ref
from service.library.description import Description
from service.library.document import Claim
from service.library.library import Library
from service.library.schema import Relation
from service.rdf.terms import text


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim as it reads on the page of one of its terms.

    :param other: the term or literal at the other end.
    """

    claim: Claim
    other: Ref


@dataclass(frozen=True, slots=True)
class StatementGroup:
    """Statements that share a relation and a direction.

    :param words: how the relation reads in this direction.
    """

    relation: Relation
    words: str
    statements: tuple[Statement, ...]


def statement_groups(library: Library, iri: str) -> list[StatementGroup]:
    """Return the claims about a term, grouped by how they read from it."""
    claims: dict[str, list[Claim]] = defaultdict(list)
    for claim in library.claims_of_term.get(iri, ()):
        relation = claim.relation
        words = relation.words if claim.subject.iri == iri else relation.inverse_words
        claims[words].append(claim)
    groups = []
    for words, group in claims.items():
        statements = [Statement(c, c.object if c.subject.iri == iri else c.subject) for c in group]
        statements.sort(key=lambda s: (s.claim.negative, -s.claim.firmness, s.other.label.lower()))
        relation = min((claim.relation for claim in group), key=lambda r: r.order)
        groups.append(StatementGroup(relation, words, tuple(statements)))
    return sorted(groups, key=lambda g: (g.relation.order, g.words))


def inferred(d: Description) -> list[tuple[Ref, Ref]]:
    """Return what follows about a term and is not stated: pairs of property and value.

    It follows from axioms by the reasoner; or from claims, hedged ones too, by a wider relation.
    General relations, under which nearly every claim falls, are left out.
    """
    stated = set()
    for claim in d.library.claims_of_term.get(d.iri, ()):
        relation, inverse = claim.relation.ref, claim.relation.inverse
        if claim.subject.iri == d.iri and not claim.negative:
            stated.add((relation.iri, claim.object.iri))
        if claim.object.iri == d.iri and not claim.negative:
            stated.add(((inverse or relation).iri, claim.subject.iri))
    pairs = []
    for triple in d.triples:
        predicate, value = triple.predicate, triple.object
        if text(triple.subject) == d.iri and isinstance(value, ox.NamedNode):
            graphs = d.quads[triple]
            general = d.library.relation(predicate.value).general
            by_relation = graphs <= iris.DIRECT and not general and (predicate.value, value.value)
            if graphs == {iris.INFERRED} or (by_relation and by_relation not in stated):
                pairs.append((d.library.ref(predicate.value), d.library.ref(value.value)))
    return pairs
