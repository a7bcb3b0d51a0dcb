"""Tensions: where the document is at odds with itself, and everything that they concern."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from service import iris
from service.library.data import LAST, Ref, first
from service.library.document import Citation, Claim, Statements
from service.library.document_parts import Passage

LEADING = "leading"
"""The display group of the kinds of tension that can mislead a reader."""


@dataclass(frozen=True, slots=True)
class TensionKind:
    """A way in which the document is at odds with itself.

    :param words: plain words for it.
    :param plural: the heading of a list of such places.
    :param gloss: what it means: the end of a sentence.
    :param order: its place among the kinds.
    :param leading: whether such a place can mislead a reader, so that pages show it first.
    :param mutual: whether each side speaks against the other; else one goes further than the other.
    """

    ref: Ref
    words: str
    plural: str
    gloss: str
    order: int
    leading: bool
    mutual: bool = False


@dataclass(frozen=True, slots=True)
class Involved:
    """A passage that takes part in a tension.

    :param claims: the claims at issue that it makes, each with how it puts it; none if the
        tension names the passage and none of its claims.
    :param opposite: whether it stands on the other side.
    """

    passage: Passage
    claims: tuple[tuple[Claim, Citation], ...]
    opposite: bool

    @property
    def makes(self) -> set[str]:
        """The IRIs of the passage and of its claims at issue."""
        return {self.passage.ref.iri, *(claim.ref.iri for claim, _ in self.claims)}

    def firmness(self, claim: str) -> int:
        """Return how firmly the passage makes a claim, or -1 if it does not."""
        return max((put.firmness for x, put in self.claims if x.ref.iri == claim), default=-1)


Group = tuple[list[Passage], tuple[tuple[Claim, Citation], ...]]
"""Passages that make the same claims in the same way, and those claims as the first puts them."""


@dataclass(frozen=True, slots=True)
class Tension:
    """A place where the document is at odds with itself.

    :param description: what is at odds.
    :param decision: what was decided in the modelling.
    :param concerns: the claims, passages, terms and lists that it names.
    :param involved: the passages that take part, in the order of the document: those that it
        names, and all that make a claim that it names.
    :param sources: the document that is at odds with itself, or those that disagree.
    """

    ref: Ref
    kind: TensionKind
    description: str
    decision: str
    concerns: tuple[Ref, ...]
    involved: tuple[Involved, ...]
    sources: tuple[Ref, ...] = ()

    @property
    def is_between(self) -> bool:
        """Whether it is between documents, not within one."""
        return len(self.sources) > 1

    @property
    def sides(self) -> list[list[Group]]:
        """The passages of both sides; of one alone, if the tension names no other side."""
        sides = [[x for x in self.involved if x.opposite == side] for side in (False, True)]
        return [_grouped(side) for side in sides if side]

    def against(self, iri: str, passage: str = "") -> list[Passage]:
        """Return the passages on the other side from a claim or a passage.

        For a claim that both sides make, they are the passages that make it otherwise.

        :param iri: the claim or the passage.
        :param passage: a passage that makes the claim; without it, the firmest one counts.
        """
        by_claim = [x for x in self.involved if x.firmness(iri) >= 0]
        here = [x for x in self.involved if x.passage.ref.iri in (iri, passage)]
        own = max(here or by_claim, key=lambda x: x.firmness(iri), default=None)
        if own is None:
            return []
        across = [x for x in self.involved if x.opposite != own.opposite]
        return [x.passage for x in across if x in by_claim] or [x.passage for x in across]

    def warns_of(self, iri: str, passage: str = "") -> bool:
        """Whether it can mislead a reader of a claim or a passage by itself.

        Both sides of a contradiction can; else only the side that goes further than the other,
        which has the caution. The tension does not warn of anything that it does not name.

        :param passage: where a claim is read; without it, all passages that make it count.
        """
        here = [x for x in self.involved if iri in x.makes]
        if passage:
            here = [x for x in here if x.passage.ref.iri == passage]
        return self.kind.leading and any(self.kind.mutual or not x.opposite for x in here)


class Tensions(Statements):
    """The tensions of an opened release, by all that they concern."""

    @cached_property
    def tensions(self) -> Mapping[str, Tension]:
        """Every tension by IRI: first where the document misleads, last where it is vague."""
        tensions = []
        for iri, values in self.read("tensions").items():
            concerns, across = values.get(iris.CONCERNS, []), values.get(iris.OTHER_SIDE, [])
            kind = self._tension_kind(first(values, iris.TENSION_KIND))
            involved = self._involved(concerns, across)
            sources = self._sources(kind, [*concerns, *across], involved)
            if source := first(values, iris.DCTERMS + "source"):
                sources = [source]
            tensions.append(
                Tension(
                    self.ref(iri),
                    kind,
                    first(values, iris.TENSION_DESCRIPTION),
                    first(values, iris.DECISION),
                    tuple(map(self.resource_ref, concerns)),
                    tuple(x for x in involved if x.passage.source.iri in sources),
                    tuple(map(self.ref, sources)),
                )
            )
        tensions.sort(key=lambda tension: (tension.kind.order, tension.ref.iri))
        return {tension.ref.iri: tension for tension in tensions}

    def _tension_kind(self, iri: str) -> TensionKind:
        if not iri:
            return TensionKind(Ref("other", ""), "other", "Others", "", LAST, False)
        ref = self.ref(iri)
        return TensionKind(
            ref,
            self.in_short(ref),
            self.display(iri, iris.PLURAL_LABEL) or ref.label,
            self.display(iri, iris.GLOSS),
            self.display_order(iri),
            self.display(iri, iris.DISPLAY_GROUP) == LEADING,
            iri in (iris.CONTRADICTION, iris.DISAGREEMENT),
        )

    def _involved(self, concerns: Iterable[str], other_side: Iterable[str]) -> tuple[Involved, ...]:
        claims: dict[str, list[tuple[Claim, Citation]]] = defaultdict(list)
        for iri in concerns:
            if iri in self.passages:
                claims.setdefault(iri, [])
            if claim := self.claims.get(iri):
                for citation in claim.citations:
                    claims[citation.passage.ref.iri].append((claim, citation))
        involved = (
            Involved(self.passages[iri], tuple(stated), iri in other_side)
            for iri, stated in claims.items()
        )
        return tuple(sorted(involved, key=lambda x: x.passage.place))

    def _sources(
        self, kind: TensionKind, named: Iterable[str], involved: Iterable[Involved]
    ) -> list[str]:
        """Return the documents of a tension.

        A disagreement is between all documents that take part. Any other tension is within one:
        that of a passage or a list which it names, else the one that makes most of its claims.
        """
        counts = Counter(x.passage.source.iri for x in involved for _ in x.claims or ("itself",))
        if kind.ref.iri == iris.DISAGREEMENT:
            return sorted(counts)
        for iri in named:
            if passage := self.passages.get(iri):
                return [passage.source.iri]
            if listed := self.lists.get(iri):
                return [listed.section.source.iri]
        return sorted(counts, key=lambda source: (-counts[source], source))[:1]

    def tensions_about(self, iri: str) -> list[Tension]:
        """Return the tensions that concern a resource, those that mislead first.

        A tension concerns the resources that it names, the terms that its claims are about, its
        passages, and the sections in which those lie.
        """
        return self.tensions_by_resource.get(iri, [])

    def warnings_of(self, iri: str, passage: str = "") -> list[Tension]:
        """Return the tensions that warn of a claim or a passage; see ``Tension.warns_of``."""
        return [t for t in self.tensions_about(iri) if t.warns_of(iri, passage)]

    def tensions_below(self, iri: str) -> list[Tension]:
        """Return the tensions that concern a narrower term and not the term itself."""
        below = self.hierarchy.kinds(iri)
        concerned = {t.ref.iri for term in below for t in self.tensions_about(term)}
        concerned -= {t.ref.iri for t in self.tensions_about(iri)}
        return [tension for tension in self.tensions.values() if tension.ref.iri in concerned]

    @cached_property
    def tensions_by_resource(self) -> Mapping[str, list[Tension]]:
        """The tensions that concern each resource."""
        tensions: dict[str, list[Tension]] = defaultdict(list)
        for tension in self.tensions.values():
            for iri in dict.fromkeys(self._concerned(tension)):
                tensions[iri].append(tension)
        return tensions

    def _concerned(self, tension: Tension) -> Iterator[str]:
        for ref in tension.concerns:
            yield ref.iri
            if claim := self.claims.get(ref.iri):
                yield from (claim.subject.iri, claim.object.iri)
            if listed := self.lists.get(ref.iri):
                yield from (s.ref.iri for s in self.around(listed.section))
        for involved in tension.involved:
            yield involved.passage.ref.iri
            yield from (s.ref.iri for s in self.around(involved.passage.section))


def _grouped(side: Iterable[Involved]) -> list[Group]:
    groups: dict[tuple[tuple[str, str, str], ...], Group] = {}
    for involved in side:
        key = tuple((claim.ref.iri, put.words, put.hedge) for claim, put in involved.claims)
        groups.setdefault(key, ([], involved.claims))[0].append(involved.passage)
    return list(groups.values())
