"""Try out an edit: run the checks and the questions on the changed sources."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from service.editing.edits import Edits
from service.pipeline import attempt, check, checks, integrity, mappings
from service.pipeline.loading import load
from service.pipeline.violations import Related, Violation, errors
from service.problems import SourceError
from service.sources import Sources

AWAITING_TENSION = frozenset(
    [
        "contradiction-without-tension",
        "disagreement-without-tension",
        "omission-without-tension",
    ]
)
"""Rules that an edit may break: a tension can only be written after its claims."""


@dataclass(frozen=True)
class Trial:
    """The outcome of an edit that was tried out.

    :param answers: of each question, by IRI: its rows as CSV.
    """

    violations: list[Violation]
    answers: Mapping[str, str]


def try_out(edits: Edits) -> Trial:
    """Check the changed sources in a temporary copy.

    :raises SourceError: with violations, if the edit is at odds with a check.
    """
    with _copy(edits.loaded.sources, edits.finish()) as copy:
        loaded, violations = attempt(copy, edits.memory)
        violations = _at_home(violations, copy.root, edits.loaded.sources.root)
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


def refuse_new_errors(edits: Edits) -> list[Violation]:
    """Refuse an edit that brings errors which the checks of the sources can see.

    Errors that only the reasoner or the shapes can see are left to ``cdmo check``.

    :return: errors that a tension mends, which is to be written next.
    :raises SourceError: with the violations; nothing has been written.
    """
    sources = edits.loaded.sources
    with _copy(sources, edits.texts) as copy:
        after = _at_home(_errors(copy), copy.root, sources.root)
    if not after:
        return []
    before = {(v.rule, v.entity, v.message) for v in _errors(sources)}
    ours = [v for v in after if (v.rule, v.entity, v.message) not in before]
    if any(v.rule not in AWAITING_TENSION for v in ours):
        raise SourceError("The edit would break these rules; nothing was written.", violations=ours)
    return ours


def _errors(sources: Sources) -> list[Violation]:
    loaded, violations = load(sources)
    if not errors(violations):
        violations += mappings.load(loaded) + checks.run("source", loaded)
    return errors(checks.waive(violations, loaded)[0])


@contextmanager
def _copy(sources: Sources, texts: Mapping[Path, str]) -> Iterator[Sources]:
    """Provide a temporary copy of the sources in which some files have other texts."""
    with TemporaryDirectory(prefix="cdmo-") as folder:
        copy = Sources(Path(folder) / "ontology", Path(folder) / "mappings")
        shutil.copytree(sources.ontology, copy.ontology)
        shutil.copytree(sources.mappings, copy.mappings)
        for path, text in texts.items():
            if path.is_relative_to(sources.ontology) or path.is_relative_to(sources.mappings):
                target = Path(folder) / path.relative_to(sources.root)
                target.parent.mkdir(exist_ok=True)
                target.write_text(text, encoding="utf-8", newline="")
                if not text:
                    target.unlink()
        yield copy


def _at_home(violations: Iterable[Violation], copy: Path, root: Path) -> list[Violation]:
    """Return the violations of a copy as those of the sources."""

    def home(file: Path | None) -> Path | None:
        is_ours = file is not None and file.is_relative_to(copy)
        return root / file.relative_to(copy) if is_ours and file else file

    def at_home(related: Related) -> Related:
        return related._replace(place=related.place._replace(file=home(related.place.file)))

    return [
        replace(v, file=home(v.file), related=tuple(map(at_home, v.related))) for v in violations
    ]
