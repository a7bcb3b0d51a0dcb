"""The source documents of a release: sections, passages, and the claims in them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from service import iris
from service.library.data import Ref, Row
from service.library.document_parts import Enumeration, Passage, Section
from service.library.hierarchy import Terms
from service.library.schema import UNKNOWN_STANDING, Manner, Relation, Standing


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that makes a claim, and how it puts it.

    :param iri: its IRI in the data.
    :param words: how the passage puts the claim, in plain words.
    :param firmness: the weight of those words; 0 is the least.
    :param hedge: the few words of the document that they rest on, or "".
    :param manners: the same as values: first the assertion, then frequency, advice and aim.
    """

    iri: str
    passage: Passage
    standing: Standing
    words: str
    firmness: int
    hedge: str
    manners: tuple[Manner, ...]

    @property
    def is_plain(self) -> bool:
        """Whether it says flatly that something is so, of one thing alone and not as an aim."""
        values = {manner.ref.iri for manner in self.manners}
        return iris.PLAIN in values and iris.COLLECTIVE not in values and self.aim is None

    @property
    def aim(self) -> Manner | None:
        """The aim value, set if the passage states only an aim; else None."""
        return next((manner for manner in self.manners if manner.question == iris.AIM), None)


@dataclass(frozen=True, slots=True)
class Qualification:
    """A qualifier of a claim with its value.

    :param words: how the qualifier reads in a sentence.
    :param is_usual: whether it names the context that most statements with a context have.
    """

    qualifier: Ref
    words: str
    value: Ref
    is_usual: bool = False

    @property
    def is_mark(self) -> bool:
        """Whether it only says that something holds, such as *off-label*."""
        return not self.value.iri and self.value.label == "true"


