"""Hold every recorded passage against a source document, without keeping any of its text.

A passage whose digest fits at its recorded position is *intact*. Otherwise its text may have
*moved* (words were added or taken out before it) or *changed*. Changing one character of a
document makes exactly the passages that hold it fail: all others still fit where they are,
and text that belongs to an intact passage is never offered as the new place of another.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Literal

from rdflib import RDF, Graph
from rdflib.term import Node

from service.names import Names
from service.pipeline.passages import digest
from service.pipeline.violations import Violation
from service.pipeline.vocabulary import CDMO, OA

Status = Literal["intact", "moved", "changed"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A passage as ``passages.ttl`` records it.

    :param name: for messages, for example ``passage:cdct-091``.
    :param hedges: words that citations say hedge a claim in this passage.
    """

    name: str
    start: int
    end: int
    sha256: str
    hedges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one passage.

    :param found: where its text stands now (first code point), or None if it stands nowhere.
    """

    passage: Recorded
    status: Status
    found: int | None

    def __str__(self) -> str:
        p = self.passage
        recorded = f"{p.name}: recorded at {p.start}-{p.end}, "
        if self.status == "intact":
            return recorded + "stands there"
        if self.found is None:
            return recorded + "changed: the text there has another digest, and ours stands nowhere"
        return recorded + f"moved: now stands at {self.found}-{self.found + p.end - p.start}"


@dataclass(frozen=True, slots=True)
class Verification:
    """All findings over one document.

    :param uncovered: start and end of each stretch that no recorded passage covers.
    :param doubled: start and end of each stretch that two recorded passages cover.
    :param untrimmed: passages that begin or end with white space.
    :param missing_hedges: passage name and hedge, where the hedge does not stand there.
    """

    findings: tuple[Finding, ...]
    uncovered: tuple[tuple[int, int], ...] = ()
    doubled: tuple[tuple[int, int], ...] = ()
    untrimmed: tuple[str, ...] = ()
    missing_hedges: tuple[tuple[str, str], ...] = ()
    counts: dict[Status, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for finding in self.findings:
            self.counts[finding.status] = self.counts.get(finding.status, 0) + 1

    @property
    def ok(self) -> bool:
        """Whether every passage is intact and the cut is complete and exact."""
        return self.counts == {"intact": len(self.findings)} and not (
            self.uncovered or self.doubled or self.untrimmed or self.missing_hedges
        )

    def violations(self, place: Callable[[str], tuple[Path | None, int | None]]) -> list[Violation]:
        """Return one violation for each failure.

        :param place: file and line on which a passage of a given name is recorded.
        """
        again = "Was the right document given? If it has changed, take positions and digests from: "
        again += "cdmo segment FILE"
        found = [
            Violation(
                f"passage-{f.status}",
                "error",
                *place(f.passage.name),
                f.passage.name,
                str(f).partition(": ")[2],
                again,
            )
            for f in self.findings
            if f.status != "intact"
        ]
        found += [
            Violation(
                "hedge-not-in-passage",
                "error",
                *place(name),
                name,
                f'"{hedge}" does not stand there',
                "Quote the words that hedge as the passage has them.",
            )
            for name, hedge in self.missing_hedges
        ]
        found += [
            Violation(
                "passage-untrimmed",
                "error",
                *place(name),
                name,
                "begins or ends with white space",
                "Move oa:start and oa:end to its first and last word.",
            )
            for name in self.untrimmed
        ]
        whole = [
            (self.uncovered, "text-without-passage", "no passage covers"),
            (self.doubled, "text-in-two-passages", "more than one passage covers"),
        ]
        found += [
            Violation(
                rule,
                "error",
                None,
                None,
                "",
                f"{why} the characters {start}-{end}",
                "Each character but white space belongs to exactly one passage.",
            )
            for stretches, rule, why in whole
            for start, end in stretches
        ]
        return found

    def lines(self) -> list[str]:
        """Return one line for each failure, then a summary."""
        said = [str(f) for f in self.findings if f.status != "intact"]
        said += [f"{a}-{b}: text that no passage covers" for a, b in self.uncovered]
        said += [f"{a}-{b}: text that more than one passage covers" for a, b in self.doubled]
        said += [f"{name}: begins or ends with white space" for name in self.untrimmed]
        said += [f'{n}: the hedge "{h}" does not stand there' for n, h in self.missing_hedges]
        parts: list[Status] = ["intact", "moved", "changed"]
        counts = ", ".join(f"{self.counts.get(p, 0)} {p}" for p in parts)
        return [*said, f"{len(self.findings)} passages: {counts}"]


def recorded(claims: Graph, names: Names) -> list[Recorded]:
    """Return the passages of the source graph ``claims``, with the hedges of their citations."""
    hedges: dict[Node, set[str]] = defaultdict(set)
    for citation, hedge in claims.subject_objects(CDMO.hedge):
        for passage in claims.objects(citation, CDMO.passage):
            hedges[passage].add(str(hedge))
    found = []
    for passage in claims.subjects(RDF.type, CDMO.Passage):
        selector = claims.value(passage, OA.hasSelector)
        start, end = (int(str(claims.value(selector, p) or 0)) for p in (OA.start, OA.end))
        name = names.curie(str(passage)) or str(passage)
        sha256 = str(claims.value(passage, CDMO.sha256))
        found.append(Recorded(name, start, end, sha256, tuple(sorted(hedges[passage]))))
    return found


def verify(text: str, passages: Iterable[Recorded]) -> Verification:
    """Hold the recorded passages against ``text``: the whole file, nothing stripped."""
    recorded = sorted(passages, key=lambda p: (p.start, p.end, p.name))
    found = _locate(text, recorded)
    findings = tuple(Finding(p, _status(p, at), at) for p, at in zip(recorded, found, strict=True))
    uncovered, doubled = _coverage(text, recorded, found)
    return Verification(
        findings,
        uncovered,
        doubled,
        tuple(p.name for p in recorded if (w := text[p.start : p.end]) and w != w.strip()),
        tuple(
            (p.name, hedge)
            for p, at in zip(recorded, found, strict=True)
            if at is not None
            for hedge in p.hedges
            if not hedge.strip() or hedge not in text[at : at + p.end - p.start]
        ),
    )


def _status(passage: Recorded, at: int | None) -> Status:
    return "changed" if at is None else "intact" if at == passage.start else "moved"


def _locate(text: str, passages: Sequence[Recorded]) -> list[int | None]:
    """Return where each passage stands now: at its own place, else in order, else anywhere."""
    found: list[int | None] = [
        p.start if digest(text[p.start : p.end]) == p.sha256 else None for p in passages
    ]
    lost = [i for i, at in enumerate(found) if at is None]
    if not lost:
        return found
    # Windows between white space first: all but glued passages begin and end there.
    places = _windows(text, [passages[i] for i in lost], _word_starts(text))
    for run in _runs(found):
        low, high = _gap(run, found, passages, len(text))
        for i, at in _longest_chain(run, passages, places, low, high).items():
            found[i] = at
    lost = [i for i in lost if found[i] is None]
    free = _free(text, found, passages)
    places = _windows(text, [passages[i] for i in lost], free)
    taken = set(range(len(text))).difference(free)
    for i in lost:
        length = passages[i].end - passages[i].start
        for at in sorted(places[passages[i].sha256], key=lambda at: abs(at - passages[i].start)):
            if taken.isdisjoint(range(at, at + length)):
                found[i] = at
                taken.update(range(at, at + length))
                break
    return found


def _word_starts(text: str) -> list[int]:
    return [i for i, c in enumerate(text) if not c.isspace() and (i == 0 or text[i - 1].isspace())]


def _windows(
    text: str, passages: Iterable[Recorded], starts: Collection[int]
) -> dict[str, list[int]]:
    """Return, for each passage's digest, the given starts at which a window of it fits."""
    wanted: dict[int, set[str]] = defaultdict(set)
    for p in passages:
        wanted[p.end - p.start].add(p.sha256)
    places: dict[str, list[int]] = defaultdict(list)
    for length, digests in wanted.items():
        for at in starts:
            window = text[at : at + length]
            if len(window) == length and window == window.strip():
                this = digest(window)
                if this in digests:
                    places[this].append(at)
    return places


