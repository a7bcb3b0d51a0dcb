"""The claims about a term as its page shows them, and what follows from them."""

from collections import defaultdict
from collections.abc import Iterable
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


def statements(library: Library, iri: str) -> list[StatementGroup]:
    """Return the claims with the term as their subject, grouped by relation."""
    claims = library.claims_of_term.get(iri, ())
    return _groups([Statement(c, c.object) for c in claims if c.subject.iri == iri], inverse=False)


def inverse_statements(library: Library, iri: str) -> list[StatementGroup]:
    """Return the claims about other terms with this one as their object, grouped by relation."""
    claims = library.claims_of_term.get(iri, ())
    return _groups([Statement(c, c.subject) for c in claims if c.subject.iri != iri], inverse=True)


def statement_groups(library: Library, iri: str) -> list[StatementGroup]:
    """Return the statements of both directions, grouped by how they read from the term."""
    groups: dict[str, StatementGroup] = {}
    for group in (*statements(library, iri), *inverse_statements(library, iri)):
        known = groups[group.words].statements if group.words in groups else ()
        merged = StatementGroup(group.relation, group.words, known + group.statements)
        groups[group.words] = merged
    return sorted(groups.values(), key=lambda g: (g.relation.order, g.words))


def _groups(statements: Iterable[Statement], *, inverse: bool) -> list[StatementGroup]:
    by_relation: dict[Relation, list[Statement]] = defaultdict(list)
    for s in statements:
        by_relation[s.claim.relation].append(s)
    groups = []
    for relation, group in by_relation.items():
        group.sort(
            key=lambda s: (s.claim.negative, -s.claim.modality.strength, s.other.label.lower())
        )
        words = relation.inverse_words if inverse else relation.words
        groups.append(StatementGroup(relation, words, tuple(group)))
    return sorted(groups, key=lambda g: (g.relation.order, g.words))


def inferred(d: Description) -> list[tuple[Ref, Ref]]:
    """Return what follows about a term and is not stated: pairs of property and value.

    It follows from axioms by the reasoner; or from claims, hedged ones too, by a wider relation.
    """
    stated = _stated(d)
    return [
        (d.library.ref(triple.predicate.value), d.library.ref_of(triple.object))
        for triple in d.triples
        if text(triple.subject) == d.iri
        and isinstance(triple.object, ox.NamedNode)
        and (
            d.quads[triple] == {iris.INFERRED}
            or (
                d.quads[triple] == {iris.RELATIONS}
                and (triple.predicate.value, triple.object.value) not in stated
            )
        )
    ]


def _stated(d: Description) -> set[tuple[str, str]]:
    """Return relation and other end of each positive claim, read from the term."""
    stated = set()
    for claim in d.library.claims_of_term.get(d.iri, ()):
        relation, inverse = claim.relation.ref, claim.relation.inverse
        if claim.subject.iri == d.iri and not claim.negative:
            stated.add((relation.iri, claim.object.iri))
        if claim.object.iri == d.iri and not claim.negative:
            stated.add(((inverse or relation).iri, claim.subject.iri))
    return stated