class Share(NamedTuple):
    """The passages of a claim that assert it alike.

    :param aim: set if they state it only as an aim.
    """

    assertion: Manner
    aim: Manner | None
    passages: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with its citations, document by document, in its order.

    :param standing: the best of its citations.
    :param firmness: of all citations together.
    """

    ref: Ref
    subject: Ref
    relation: Relation
    object: Ref
    negative: bool
    standing: Standing
    firmness: int
    citations: tuple[Citation, ...]
    qualifiers: tuple[Qualification, ...]

    @property
    def relation_words(self) -> str:
        """How its relation reads in it, affirmed or denied."""
        return self.relation.reading(negative=self.negative)

    @property
    def is_prospect(self) -> bool:
        """Whether it is only meant, hoped for or explored, and not denied."""
        return self.standing.ref.iri == iris.PROSPECTIVE and not self.negative

    def reading(self, *, forwards: bool = True) -> str:
        """How its relation reads from its subject or its object: affirmed, denied, meant or hoped.

        Words for aims and hopes come from the relation that their graph uses for it.
        """
        words = self.relation.reading(forwards=forwards, negative=self.negative)
        if not self.is_prospect:
            return words
        hoped = {s.assertion.ref.iri for s in self.spread} == {iris.UNDER_RESEARCH}
        form = (self.relation.hoped if hoped else self.relation.meant)[0 if forwards else 1]
        return form or f"{words} ({self.standing.words})"

    @property
    def sources(self) -> list[Ref]:
        """The documents that make it."""
        return list(dict.fromkeys(citation.passage.source for citation in self.citations))

    def said_in(self, source: Ref) -> "Claim":
        """Return the claim as a document makes it: with its citations, and as firm as there."""
        citations = tuple(c for c in self.citations if c.passage.source == source)
        standing = max((c.standing for c in citations), key=lambda s: s.level)
        firmest: dict[str, int] = defaultdict(int)
        for c in citations:
            chapter = c.passage.section.top if c.passage.section else ""
            firmest[chapter] = max(firmest[chapter], c.firmness)
        firmness = sum(firmest.values())
        return replace(self, citations=citations, standing=standing, firmness=firmness)

    @property
    def narrowings(self) -> list[str]:
        """Its restrictions in words: qualifiers, and the frequency that all its passages give."""
        words = [
            q.words if q.is_mark else f"{q.words} {q.value.label}" if q.value.iri else q.value.label
            for q in self.qualifiers
            if not q.is_usual
        ]
        tags = [m.words for m, n in self.tags if n == len(self.citations) and m.narrows]
        return words + tags

    @property
    def sentence(self) -> str:
        """Its statement: its label without the context that most statements have."""
        usual = {f"{q.words} {q.value.label}" for q in self.qualifiers if q.is_usual}
        if not usual:
            return self.ref.label
        statement, _, phrases = self.ref.label.removesuffix(")").rpartition(" (")
        others = "; ".join(phrase for phrase in phrases.split("; ") if phrase not in usual)
        return f"{statement} ({others})" if others else statement

    @property
    def words(self) -> str:
        """How its firmest citation puts it."""
        firmest = max(self.citations, key=lambda c: c.firmness, default=None)
        return firmest.words if firmest else self.standing.words

    @property
    def cautious_words(self) -> str:
        """How its most cautious citation puts it."""
        cautious = min(self.citations, key=lambda c: c.firmness, default=None)
        return cautious.words if cautious else self.standing.words

    @property
    def spread(self) -> list[Share]:
        """Its passages counted by their assertion, the plainest first."""
        shares: Counter[tuple[Manner, Manner | None]] = Counter()
        for citation in self.citations:
            for manner in citation.manners:
                if manner.question == iris.ASSERTION:
                    shares[manner, citation.aim] += 1
        return sorted(
            (Share(*key, count) for key, count in shares.items()),
            key=lambda share: (share.aim is not None, share.assertion.order),
        )

    @property
    def tags(self) -> list[tuple[Manner, int]]:
        """The frequency and advice of its passages, each with the number of passages."""
        untold = (iris.ASSERTION, iris.AIM)
        manners = Counter(m for c in self.citations for m in c.manners if m.question not in untold)
        return sorted(manners.items(), key=lambda tag: tag[0].order)

    @property
    def all_words(self) -> str:
        """How its firmest citation puts it and, if another one differs, the most cautious one."""
        same = self.words == self.cautious_words
        return self.words if same else f"{self.words}; elsewhere: {self.cautious_words}"


class Statements(Terms):
    """The document of an opened release, and the claims that restate it."""

    @cached_property
    def sources(self) -> list[Ref]:
        """The documents whose statements are the claims, in the order of IRIs."""
        return [self.ref(iri) for iri in self.instances(iris.SOURCE_CLASS)]

    @property
    def is_of_several(self) -> bool:
        """Whether there is more than one document."""
        return len(self.sources) > 1

    @cached_property
    def sections(self) -> Mapping[str, Section]:
        """Every section by IRI, document by document, in its order."""
        sections: dict[str, Section] = {}
        for row in self.select("sections"):
            iri, ref, above = row["section"], self.ref(row["section"]), sections.get(row["parent"])
            trail = f"{above.trail} › {ref.label}" if above else ref.label
            top = above.top if above else iri
            sections[iri] = Section(ref, row["parent"], top, trail, self._source(row["source"]))
        return sections

    def _source(self, iri: str) -> Ref:
        """Return a document; the first one if no IRI is given."""
        return self.ref(iri) if iri else next(iter(self.sources), Ref("", ""))

    def around(self, section: Section | None) -> Iterator[Section]:
        """Yield a section and the sections around it, the nearest first."""
        seen: set[str] = set()  # other people's sections may stand in a circle
        while section and section.ref.iri not in seen:
            seen.add(section.ref.iri)
            yield section
            section = self.sections.get(section.parent)

    @cached_property
    def passages(self) -> Mapping[str, Passage]:
        """Every passage by IRI, document by document, in its order."""
        return {
            row["passage"]: Passage(
                self.labelled(f"passage {row['order']}", row["passage"]),
                int(row["order"]),
                self.ref(row["kind"]),
                self.sections.get(row["section"]),
                self._source(row["source"]),
                int(row["start"]) if row["start"] else None,
                int(row["end"]) if row["end"] else None,
                row["digest"],
                self.ref(row["reason"]) if row["reason"] else None,
            )
            for row in self.select("passages")
        }

    @cached_property
    def usual_context(self) -> Ref | None:
        """The condition that claims most often name as their context."""
        rows = self.select("qualifiers")
        contexts = Counter(r["value"] for r in rows if r["qualifier"] == iris.IN_CONTEXT)
        return self.ref(contexts.most_common(1)[0][0]) if contexts else None

    @cached_property
    def claims(self) -> Mapping[str, Claim]:
        """Every claim by IRI, in the order in which the documents first make them."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.select("claims"):
            rows[row["claim"]].append(row)
        qualifiers: dict[str, list[Qualification]] = defaultdict(list)
        for row in self.select("qualifiers"):
            ref, value = self.ref(row["qualifier"]), self._value(row["value"], row["is_iri"])
            usual = ref.iri == iris.IN_CONTEXT and value == self.usual_context
            words = self.in_sentence(ref)
            qualifiers[row["claim"]].append(Qualification(ref, words, value, usual))
        claims = []
        for iri, (one, *_) in rows.items():
            citations = self._citations(rows[iri])
            claims.append(
                Claim(
                    self.labelled(one["label"] or iri.removeprefix(iris.BASE), iri),
                    self.ref(one["subject"]),
                    self.relation(one["relation"]),
                    self._value(one["object"], one["is_iri"]),
                    one["polarity"] == iris.NEGATIVE,
                    self.standings.get(one["standing"], UNKNOWN_STANDING),
                    int(one["firmness"] or 0),
                    citations,
                    tuple(qualifiers[iri]),
                )
            )
        claims.sort(
            key=lambda c: (
                not c.citations,
                c.citations[0].passage.place if c.citations else (),
                c.ref.iri,
            )
        )
        return {claim.ref.iri: claim for claim in claims}

    def _value(self, value: str, is_iri: str) -> Ref:
        return self.ref(value) if is_iri == "true" else Ref(value, "")

    def _citations(self, rows: Iterable[Row]) -> tuple[Citation, ...]:
        citations = {
            Citation(
                row["citation"],
                self.passages[row["passage"]],
                self.standings[row["put"]],
                row["words"],
                int(row["weight"]),
                row["hedge"],
                tuple(self._manners(row)),
            )
            for row in rows
            if row["passage"] in self.passages and row["put"] in self.standings
        }
        return tuple(sorted(citations, key=lambda c: (c.passage.place, c.hedge)))

    def _manners(self, row: Row) -> Iterator[Manner]:
        values = {row[name] for name in ("assertion", "frequency", "advice", "aim")}
        if row["collective"] == "true":
            values.add(iris.COLLECTIVE)
        return (manner for iri, manner in self.manners.items() if iri in values)

    @cached_property
    def lists(self) -> Mapping[str, Enumeration]:
        """Every list by IRI, document by document, in its order."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.select("lists"):
            if row["section"] in self.sections and row["passage"] in self.passages:
                rows[row["list"]].append(row)
        return {
            iri: Enumeration(
                self.ref(iri),
                self.ref(one["topic"]),
                self.sections[one["section"]],
                one["complete"] == "true",
                tuple((self.ref(r["term"]), self.passages[r["passage"]]) for r in rows[iri]),
            )
            for iri, (one, *_) in rows.items()
        }

    @cached_property
    def claims_of_passage(self) -> Mapping[str, list[Claim]]:
        """The claims that each passage makes."""
        return _by(self.claims.values(), lambda c: (x.passage.ref.iri for x in c.citations))

    @cached_property
    def claims_of_term(self) -> Mapping[str, list[Claim]]:
        """The claims that have each term as subject or object."""
        return _by(self.claims.values(), lambda c: (c.subject.iri, c.object.iri))

    def qualified_by(self, iri: str) -> list[tuple[Ref, Claim]]:
        """Return the claims that a term qualifies, each with the qualifier."""
        return [
            (qualification.qualifier, claim)
            for claim in self.claims.values()
            for qualification in claim.qualifiers
            if qualification.value.iri == iri
        ]

    def resource_ref(self, iri: str) -> Ref:
        """Return how to name any resource; claims and passages have names of their own."""
        resource = self.passages.get(iri) or self.claims.get(iri)
        return resource.ref if resource else self.ref(iri)


def _by(claims: Iterable[Claim], keys: Callable[[Claim], Iterable[str]]) -> dict[str, list[Claim]]:
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        for key in dict.fromkeys(keys(claim)):
            groups[key].append(claim)
    return groups
