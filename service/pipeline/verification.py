"""Verify the recorded passages in a source document, without keeping any of its text.

A passage whose digest fits at its recorded position is *intact*. Otherwise its text may have
*moved* (words were added or removed before it) or *changed*. Changing one character of a document
makes exactly the passages that hold it fail: all others still fit in their places, and text of an
intact passage is never taken for the new place of another.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from service.pipeline import graphs
from service.pipeline.loading import Loaded
from service.pipeline.passages import digest
from service.pipeline.violations import Violation, error
from service.rdf.terms import text as text_of

_COVER = "Each character but white space belongs to exactly one passage."
_AGAIN = "Was the right document given? If it has changed, run: cdmo segment FILE"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A passage as ``passages.ttl`` records it.

    :param name: for messages, for example ``passage:cdct-091``.
    :param hedges: words that citations quote from this passage.
    :param source: the IRI of its document.
    """

    name: str
    start: int
    end: int
    sha256: str
    hedges: tuple[str, ...] = ()
    source: str = ""

    @property
    def length(self) -> int:
        """Its number of code points."""
        return self.end - self.start


Places = dict[Recorded, int | None]
"""Each passage, in order, with the first code point of its text now; None: its text is gone."""


def status(passage: Recorded, at: int | None) -> str:
    """Return the status of a passage whose text stands at ``at`` now."""
    return "changed" if at is None else "intact" if at == passage.start else "moved"


def _shift(passage: Recorded, at: int | None) -> int | None:
    return None if at is None else at - passage.start


def _signed(shift: int) -> str:
    return f"{shift:+}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class Verification:
    """The result for one document.

    :param coverage: how many passages hold each code point now: 0, 1, or 2 for more.
    """

    text: str
    places: Places
    coverage: bytes

    def stretches(self, count: int) -> list[tuple[int, int]]:
        """Return start and end of each stretch of text that ``count`` passages hold."""
        pairs = zip(self.text, self.coverage, strict=True)
        counts = "".join(" " if character.isspace() else str(n) for character, n in pairs)
        return [match.span() for match in re.finditer(rf"{count}(?:[{count} ]*{count})?", counts)]

    def violations(self) -> Iterator[Violation]:
        """Yield the violations, without file and line: passage by passage, then by stretch."""
        causes = self._causes()
        for p, at in self.places.items():
            if (word := status(p, at)) != "intact":
                place = "the text there has another digest, and ours stands nowhere"
                place = place if at is None else f"now stands at {at}-{at + p.length}"
                message = f"recorded at {p.start}-{p.end}, {word}: {place}"
                cause = causes.get(p, "")
                yield error(
                    f"passage-{word}", None, None, message, _AGAIN, entity=p.name, cause=cause
                )
            now = None if at is None else self.text[at : at + p.length]
            if now is not None and now != now.strip():
                hint = "Move oa:start and oa:end to its first and last word."
                message = "begins or ends with white space"
                yield error("passage-untrimmed", None, None, message, hint, entity=p.name)
            for hedge in p.hedges:
                if now is not None and not (hedge.strip() and hedge in now):
                    hint = "Quote the words that hedge as the passage has them."
                    message = f'"{hedge}" does not stand there'
                    yield error("hedge-not-in-passage", None, None, message, hint, entity=p.name)
        for count, rule, holder in (
            (0, "text-without-passage", "no passage"),
            (2, "text-in-two-passages", "more than one passage"),
        ):
            for start, end in self.stretches(count):
                message = f"{holder} covers the characters {start}-{end}"
                yield error(rule, None, None, message, _COVER)

    def _causes(self) -> dict[Recorded, str]:
        """Return the cause of passages that moved together, and of the changed one before them."""
        causes: dict[Recorded, str] = {}
        changed: list[Recorded] = []
        before, cause = 0, ""
        for shift, group in groupby(self.places.items(), lambda item: _shift(*item)):
            passages = [passage for passage, _ in group]
            if shift is None:
                changed = passages
                continue
            if shift not in (0, before):
                cause = f"passages from {passages[0].name} on moved by {_signed(shift)}"
                passages = [*changed[-1:], *passages]
            if shift:
                causes |= dict.fromkeys(passages, cause)
            before, changed = shift, []
        return causes

    def summary(self) -> str:
        """Return the number of passages, of those intact, moved and changed."""
        counts = Counter(status(p, at) for p, at in self.places.items())
        parts = ", ".join(f"{counts[word]} {word}" for word in ("intact", "moved", "changed"))
        return f"{len(self.places)} passages: {parts}"


