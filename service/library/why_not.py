"""Tell why a statement does not hold, or is not an axiom: find the obstacles.

A claim becomes an axiom if some source makes it flatly (``rules/claim-flat.rq``) and its relation
has a pattern of axioms. Each thing that keeps it from that is an obstacle, with the passage.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import pyoxigraph as ox

from service import iris
from service.library.data import Ref
from service.library.document import Citation, Claim
from service.library.document_parts import Passage
from service.library.expressions import members, operands
from service.library.library import Library
from service.rdf.terms import text

_KIND_OF = (iris.SUBCLASS, iris.TYPE)

COLLECTIVE = "collective"
"""The kind of an obstacle that stops an axiom only if no passage of its source is without it."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps a claim from being an axiom.

    :param kind: "polarity", "qualifier", "assertion", "frequency", "advice", "aim", "collective",
        "relation", "subject" or "source".
    :param words: the obstacle as a sentence.
    :param passage: the passage concerned, if there is one.
    :param hedge: the words of the passage on which the obstacle rests, or "".
    """

    kind: str
    words: str
    passage: Passage | None = None
    hedge: str = ""


def why_no_axiom(library: Library, claim: Claim) -> list[Obstacle]:
    """Return the obstacles that keep a claim from being an axiom; none if it is one."""
    obstacles = list(_of_claim(library, claim))
    sources: dict[Ref, list[Obstacle]] = defaultdict(list)
    groups: dict[Ref, list[Obstacle]] = defaultdict(list)
    axioms: set[Ref] = set()
    for citation in claim.citations:
        source = citation.passage.source
        of_citation = list(_of_citation(citation))
        of_group = [obstacle for obstacle in of_citation if obstacle.kind == COLLECTIVE]
        sources[source] += [obstacle for obstacle in of_citation if obstacle not in of_group]
        groups[source] += of_group
        if not of_group:
            axioms.add(source)
    # One source that makes it flatly is enough, whatever others say.
    if all(sources[source] for source in axioms):
        obstacles += chain(*sources.values())
        obstacles += chain(*(groups[source] for source in groups if source not in axioms))
    if not claim.citations:
        obstacles.append(Obstacle("source", "No passage makes it."))
    return obstacles


def _of_claim(library: Library, claim: Claim) -> Iterator[Obstacle]:
    if claim.negative:
        yield Obstacle("polarity", "It is denied, or advised against.")
    for q in claim.qualifiers:
        value = "" if q.is_mark else f" {q.value.label}"
        words = f"It holds with a qualifier only: {q.words}{value}."
        yield Obstacle("qualifier", words)
    relation = claim.relation.ref
    if relation.iri not in _KIND_OF:
        if not library.values(relation.iri, iris.CDMO + "axiomPattern"):
            words = f'The relation "{relation.label}" makes no axioms.'
            reason = library.value(relation.iri, iris.COMMENT)
            yield Obstacle("relation", f"{words} {reason}".strip())
        if ox.NamedNode(iris.CLASS) not in library.values(claim.subject.iri, iris.TYPE):
            yield Obstacle("subject", f"{claim.subject.label} is no class but one thing.")


def _of_citation(citation: Citation) -> Iterator[Obstacle]:
    """Yield the obstacles of a citation, which stop an axiom alone or if all of its source do."""
    for manner in citation.manners:
        if manner.ref.iri != iris.PLAIN:
            kind = manner.question.removeprefix(iris.CDMO).casefold() or COLLECTIVE
            words = f"In {citation.passage.ref.label}: {manner.words}."
            yield Obstacle(kind, words, citation.passage, citation.hedge)


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a statement does not hold, or does not hold as an axiom.

    :param near: the claims of its subject and object, each with the obstacles to an axiom.
    :param elsewhere: claims that say it of a narrower or wider subject or object.
    :param notes: the objections of the ontology itself, as sentences.
    """

    near: tuple[tuple[Claim, tuple[Obstacle, ...]], ...]
    elsewhere: tuple[Claim, ...]
    notes: tuple[str, ...]


def why_not(library: Library, subject: str, relation: str, value: str) -> Denial:
    """Return why ``subject relation value`` does not hold, or not as an axiom."""
    claims = library.claims_of_term.get(subject, ())
    near = [
        c for c in claims if {c.subject.iri, c.object.iri or c.object.label} >= {subject, value}
    ]
    near.sort(key=lambda c: (c.relation.ref.iri != relation, c.subject.iri != subject, -c.firmness))
    hierarchy = library.hierarchy
    related = {
        iri: {iri, *hierarchy.ancestors(iri), *hierarchy.kinds(iri)} for iri in (subject, value)
    }
    elsewhere = [
        claim
        for claim in library.claims.values()
        if claim.relation.ref.iri == relation and claim not in near
        if claim.subject.iri in related[subject] and claim.object.iri in related[value]
    ]
    return Denial(
        tuple((claim, tuple(why_no_axiom(library, claim))) for claim in near),
        tuple(elsewhere),
        tuple(_notes(library, subject, relation, value)),
    )


def _notes(library: Library, subject: str, relation: str, value: str) -> Iterator[str]:
    kinds = {iri: library.kinds_of(iri) for iri in (subject, value)}
    if relation in _KIND_OF:
        for one in kinds[subject]:
            for other in kinds[value] or (value,):
                if one != other and {one, other} <= _disjoint(library):
                    a, b, kind, over = (
                        library.ref(iri).label for iri in (subject, value, one, other)
                    )
                    yield f"{a} stands under {kind}, {b} under {over}; nothing can be both."
        return
    for iri, predicate, verb in (
        (subject, iris.RDFS + "domain", "begins at"),
        (value, iris.RDFS + "range", "leads to"),
    ):
        allowed = _named(library, relation, predicate)
        if kinds[iri] and allowed and not allowed & set(kinds[iri]):
            own = ", ".join(library.ref(kind).label for kind in kinds[iri])
            names = ", ".join(sorted(library.ref(kind).label for kind in allowed))
            label = library.ref(iri).label
            yield f'"{library.ref(relation).label}" {verb}: {names}. {label} is: {own}.'
    if library.relations[relation].general:
        yield f'"{library.ref(relation).label}" is for queries; claims use narrower relations.'


def _disjoint(library: Library) -> set[str]:
    """Return the classes that are declared to have no instance in common."""
    members_of = library.store.quads_for_pattern(
        None, ox.NamedNode(iris.OWL + "members"), None, None
    )
    return {text(m) for quad in members_of for m in members(library.store, quad.object)}


def _named(library: Library, relation: str, predicate: str) -> set[str]:
    """Return the classes in a domain or range, also those of a union."""
    classes: set[str] = set()
    for node in library.values(relation, predicate):
        parts = operands(library.store, node, iris.UNION_OF)
        classes |= {text(part) for part in parts} or {text(node)}
    return classes


def axioms_of(library: Library, claim: str) -> list[Ref]:
    """Return the subjects of the axioms that were derived from a claim."""
    node, derived = ox.NamedNode(claim), ox.NamedNode(iris.DERIVED_FROM)
    axioms = library.store.quads_for_pattern(None, derived, node, None)
    source = ox.NamedNode(iris.ANNOTATED_SOURCE)
    return [
        library.ref_of(quad.object)
        for axiom in axioms
        if isinstance(axiom.subject, ox.BlankNode | ox.NamedNode)
        for quad in library.store.quads_for_pattern(axiom.subject, source, None, None)
    ]
