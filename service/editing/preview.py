"""Check an edit before it is written."""

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from service.editing.edits import Edits
from service.pipeline import checks, mappings
from service.pipeline.loading import load
from service.pipeline.violations import Violation, errors
from service.problems import SourceError
from service.sources import Sources

AWAITING_TENSION = frozenset(
    [
        "contradiction-without-tension",
        "disagreement-without-tension",
        "omission-without-tension",
    ]
)
"""What an edit may bring: a tension can tell only of what has been written."""


def refuse_new_errors(edits: Edits) -> list[Violation]:
    """Refuse an edit that brings errors which the checks of the sources can see.

    What the reasoner or the shapes alone can see is left to ``cdmo check``.

    :return: errors that a tension, to be written next, mends.
    :raises SourceError: with the violations; nothing has been written.
    """
    sources = edits.loaded.sources
    with TemporaryDirectory() as folder:
        root = Path(folder)
        copy = Sources(root / "ontology", root / "mappings")
        shutil.copytree(sources.ontology, copy.ontology)
        shutil.copytree(sources.mappings, copy.mappings)
        for path, text in edits.texts.items():
            target = root / path.relative_to(sources.ontology.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="")
        after = _errors(copy)
        if not after:
            return []
        before = {(v.rule, v.entity, v.message) for v in _errors(sources)}
        ours = [
            replace(v, file=sources.ontology.parent / v.file.relative_to(root) if v.file else None)
            for v in after
            if (v.rule, v.entity, v.message) not in before
        ]
    if any(v.rule not in AWAITING_TENSION for v in ours):
        raise SourceError("The edit would break these rules; nothing was written.", violations=ours)
    return ours


def _errors(sources: Sources) -> list[Violation]:
    loaded, violations = load(sources)
    if not errors(violations):
        violations += mappings.load(loaded) + checks.run("source", loaded)
    return errors(checks.waive(violations, loaded)[0])
