"""Apply the mistakes of ``mistakes/mistakes.jsonl`` to a copy of the sources, and judge a check."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from service.pipeline.violations import Violation
from service.sources import Sources, locate
from tests.first_version import before_any_release

FOLDER = Path(__file__).parent / "mistakes"


@dataclass(frozen=True)
class Edit:
    """A change of one file: ``find`` must occur in it exactly once; if empty, it is the end."""

    file: str
    find: str
    replace: str


@dataclass(frozen=True)
class Mistake:
    """A patch to the sources, and the lines that a check should report.

    :param lines: the texts of these lines, the best one first.
    :param line_file: the file of the first line.
    """

    id: str
    kind: str
    what: str
    severity: str
    edits: tuple[Edit, ...]
    lines: tuple[str, ...]
    line_file: str

    @property
    def file(self) -> str:
        """The file of the first edit."""
        return self.edits[0].file


def read_mistakes() -> list[Mistake]:
    """Return the mistakes in their order."""
    return list(map(_mistake, (FOLDER / "mistakes.jsonl").read_text("utf-8").splitlines()))


def _mistake(line: str) -> Mistake:
    record = json.loads(line)
    edits = tuple(
        Edit(e["file"], e["find"], e["replace"]) for e in (record, *record.get("edits", ()))
    )
    lines = (record["line_text"], *record.get("also", ()))
    file = record.get("line_file", record["file"])
    what, severity = record["what"], record["severity"]
    return Mistake(record["id"], record["kind"], what, severity, edits, lines, file)


@dataclass(frozen=True)
class Copy:
    """A copy of the sources."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> "Copy":
        """Copy the sources of this checkout in their state before the first release."""
        sources = locate()
        for folder in (sources.ontology, sources.mappings):
            shutil.copytree(folder, root / folder.name)
        before_any_release(Sources(root / "ontology", root / "mappings"))
        return cls(root)

    @property
    def sources(self) -> Sources:
        """The copied sources."""
        return Sources(self.root / "ontology", self.root / "mappings")

    @contextmanager
    def with_mistake(self, mistake: Mistake) -> Iterator["Places"]:
        """Make a mistake in the copy, and undo it after the block.

        :raises ValueError: if the edited text does not occur in the sources exactly once.
        """
        before: dict[Path, bytes | None] = {}
        at: dict[str, int] = {}
        try:
            for edit in mistake.edits:
                path = self.root / edit.file
                before.setdefault(path, path.read_bytes() if path.is_file() else None)
                text = path.read_bytes().decode("utf-8") if path.is_file() else ""
                if edit.find and text.count(edit.find) != 1:
                    raise ValueError(f"{mistake.id}: {edit.file} has its text not exactly once")
                start = text.index(edit.find) if edit.find else len(text)
                at.setdefault(
                    edit.file,
                    text.count("\n", 0, start) + edit.replace.count("\n", 0, _unchanged(edit)) + 1,
                )
                path.parent.mkdir(exist_ok=True)
                text = text[:start] + edit.replace + text[start + len(edit.find) :]
                path.write_bytes(text.encode("utf-8"))
            yield self._places(mistake, at)
        finally:
            for path, data in before.items():
                path.unlink(missing_ok=True)
                if data is not None:
                    path.write_bytes(data)
                elif not any(path.parent.iterdir()):
                    path.parent.rmdir()

    def moved(self, places: "Places", lines: Sequence[str]) -> "Places":
        """Return the places of lines after edits above them."""
        return tuple(
            (file, _nearest(file, text, line))
            for (file, line), text in zip(places, lines, strict=True)
        )

    def _places(self, mistake: Mistake, at: dict[str, int]) -> "Places":
        """Return file and number of each line to report; of equal lines the nearest to the edit."""
        places = []
        for line in mistake.lines:
            for file in dict.fromkeys((mistake.line_file, mistake.file)):
                if number := _nearest(self.root / file, line, at.get(file, 1)):
                    places.append((self.root / file, number))
                    break
            else:
                raise ValueError(f"{mistake.id}: no file has the line {line!r}")
        return tuple(places)


def _unchanged(edit: Edit) -> int:
    """Return the length of the unchanged beginning, with the line's end."""
    same = 0
    for old, new in zip(edit.find, edit.replace, strict=False):
        if old != new:
            break
        same += 1
    return same + (edit.replace[same : same + 1] == "\n")


def _nearest(path: Path, line: str, number: int) -> int:
    """Return the number of the line with a text, the nearest to ``number``; 0 if there is none."""
    lines = path.read_bytes().decode("utf-8").split("\n")
    numbers = [n for n, text in enumerate(lines, 1) if text == line]
    return min(numbers, key=lambda n: abs(n - number), default=0)


Places = tuple[tuple[Path, int], ...]


@dataclass(frozen=True)
class Judgement:
    """How a check reports a mistake.

    :param is_reported: whether a finding with the right severity is in the right file.
    :param is_exact: whether such a finding has the right line.
    :param is_first: whether the first finding is such a one.
    :param findings: all findings of the check.
    """

    mistake: Mistake
    is_reported: bool
    is_exact: bool
    is_first: bool
    findings: Sequence[Violation] = field(default=())

    @property
    def is_perfect(self) -> bool:
        """Whether the first finding and one at the right line report the mistake."""
        return self.is_reported and self.is_exact and self.is_first


def judge(mistake: Mistake, places: Places, findings: Sequence[Violation]) -> Judgement:
    """Judge a check by its findings, which are in the order of its report."""
    files = {file for file, _ in places}

    def fits(finding: Violation) -> bool:
        severe = finding.severity == "error" or mistake.severity == "warning"
        return severe and finding.file in files

    fitting = [finding for finding in findings if fits(finding)]
    exact = any((finding.file, finding.line or 1) in places for finding in fitting)
    return Judgement(mistake, bool(fitting), exact, findings[:1] == fitting[:1] != [], findings)