def _runs(found: Sequence[int | None]) -> list[list[int]]:
    """Return the stretches of consecutive passages that are not found yet."""
    runs: list[list[int]] = []
    for i, at in enumerate(found):
        if at is None:
            if i and found[i - 1] is None:
                runs[-1].append(i)
            else:
                runs.append([i])
    return runs


def _gap(
    run: Sequence[int], found: Sequence[int | None], passages: Sequence[Recorded], end: int
) -> tuple[int, int]:
    before, after = run[0] - 1, run[-1] + 1
    low = passages[before].end if before >= 0 else 0
    return low, passages[after].start if after < len(found) else end


def _longest_chain(
    run: Sequence[int],
    passages: Sequence[Recorded],
    places: dict[str, list[int]],
    low: int,
    high: int,
) -> dict[int, int]:
    """Return places for as many passages of a run as stand in their order in the gap.

    The longest chain, not the nearest window: of several equal headings each keeps its own.
    """
    chains: list[tuple[int, int, tuple[tuple[int, int], ...]]] = []  # length, end, places
    for i in run:
        size = passages[i].end - passages[i].start
        grown = []
        for at in places[passages[i].sha256]:
            if low <= at and at + size <= high:
                best = max((c for c in chains if c[1] <= at), default=(0, low, ()))
                grown.append((best[0] + 1, at + size, (*best[2], (i, at))))
        chains += grown
    return dict(max(chains, key=lambda c: (c[0], -c[1]), default=(0, 0, ()))[2])


def _free(text: str, found: Sequence[int | None], passages: Sequence[Recorded]) -> list[int]:
    """Return the code points that no found passage holds."""
    free = bytearray(b"\1") * len(text)
    for at, p in zip(found, passages, strict=True):
        if at is not None:
            free[at : at + p.end - p.start] = bytes(p.end - p.start)
    return [i for i, is_free in enumerate(free) if is_free]


def _coverage(
    text: str, passages: Sequence[Recorded], found: Sequence[int | None]
) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    """Return the uncovered and the doubly covered stretches, by where the passages stand now.

    The gap in which a changed passage must stand is not called uncovered: it is reported once.
    """
    spans = [
        (at, at + p.end - p.start) for at, p in zip(found, passages, strict=True) if at is not None
    ]
    excused = []
    for run in _runs(found):
        before, after = found[run[0] - 1] if run[0] else None, found[run[-1] + 1 :]
        low = (
            0 if before is None else before + passages[run[0] - 1].end - passages[run[0] - 1].start
        )
        excused.append((low, after[0] if after and after[0] is not None else len(text)))
    edges = sorted({0, len(text), *(edge for span in spans + excused for edge in span)})
    uncovered: list[tuple[int, int]] = []
    doubled: list[tuple[int, int]] = []
    for a, b in pairwise(edges):
        count = sum(start <= a and b <= end for start, end in spans)
        piece = text[a:b]
        if count == 1 or not piece.strip():
            continue
        if count == 0 and any(low <= a and b <= high for low, high in excused):
            continue
        start = a + len(piece) - len(piece.lstrip())
        (doubled if count else uncovered).append((start, start + len(piece.strip())))
    return tuple(uncovered), tuple(doubled)
