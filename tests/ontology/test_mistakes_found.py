"""Every mistake of a second reader is reported first and at its line: ``mistakes/README.md``."""

import tomllib
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from service.pipeline.memory import Memory

from .mistakes_applied import FOLDER, Copy, Judgement, Mistake, read_mistakes
from .mistakes_judged import judge_all

MISTAKES = {mistake.id: mistake for mistake in read_mistakes()}
GAPS: dict[str, str] = tomllib.loads((FOLDER / "gaps.toml").read_text("utf-8"))
"""The mistakes that are not reported in this way, each with the reason."""

SAMPLE = (FOLDER / "sample.txt").read_text("utf-8").split()
"""A fixed sample of all kinds, small enough for every run."""


Judge = Callable[[Sequence[Mistake]], dict[str, Judgement]]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """A function that returns judgements of mistakes by id, and makes each mistake only once."""
    folder = tmp_path_factory.mktemp("mistakes")
    copy, memory = Copy.make(folder / "copy"), Memory(folder / "remembered.sqlite", "of one run")
    known: dict[str, Judgement] = {}

    def judge(mistakes: Sequence[Mistake]) -> dict[str, Judgement]:
        known.update(judge_all([m for m in mistakes if m.id not in known], copy, memory))
        return {mistake.id: known[mistake.id] for mistake in mistakes}

    return judge


def in_words(judgement: Judgement) -> str:
    """Return the expected finding of a mistake, and the findings that it has."""
    mistake, findings = judgement.mistake, "\n".join(map(str, judgement.findings[:3]))
    return f"{mistake.id}: {mistake.what} Line: {mistake.lines[0].strip()}\n{findings}"


def test_every_gap_is_of_a_mistake_and_has_a_reason() -> None:
    assert GAPS.keys() <= MISTAKES.keys()
    assert all(len(reason.split()) > 3 for reason in GAPS.values())


def test_the_sample_is_of_many_kinds() -> None:
    assert len(SAMPLE) >= 40
    assert len({MISTAKES[name].kind for name in SAMPLE}) >= 20


def test_the_mistakes_of_a_sample_are_found_at_their_lines(judged: Judge) -> None:
    judgements = judged([MISTAKES[name] for name in SAMPLE])
    assert not [in_words(j) for j in judgements.values() if not j.is_perfect]


@pytest.mark.slow
def test_all_mistakes_are_found_except_the_listed_gaps(judged: Judge) -> None:
    judgements = judged(list(MISTAKES.values()))
    missed = {name: in_words(j) for name, j in judgements.items() if not j.is_perfect}
    assert not [missed[name] for name in sorted(missed.keys() - GAPS.keys())]
    assert not sorted(GAPS.keys() - missed.keys()), "healed: take them out of gaps.toml"
    counts = Counter(
        figure
        for judgement in judgements.values()
        for figure in ("is_reported", "is_exact", "is_first")
        if getattr(judgement, figure)
    )
    assert all(count >= 0.9 * len(judgements) for count in counts.values())
