"""The claims about a term as its page shows them, and the statements inferred from them."""

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
    :param kind: the kind of the term that it is about, if it is not about the term itself.
    """

    claim: Claim
    other: Ref
    kind: Ref | None = None


@dataclass(frozen=True, slots=True)
class StatementGroup:
    """Statements that share a relation and a direction, all affirmed or all denied.

    :param name: the local name of the relation in this direction, after "not-" if it is denied.
    :param words: how the relation reads in this direction, affirmed or denied.
    :param of_kinds: the statements about kinds of the term, and not about the term itself.
    """

    relation: Relation
    name: str
    words: str
    statements: tuple[Statement, ...]
    of_kinds: tuple[Statement, ...] = ()


def statement_groups(
    library: Library, iri: str, *, with_kinds: bool = False
) -> list[StatementGroup]:
    """Return the claims about a term, grouped by how they read from it, the firmest first.

    :param with_kinds: also those about its kinds and forms, each once, read from the nearest one.
        Statements that something is a kind of something else are left out.
    """
    own: dict[str, list[Statement]] = defaultdict(list)
    of_kinds: dict[str, list[Statement]] = defaultdict(list)
    relations: dict[str, dict[str, Relation]] = defaultdict(dict)
    seen = set()
    kinds = (iri, *library.hierarchy.kinds(iri)) if with_kinds else (iri,)
    forms = (f for kind in kinds if with_kinds for f in library.forms(kind))
    for term in dict.fromkeys((*kinds, *forms)):
        for claim in library.claims_of_term.get(term, ()):
            relation, forwards = claim.relation, claim.subject.iri == term
            is_own = term == iri
            if claim.ref.iri in seen or (not is_own and relation.ref.iri == iris.SUBCLASS):
                continue
            seen.add(claim.ref.iri)
            words = relation.reading(forwards=forwards, negative=claim.negative)
            name = relation.name if forwards else relation.inverse_name
            other = claim.object if forwards else claim.subject
            kind = None if is_own else library.ref(term)
            (own if is_own else of_kinds)[words].append(Statement(claim, other, kind))
            relations[words][f"not-{name}" if claim.negative else name] = relation
    groups = []
    for words, by_name in relations.items():
        name, relation = min(by_name.items(), key=lambda item: item[1].order)
        statements, more = (_firmest_first(some[words]) for some in (own, of_kinds))
        groups.append(StatementGroup(relation, name, words, statements, more))
    return sorted(groups, key=lambda g: (g.relation.order, g.name.startswith("not-"), g.words))


def _firmest_first(statements: list[Statement]) -> tuple[Statement, ...]:
    return tuple(sorted(statements, key=lambda s: (-s.claim.firmness, s.other.label.lower())))


def inferred(d: Description) -> list[tuple[Ref, Ref]]:
    """Return the inferred statements about a term that are not stated: property and value.

    They follow from axioms by the reasoner; or from claims, hedged ones too, by a wider relation.
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
