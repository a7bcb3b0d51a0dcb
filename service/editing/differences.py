"""Find where documents put the same matter differently: candidates for a disagreement.

Two documents differ about a pair of terms if one says what the other denies, or if they make the
same claim and one is far more sure of it. Whether they disagree is for an editor to tell.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service import iris
from service.editing.naming import labels
from service.pipeline import graphs
from service.pipeline.loading import Loaded
from service.rdf.terms import text

FAR = 2
"""The least difference of the weights of two assertions that are far from each other."""

_CITATIONS = """
    SELECT ?claim ?subject ?relation ?object ?polarity ?passage ?source ?value WHERE {
      ?claim a cdmo:Claim ; cdmo:subject ?subject ; cdmo:relation ?relation ;
        cdmo:object ?object ; cdmo:citation ?citation .
      ?citation cdmo:passage ?passage ; ?property ?value .
      ?passage oa:hasSource ?source .
      FILTER(?property IN (cdmo:assertion, cdmo:frequency))
      OPTIONAL { ?claim cdmo:polarity ?polarity }
    }
    ORDER BY ?source ?claim ?passage"""

_WEIGHTS = """
    SELECT ?value ?weight WHERE { ?value cdmo:weight ?weight FILTER(ISNUMERIC(?weight)) }"""

_RECORDED = """
    SELECT ?tension ?claim
    WHERE { ?tension cdmo:tensionKind cdmo:Disagreement ; cdmo:concerns ?claim }"""


@dataclass(frozen=True, slots=True)
class Put:
    """How a document puts a claim in a passage.

    :param values: the assertion and the frequency of the citation, as IRIs.
    """

    claim: str
    passage: str
    source: str
    is_denied: bool
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two documents that put the same matter differently.

    :param why: the difference in words.
    :param one: the firmest passages of one document, or those that affirm.
    :param other: the most cautious passages of the other, or those that deny.
    """

    subject: str
    object: str
    why: str
    one: tuple[Put, ...]
    other: tuple[Put, ...]

    @property
    def claims(self) -> list[str]:
        """The IRIs of the claims that a tension would concern."""
        return list(dict.fromkeys(put.claim for put in (*self.one, *self.other)))


def find_differences(loaded: Loaded) -> list[Difference]:
    """Return the differences between documents that no tension records, denials first."""
    weights = {
        text(value): int(text(weight))
        for value, weight in graphs.select(loaded.store, _WEIGHTS, "ontology")
    }
    recorded: dict[str, set[str]] = defaultdict(set)
    for tension, claim in graphs.select(loaded.store, _RECORDED, "claims"):
        recorded[text(claim)].add(text(tension))
    differences = [
        difference
        for (subject, value), puts in sorted(_puts(loaded).items())
        for difference in (
            *_denials(subject, value, puts),
            *_distances(subject, value, puts, weights),
        )
        if not set.intersection(*(recorded[claim] for claim in difference.claims))
    ]
    return sorted(differences, key=lambda difference: difference.why != DENIED)


DENIED = "one says so, another denies it"


def _puts(loaded: Loaded) -> Mapping[tuple[str, str], list[Put]]:
    values: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in graphs.select(loaded.store, _CITATIONS, "claims"):
        *citation, quality = map(text, row)
        values[tuple(citation)].add(quality)
    puts: dict[tuple[str, str], list[Put]] = defaultdict(list)
    for key, some in values.items():
        claim, subject, _, value, polarity, passage, source = key
        is_denied = polarity == iris.NEGATIVE
        puts[subject, value].append(Put(claim, passage, source, is_denied, frozenset(some)))
    return puts


def _denials(subject: str, value: str, puts: list[Put]) -> Iterator[Difference]:
    """Yield each pair of documents of which one affirms a statement that the other denies."""
    for one in dict.fromkeys(put.source for put in puts if not put.is_denied):
        for other in dict.fromkeys(put.source for put in puts if put.is_denied):
            if one != other:
                affirming = (p for p in puts if p.source == one and not p.is_denied)
                denying = (p for p in puts if p.source == other and p.is_denied)
                yield Difference(subject, value, DENIED, tuple(affirming), tuple(denying))


def _distances(
    subject: str, value: str, puts: list[Put], weights: Mapping[str, int]
) -> Iterator[Difference]:
    """Yield each claim that one document makes far more surely than another."""
    for claim in dict.fromkeys(put.claim for put in puts):
        surest: dict[str, list[Put]] = {}
        for put in puts:
            if put.claim == claim:
                surest.setdefault(put.source, []).append(put)
        firmness = {
            source: max(sum(weights.get(v, 0) for v in put.values) for put in some)
            for source, some in surest.items()
        }
        one = max(firmness, key=lambda source: firmness[source])
        other = min(firmness, key=lambda source: firmness[source])
        if firmness[one] - firmness[other] >= FAR:
            why = "one is far more sure of it than the other"
            yield Difference(subject, value, why, tuple(surest[one]), tuple(surest[other]))


def lines_of(loaded: Loaded, difference: Difference) -> Iterator[str]:
    """Yield the lines of a difference: its kind, both places, and how to record it."""
    known = labels(loaded)
    ends = (known.get(end, end) for end in (difference.subject, difference.object))
    yield f"{' – '.join(ends)}: {difference.why}"
    for put in (*difference.one, *difference.other):
        values = ", ".join(sorted(known.get(value, value) for value in put.values))
        denied = ", denied" if put.is_denied else ""
        names = (loaded.name(iri) for iri in (put.source, put.passage, put.claim))
        yield f"  {'  '.join(names)}  {values}{denied}"
    concerns = " ".join(f"--concerns {loaded.name(claim)}" for claim in difference.claims)
    across = " ".join(f"--other-side {loaded.name(put.passage)}" for put in difference.other)
    yield f"  cdmo new tension --kind Disagreement {concerns} {across}"
