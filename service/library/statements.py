"""The claims and tensions in a description, as pages show them."""

from collections import defaultdict
from dataclasses import dataclass

import pyoxigraph as ox

from service import iris
from service.library.data import Ref
from service.library.description import Description
from service.library.document import Claim, Tension
from service.library.schema import Relation
from service.rdf.terms import text


@dataclass(frozen=True, slots=True)
class Qualification:
    """A qualifier of a claim with its value.

    :param words: how the qualifier reads in a sentence.
    """

    qualifier: Ref
    words: str
    value: Ref


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim as it reads on the page of one of its terms.

    :param other: the term or literal at the other end.
    """

    claim: Claim
    other: Ref
    qualifiers: tuple[Qualification, ...]


@dataclass(frozen=True, slots=True)
class StatementGroup:
    """Statements that share a relation and a direction.

    :param words: how the relation reads in this direction.
    """

    relation: Relation
    words: str
    statements: tuple[Statement, ...]


def claims_in(d: Description) -> list[Claim]:
    """Return the claims in a description, in the order of the document."""
    return [
        claim
        for iri, claim in d.library.claims.items()
        if iri != d.iri and iris.SUBJECT in d.nodes.get(iri, ())
    ]


def qualifiers(d: Description, claim: str = "") -> tuple[Qualification, ...]:
    """Return the qualifiers of a claim in a description with their values.

    :param claim: its IRI; by default the described resource itself.
    """
    node = d.nodes.get(claim or d.iri, {})
    return tuple(
        Qualification(qualifier, d.library.in_sentence(qualifier), d.library.ref_of(value))
        for iri, qualifier in d.library.qualifiers.items()
        for value in node.get(iri, ())
    )


def statements(d: Description) -> list[StatementGroup]:
    """Return the claims with the term as their subject, grouped by relation."""
    return _groups(d, [c for c in claims_in(d) if c.subject.iri == d.iri], inverse=False)


def inverse_statements(d: Description) -> list[StatementGroup]:
    """Return the claims about other terms with this one as their object, grouped by relation."""
    claims = [c for c in claims_in(d) if c.object.iri == d.iri != c.subject.iri]
    return _groups(d, claims, inverse=True)


def statement_groups(d: Description) -> list[StatementGroup]:
    """Return the statements of both directions, grouped by how they read from the term."""
    groups: dict[str, StatementGroup] = {}
    for group in (*statements(d), *inverse_statements(d)):
        known = groups[group.words].statements if group.words in groups else ()
        merged = StatementGroup(group.relation, group.words, known + group.statements)
        groups[group.words] = merged
    return sorted(groups.values(), key=lambda g: (g.relation.order, g.words))


def _groups(d: Description, claims: list[Claim], *, inverse: bool) -> list[StatementGroup]:
    by_relation: dict[str, list[Statement]] = defaultdict(list)
    for claim in claims:
        other = claim.subject if inverse else claim.object
        statement = Statement(claim, other, qualifiers(d, claim.ref.iri))
        by_relation[claim.relation.ref.iri].append(statement)
    groups = []
    for iri, group in by_relation.items():
        relation = d.library.relation(iri)
        group.sort(
            key=lambda s: (s.claim.negative, -s.claim.modality.strength, s.other.label.lower())
        )
        words = relation.inverse_words if inverse else relation.words
        groups.append(StatementGroup(relation, words, tuple(group)))
    return sorted(groups, key=lambda g: (g.relation.order, g.words))


def qualified_claims(d: Description) -> list[tuple[Ref, Claim]]:
    """Return the claims that the resource qualifies, each with the qualifier."""
    qualified = d.library.qualified_by(d.iri)
    return [
        (qualifier, claim)
        for iri, claim in d.library.claims.items()
        for qualifier in qualified.get(iri, ())
    ]


def tensions_in(d: Description) -> list[Tension]:
    """Return the tensions that concern the resource, in the order of IRIs."""
    return [
        tension
        for iri, tension in d.library.tensions.items()
        if iri != d.iri and iris.CONCERNS in d.nodes.get(iri, ())
    ]


def inferred(d: Description) -> list[tuple[Ref, Ref]]:
    """Return what follows about the resource and is not stated: pairs of property and value.

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
    """Return relation and other end of each positive claim, read from the resource."""
    stated = set()
    for claim in claims_in(d):
        if claim.negative:
            continue
        relation, inverse = claim.relation.ref.iri, claim.relation.inverse
        if claim.subject.iri == d.iri:
            stated.add((relation, claim.object.iri))
        if claim.object.iri == d.iri:
            stated.add((inverse.iri if inverse else relation, claim.subject.iri))
    return stated
