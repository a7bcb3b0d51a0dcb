"""The pipeline: sources in, a checked and reasoned release out.

.. code-block:: text

    ontology/**/*.ttl ─ loading.load ──┐
    mappings/*.tsv ─ mappings.load ────┴→ checks ("source") and shapes
      → rules: claims become triples and axioms → reasoning.classify → checks ("release")
      → assemble.write → dist/<version>+<digest>/, dist/current

The triples stay in one store from the first step to the last. Errors stop a build, and all of a
stage are reported; the last good release stays.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from service.pipeline import (
    assemble,
    checks,
    counts,
    graphs,
    integrity,
    mappings,
    reasoning,
    rules,
    shapes,
)
from service.pipeline.changelog import difference
from service.pipeline.comments import check_comments
from service.pipeline.contexts import source_of
from service.pipeline.evidence import check_evidence
from service.pipeline.loading import WRITTEN, Loaded, load
from service.pipeline.verification import Verification, recorded, verify
from service.pipeline.violations import Violation, error, errors, in_order
from service.problems import SourceError
from service.release import Release, built_from
from service.sources import Sources

__all__ = ["attempt", "build", "check", "difference", "verify_source"]


def build(
    sources: Sources,
    dist: Path,
    *,
    document: str | None = None,
    previous: Release | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Release:
    """Build the release of ``sources`` into the folder ``dist`` and make it current.

    Nothing is built if the current release was built from the same sources by the same code.

    :param document: text of the source document, if at hand; every passage is verified in it.
    :param previous: the release whose successor this is, for the log of changes; by default the
        latest one in ``dist`` of an earlier version.
    :param report: called with each line of progress.
    :raises SourceError: with ``violations`` if the sources have errors; then ``dist/current``
        stays what it was.
    """
    if document is not None:
        _stop_on_errors(verify_source(sources, document)[1])
    identity = sources.identity
    if previous is not None:
        identity += f"-{previous.manifest.digest[:16]}"
    with assemble.locked(dist):
        if release := built_from(dist, identity, exactly=previous is not None):
            return release
        report("Building the release: reading, checking, reasoning …")
        draft = _make(sources)
        _stop_on_errors(draft.violations)
        release = assemble.write(
            draft.loaded, dist, identity=identity, remarks=draft.remarks, previous=previous
        )
    total = sum(release.manifest.graphs.values())
    report(f"Built {release.manifest.name}: {total:,} triples, {len(draft.violations)} warnings.")
    return release


def check(sources: Sources, document: str | None = None) -> list[Violation]:
    """Return every violation in ``sources``, by file and line; builds nothing.

    Derived comments are checked here alone: no build reads them.

    :param document: text of the source document, if at hand; every passage is verified in it,
        and whether it supports the claims that cite it.
    """
    try:
        draft = _make(sources)
        violations = draft.violations
        if draft.is_read:
            violations += check_comments(draft.loaded)
        if document is not None:
            violations += verify_source(sources, document)[1]
        if draft.is_read and document is not None:
            texts = {source_of(draft.loaded, document): document}
            violations += check_evidence(draft.loaded, texts)
        return in_order(violations)
    except SourceError as fault:
        return fault.extras.get("violations") or [error("sources", None, None, fault.detail)]


def attempt(sources: Sources) -> tuple[Loaded, list[Violation]]:
    """Return the graphs of a release as far as errors allow, and the violations; write nothing.

    :raises SourceError: if the list of prefixes, a rule or a check cannot be read.
    """
    draft = _make(sources)
    return draft.loaded, draft.violations


def verify_source(sources: Sources, text: str) -> tuple[Verification, list[Violation]]:
    """Verify every recorded passage in the text of the source document.

    :param text: the whole file, nothing stripped.
    :return: the result, and its failures as violations of the sources.
    :raises SourceError: if the sources cannot be read.
    """
    loaded, violations = load(sources)
    _stop_on_errors(violations, "The sources cannot be read.")
    verification = verify(text, recorded(loaded))
    return verification, [
        loaded.violation(v.rule, loaded.names.iri(v.entity) or v.entity, v.message, v.hint)
        for v in verification.violations()
    ]


@dataclass
class _Draft:
    """A release in the making: its sources and the violations so far.

    :param is_read: whether each file could be read.
    """

    loaded: Loaded
    violations: list[Violation]
    waived: list[Violation] = field(default_factory=list)
    is_read: bool = False

    def report(self, violations: Iterable[Violation]) -> bool:
        """Add the violations that are not waived; return whether the draft has no errors."""
        left, waived = checks.waive(violations, self.loaded)
        self.violations += left
        self.waived += waived
        return not errors(self.violations)

    @property
    def remarks(self) -> list[tuple[str, Violation]]:
        return [("waived", v) for v in self.waived] + [("warning", v) for v in self.violations]


def _make(sources: Sources) -> _Draft:
    """Go from the sources to the graphs of a release, as far as errors allow."""
    draft = _Draft(*load(sources))
    loaded, store = draft.loaded, draft.loaded.store
    if errors(draft.violations):
        return draft
    draft.is_read = True
    violations = mappings.load(loaded) + checks.run("source", loaded)
    violations += integrity.check_queries(loaded) + integrity.check_released_iris(loaded)
    sound = not errors(checks.waive(violations, loaded)[0])
    written = shapes.rdflib_graph(store, *WRITTEN)  # before the rules add to it
    with ThreadPoolExecutor(max_workers=1) as aside:
        if sound:
            rules.run(loaded)
            # Java classifies in a process of its own while pySHACL works in this one.
            classifying = aside.submit(reasoning.classify, list(graphs.triples(store, "ontology")))
        violations += shapes.validate(written, loaded)
        if not draft.report(violations):
            return draft
        classified = classifying.result()
    draft.violations += _impossible(classified, loaded)
    # Only what follows from axioms: what follows from a hedged statement is as hedged as it is.
    graphs.add(store, "inferred", classified.inferred)
    if classified.consistent:
        counts.add_counts(store)
        draft.report(checks.run("release", loaded) + integrity.check_answers(loaded))
        draft.violations += checks.unused_waivers(draft.waived, loaded)
    return draft


def _impossible(classified: reasoning.Classification, loaded: Loaded) -> list[Violation]:
    """Return a violation for each class without possible instances, or for the whole ontology."""
    if not classified.consistent:
        message = "the ontology contradicts itself: no world can be as it says"
        hint = "Look at individuals first: one of them stands under two disjoint kinds."
        return [error("inconsistent", None, None, message, hint)]
    message = "can have no instance: its axioms contradict each other"
    hint = "It stands under two disjoint kinds, or its claims' relations put it there."
    return [
        loaded.violation("unsatisfiable", iri, message, hint) for iri in classified.unsatisfiable
    ]


def _stop_on_errors(violations: list[Violation], message: str = "") -> None:
    if count := len(errors(violations)):
        message = message or f"{count} errors; nothing was built."
        raise SourceError(message, violations=in_order(violations))
