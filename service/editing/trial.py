"""An edit tried out: what the checks and the questions say of the sources as they are to be."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from service.editing.edits import Edits
from service.pipeline import attempt, check, integrity
from service.pipeline.violations import Violation, errors
from service.problems import SourceError
from service.sources import Sources


@dataclass(frozen=True)
class Trial:
    """What an edit would make of the sources.

    :param answers: of each question, by IRI: its rows as CSV.
    """

    violations: list[Violation]
    answers: Mapping[str, str]


def try_out(edits: Edits) -> Trial:
    """Check the sources as an edit makes them, in a passing copy.

    :raises SourceError: with violations, if the edit is at odds with a check.
    """
    sources = edits.loaded.sources
    root = sources.ontology.parent
    with TemporaryDirectory(prefix="cdmo-") as folder:
        copy = Sources(Path(folder) / "ontology", Path(folder) / "mappings")
        shutil.copytree(sources.ontology, copy.ontology)
        shutil.copytree(sources.mappings, copy.mappings)
        for path, text in edits.finish().items():
            if path.is_relative_to(sources.ontology) or path.is_relative_to(sources.mappings):
                target = Path(folder) / path.relative_to(root)
                target.parent.mkdir(exist_ok=True)
                target.write_text(text, encoding="utf-8", newline="")
                if not text:
                    target.unlink()
        loaded, violations = attempt(copy, edits.memory)
        violations = [_at_home(v, Path(folder), root) for v in violations]
        others = [v for v in violations if v.rule != integrity.ANSWERED_OTHERWISE]
        if errors(others):
            message = "After this edit the checks would not pass; nothing was written."
            raise SourceError(message, violations=others)
        questions = integrity.questions(loaded.store)
        answers = {q.iri: integrity.remembered_answer(loaded, q.query) for q in questions}
        return Trial(violations, answers)


def refuse_errors(edits: Edits) -> None:
    """Refuse an edit of sources in which a check fails, before or after it.

    :raises SourceError: with the violations.
    """
    for violations in (check(edits.loaded.sources, memory=edits.memory), try_out(edits).violations):
        if faults := errors(violations):
            message = "Checks do not pass; nothing was written."
            raise SourceError(message, violations=faults)


def _at_home(violation: Violation, copy: Path, root: Path) -> Violation:
    """Return a violation of the copy as one of the sources."""

    def home(file: Path | None) -> Path | None:
        is_ours = file is not None and file.is_relative_to(copy)
        return root / file.relative_to(copy) if is_ours and file else file

    related = [
        r._replace(place=r.place._replace(file=home(r.place.file))) for r in violation.related
    ]
    return replace(violation, file=home(violation.file), related=tuple(related))
