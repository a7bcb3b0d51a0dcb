"""The source document of a release: sections, passages, and the claims and tensions in them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from service import iris
from service.library.data import Ref, ReleaseData, Row, first
from service.library.schema import UNKNOWN_MODALITY, Modality, Relation


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the source document.

    :param parent: the IRI of the section or the document around it.
    :param top: the IRI of the section around it that lies in the document itself.
    :param trail: the labels from that section down to this one.
    """

    ref: Ref
    parent: str
    top: str
    trail: str

    @property
    def depth(self) -> int:
        """How deep it lies; a section of the document itself lies at 0."""
        return self.trail.count(" › ")


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage: its position, never its text.

    :param start: first code point, counted from 0 at the start of the UTF-8 file.
    :param end: the code point after the last (half-open).
    :param digest: SHA-256 of its text, in hexadecimal.
    :param reason: why it makes no claim, if it makes none.
    """

    ref: Ref
    order: int
    kind: Ref
    section: Section | None
    start: int | None
    end: int | None
    digest: str
    reason: Ref | None


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that makes a claim, and how sure it is there.

    :param hedge: the few words of the document that hedge, or "".
    """

    passage: Passage
    modality: Modality
    hedge: str


@dataclass(frozen=True, slots=True)
class Qualification:
    """A qualifier of a claim with its value.

    :param words: how the qualifier reads in a sentence.
    """

    qualifier: Ref
    words: str
    value: Ref


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with its citations, in the order of the document.

    :param modality: the most cautious of its citations.
    """

    ref: Ref
    subject: Ref
    relation: Relation
    object: Ref
    negative: bool
    modality: Modality
    citations: tuple[Citation, ...]
    qualifiers: tuple[Qualification, ...]

    @property
    def surest(self) -> Modality:
        """The surest modality of its citations."""
        modalities = (citation.modality for citation in self.citations)
        return max(modalities, key=lambda m: m.strength, default=self.modality)


@dataclass(frozen=True, slots=True)
class Tension:
    """A place where the document is at odds with itself.

    :param description: what is at odds.
    :param decision: what was decided in the modelling.
    :param concerns: the claims, passages and terms that take part.
    """

    ref: Ref
    kind: Ref | None
    description: str
    decision: str
    concerns: tuple[Ref, ...]


def read_sections(data: ReleaseData) -> dict[str, Section]:
    """Return every section by IRI, in the order of the document."""
    sections: dict[str, Section] = {}
    for row in data.select("sections"):
        iri, ref, above = row["section"], data.ref(row["section"]), sections.get(row["parent"])
        trail = f"{above.trail} › {ref.label}" if above else ref.label
        sections[iri] = Section(ref, row["parent"], above.top if above else iri, trail)
    return sections


def read_passages(data: ReleaseData, sections: Mapping[str, Section]) -> dict[str, Passage]:
    """Return every passage by IRI, in the order of the document."""
    return {
        row["passage"]: Passage(
            data.labelled(f"passage {row['order']}", row["passage"]),
            int(row["order"]),
            data.ref(row["kind"]),
            sections.get(row["section"]),
            int(row["start"]) if row["start"] else None,
            int(row["end"]) if row["end"] else None,
            row["digest"],
            data.ref(row["reason"]) if row["reason"] else None,
        )
        for row in data.select("passages")
    }


def read_claims(
    data: ReleaseData,
    passages: Mapping[str, Passage],
    modalities: Mapping[str, Modality],
    relation: Callable[[str], Relation],
) -> dict[str, Claim]:
    """Return every claim by IRI, in the order in which the document first makes them."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in data.select("claims"):
        rows[row["claim"]].append(row)
    qualifiers: dict[str, list[Qualification]] = defaultdict(list)
    for row in data.select("qualifiers"):
        ref, value = data.ref(row["qualifier"]), _ref(data, row["value"], row["is_iri"])
        qualifiers[row["claim"]].append(Qualification(ref, data.in_sentence(ref), value))
    claims = []
    for iri, (one, *_) in rows.items():
        citations = _citations(rows[iri], passages, modalities)
        cautious = min((c.modality for c in citations), key=lambda m: m.strength, default=None)
        claims.append(
            Claim(
                data.labelled(one["label"] or iri.removeprefix(iris.BASE), iri),
                data.ref(one["subject"]),
                relation(one["relation"]),
                _ref(data, one["object"], one["is_iri"]),
                one["polarity"] == iris.NEGATIVE,
                modalities.get(one["modality"]) or cautious or UNKNOWN_MODALITY,
                citations,
                tuple(qualifiers[iri]),
            )
        )
    claims.sort(key=lambda c: (c.citations[0].passage.order if c.citations else 9999, c.ref.iri))
    return {claim.ref.iri: claim for claim in claims}


def _ref(data: ReleaseData, value: str, is_iri: str) -> Ref:
    return data.ref(value) if is_iri == "true" else Ref(value, "")


def _citations(
    rows: Iterable[Row], passages: Mapping[str, Passage], modalities: Mapping[str, Modality]
) -> tuple[Citation, ...]:
    citations = {
        Citation(passages[row["passage"]], modalities[row["stated"]], row["hedge"])
        for row in rows
        if row["passage"] in passages and row["stated"] in modalities
    }
    return tuple(sorted(citations, key=lambda c: (c.passage.order, c.hedge)))


def read_tensions(data: ReleaseData, ref: Callable[[str], Ref]) -> dict[str, Tension]:
    """Return every tension by IRI, in the order of IRIs.

    :param ref: how to name a claim, a passage or a term.
    """
    return {
        iri: Tension(
            data.ref(iri),
            next(map(data.ref, values.get(iris.TENSION_KIND, ())), None),
            first(values, iris.TENSION_DESCRIPTION),
            first(values, iris.DECISION),
            tuple(map(ref, values.get(iris.CONCERNS, ()))),
        )
        for iri, values in data.read("tensions").items()
    }


def claims_by(
    claims: Iterable[Claim], keys: Callable[[Claim], Iterable[str]]
) -> dict[str, list[Claim]]:
    """Return claims by each of their keys, such as the IRIs of their passages."""
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        for key in dict.fromkeys(keys(claim)):
            groups[key].append(claim)
    return groups