def recorded(loaded: Loaded) -> list[Recorded]:
    """Return the passages of the sources, with the hedges of their citations."""
    query = """
        SELECT ?passage ?start ?end ?sha256 (SAMPLE(?one) AS ?source)
          (GROUP_CONCAT(DISTINCT ?hedge; separator="\\n") AS ?h)
        WHERE {
          ?passage a cdmo:Passage ; cdmo:sha256 ?sha256 ; oa:hasSelector ?selector .
          ?selector oa:start ?start ; oa:end ?end .
          FILTER(ISNUMERIC(?start) && ISNUMERIC(?end))
          OPTIONAL { ?passage oa:hasSource ?one }
          OPTIONAL { ?citation cdmo:passage ?passage ; cdmo:hedge ?hedge }
        }
        GROUP BY ?passage ?start ?end ?sha256"""
    rows = graphs.select(loaded.store, query, "claims")
    passages = []
    for passage, start, end, sha256, source, hedges in (map(text_of, row) for row in rows):
        quoted = tuple(sorted(hedges.split("\n"))) if hedges else ()
        passages.append(
            Recorded(loaded.name(passage), int(start), int(end), sha256, quoted, source)
        )
    return passages


def verify(text: str, passages: Iterable[Recorded]) -> Verification:
    """Verify the recorded passages in ``text``: the whole file, nothing stripped."""
    places: Places = {
        p: p.start if p.end <= len(text) and digest(text[p.start : p.end]) == p.sha256 else None
        for p in sorted(passages, key=lambda p: (p.start, p.end, p.name))
    }
    # At word starts first: nearly all passages begin at one, and hashing is slow.
    for starts in (r"(?<!\S)\S", r"\S"):
        _locate(text, places, [match.start() for match in re.finditer(starts, text)])
    coverage, low = _occupancy(text, places), 0
    for index, (passage, at) in enumerate(places.items()):
        if at is not None:
            low = at + passage.length
            continue
        # The gap in which a changed passage must stand is reported once, so it counts as occupied.
        later = (place for place in list(places.values())[index:] if place is not None)
        for gap in range(low, next(later, len(text))):
            coverage[gap] = coverage[gap] or 1
    return Verification(text, places, bytes(coverage))


def _locate(text: str, places: Places, starts: Sequence[int]) -> None:
    """Find places for lost passages at the given starts: in their order, else the nearest."""
    lost = [passage for passage, at in places.items() if at is None]
    occupied = _occupancy(text, places)
    windows: set[tuple[int, str]] = set()
    for length in {passage.length for passage in lost}:
        digests = {passage.sha256 for passage in lost if passage.length == length}
        fitting = (at for at in starts if at + length <= len(text))
        free = (at for at in fitting if not any(occupied[at : at + length]))
        windows |= {(at, d) for at in free if (d := digest(text[at : at + length])) in digests}
    # Placed passages hold the order: of several equal headings each keeps its own.
    placed = {(at, passage.sha256) for passage, at in places.items() if at is not None}
    candidates, passages = sorted(windows | placed), list(places)
    sequences = [p.sha256 for p in passages], [sha256 for _, sha256 in candidates]
    proposals = [
        (passages[a + i], candidates[b + i][0])
        for a, b, size in SequenceMatcher(None, *sequences, autojunk=False).get_matching_blocks()
        for i in range(size)
    ]
    for passage in lost:
        own = [(passage, at) for at, sha256 in windows if sha256 == passage.sha256]
        proposals += sorted(own, key=lambda pair: abs(pair[1] - pair[0].start))
    for passage, at in proposals:
        if places[passage] is None and not any(occupied[at : at + passage.length]):
            places[passage] = at
            occupied[at : at + passage.length] = b"\1" * passage.length


def _occupancy(text: str, places: Places) -> bytearray:
    """Return how many passages hold each code point: 0, 1, or 2 for more."""
    counts = bytearray(len(text))
    for passage, start in places.items():
        if start is not None:
            for at in range(start, start + passage.length):
                counts[at] = min(counts[at] + 1, 2)
    return counts
