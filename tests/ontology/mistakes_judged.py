"""Judge mistakes in batches: mistakes that are far apart do not influence each other.

A check of all sources takes seconds, and there are hundreds of mistakes. So a batch of them is
made in one copy, and each finding is attributed to the nearest mistake. A mistake that is not
found as it should be is judged again in smaller batches, and at last alone, since one mistake may
hide another.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from service.pipeline import check
from service.pipeline.causes import fold
from service.pipeline.memory import Memory
from service.pipeline.violations import Violation
from service.sources import Sources

from .mistakes_applied import Copy, Judgement, Mistake, Places, judge

Check = Callable[[Sources], list[Violation]]

LINES_APART = 14
"""The least distance of two mistakes in a file and a batch: more lines than a block has."""
IN_ONE_FILE = 4
SIZES = (40, 8, 1)
"""The sizes of batches in the first and the later rounds."""

_NAME = re.compile(r"\b(?:CDMO|claim|tension|passage|cdmo|source|question|shape|_):[\w-]+")
_UNREADABLE = {"turtle-syntax", "prefix", "file", "rule", "check", "shape"}
"""Kinds that keep a check from reading some of the sources: these have their own batches."""
_EVERYWHERE = re.compile(
    r"prefixes\.ttl|curators\.tsv|accessions\.tsv|a owl:Ontology|preferredNamespaceUri|versionInfo"
)
"""Text that concerns all other files: mistakes in it are made alone."""


def judge_all(mistakes: Sequence[Mistake], copy: Copy, memory: Memory) -> dict[str, Judgement]:
    """Return the judgements by the ids of the mistakes."""
    judgements: dict[str, Judgement] = {}
    left, alone = list(mistakes), set[str]()
    for size in SIZES:
        for batch in batches(left, size):
            alone |= {batch[0].id} if len(batch) == 1 else set()
            for judgement in judge_batch(batch, copy, lambda s: check(s, memory=memory)):
                judgements[judgement.mistake.id] = judgement
        left = [
            mistake
            for mistake in left
            if not (mistake.id in alone or judgements[mistake.id].is_perfect)
        ]
    return judgements


def batches(mistakes: Sequence[Mistake], size: int) -> list[list[Mistake]]:
    """Divide mistakes into batches of independent ones."""
    names = {mistake.id: _names(mistake) for mistake in mistakes}
    counts = Counter(name for of_one in names.values() for name in of_one)
    rare = {k: {name for name in v if counts[name] <= 6} for k, v in names.items()}
    groups: list[list[Mistake]] = []
    for mistake in mistakes:
        for batch in groups:
            if len(batch) < size and _fits(mistake, batch, rare):
                batch.append(mistake)
                break
        else:
            groups.append([mistake])
    return groups


def _fits(mistake: Mistake, batch: Sequence[Mistake], names: dict[str, set[str]]) -> bool:
    files = Counter(file for other in batch for file in _files(other))
    most = 1 if mistake.kind in _UNREADABLE else IN_ONE_FILE
    return (
        all(files[file] < most for file in _files(mistake))
        and not any(_is_everywhere(m) for m in (mistake, *batch))
        and all((other.kind in _UNREADABLE) == (mistake.kind in _UNREADABLE) for other in batch)
        and all(names[mistake.id].isdisjoint(names[other.id]) for other in batch)
        and not any(_is_near(mistake, other) for other in batch)
    )


def _is_everywhere(mistake: Mistake) -> bool:
    return any(_EVERYWHERE.search(f"{edit.file} {edit.find}") for edit in mistake.edits)


def _files(mistake: Mistake) -> set[str]:
    return {mistake.line_file, *(edit.file for edit in mistake.edits)}


def _names(mistake: Mistake) -> set[str]:
    return {n for edit in mistake.edits for n in _NAME.findall(f"{edit.find}\n{edit.replace}")}


def _is_near(one: Mistake, other: Mistake) -> bool:
    return any(
        a.file == b.file and abs(_line(a.file, a.find) - _line(b.file, b.find)) < LINES_APART
        for a in one.edits
        for b in other.edits
    )


_TEXTS: dict[str, str] = {}


def _line(file: str, find: str) -> int:
    if file not in _TEXTS:
        path = Path(file)
        _TEXTS[file] = path.read_bytes().decode("utf-8") if path.is_file() else ""
    text = _TEXTS[file]
    return text.count("\n", 0, text.find(find) if find else len(text))


def judge_batch(batch: Sequence[Mistake], copy: Copy, check_: Check) -> Iterator[Judgement]:
    """Make all mistakes, check once, and judge each mistake by its findings."""
    with ExitStack() as stack:
        places = {m.id: stack.enter_context(copy.with_mistake(m)) for m in batch}
        places = {m.id: copy.moved(places[m.id], m.lines) for m in batch}
        violations = check_(copy.sources)
    shares = _shares(batch, places, violations) if len(batch) > 1 else {batch[0].id: violations}
    for mistake in batch:
        findings = [finding.root for finding in fold(shares.get(mistake.id, ()))]
        yield judge(mistake, places[mistake.id], findings)


def _shares(
    batch: Sequence[Mistake], places: dict[str, Places], violations: Iterable[Violation]
) -> dict[str, list[Violation]]:
    """Return each mistake's violations: those nearest to it, or with a name in common."""
    shares: dict[str, list[Violation]] = defaultdict(list)
    names = {mistake.id: _names(mistake) for mistake in batch}
    for violation in violations:
        near = {
            mistake.id: abs((violation.line or 1) - line)
            for mistake in batch
            for file, line in places[mistake.id]
            if file == violation.file
        }
        words = set(_NAME.findall(f"{violation.entity} {violation.value} {violation.message}"))
        owners = [min(near, key=near.__getitem__)] if near else []
        owners = owners or [mistake.id for mistake in batch if words & names[mistake.id]]
        for owner in owners[:1]:
            shares[owner].append(violation)
    return shares
