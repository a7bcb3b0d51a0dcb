"""The pipeline: sources in, a checked and reasoned release out.

.. code-block:: text

    ontology/**/*.ttl ─ loading.load ──┐
    mappings/*.tsv ─ mappings.load ────┴→ checks ("source") and shapes
      → rules: claims become triples and axioms → reasoning.classify → checks ("release")
      → assemble.write → dist/<version>+<digest>/, dist/current

The triples stay in one store from the first step to the last. Errors stop a build, and all of a
stage are reported; the last good release stays.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from service.pipeline import (
    assemble,
    beside,
    checks,
    counts,
    graphs,
    integrity,
    mappings,
    reasoning,
    remembered_findings,
    rules,
    shapes,
)
from service.pipeline.changelog import difference
from service.pipeline.comments import check_comments
from service.pipeline.evidence import check_evidence, check_quotations
from service.pipeline.file_checks import check_files
from service.pipeline.guide import check_guide
from service.pipeline.loading import FOLDERS, WRITTEN, Loaded, load
from service.pipeline.memory import NOTHING, Memory
from service.pipeline.query_checks import check_labels, check_names
from service.pipeline.recognition import Recognition, recognize
from service.pipeline.rule_book import check_waivers
from service.pipeline.violations import Related, Violation, error, errors, in_order
from service.problems import SourceError
from service.rdf.terms import text
from service.release import Release, built_from
from service.sources import Sources

Report = Callable[[str], None]


def _silently(_: str) -> None:
    pass


__all__ = ["attempt", "build", "check", "difference", "verify_source"]


def build(
    sources: Sources,
    dist: Path,
    *,
    documents: Sequence[str] = (),
    previous: Release | None = None,
    others: Sequence[Path] = (),
    report: Report = _silently,
) -> Release:
    """Build the release of ``sources`` into the folder ``dist`` and make it current.

    Build nothing if the current release comes from the same sources and the same code.

    :param documents: texts of the source documents at hand; errors in the places of passages, or in
        their support of claims, stop the build.
    :param previous: the release whose successor this is, for the log of changes; by default the
        latest one in ``dist`` of an earlier version.
    :param others: files of other vocabularies, in RDF or OBO, for graphs of their own beside ours.
    :param report: called with each line of progress.
    :raises UsageError: if one of them cannot be read.
    :raises SourceError: with ``violations`` if the sources have errors; ``dist/current`` stays.
    """
    if documents:
        report("Holding the passages and their claims against the documents …")
        _stop_on_errors(_hold_against(sources, documents))
    identity = sources.identity
    if previous is not None:
        identity += f"-{previous.manifest.digest[:16]}"
    if others:
        identity += f"-with-{beside.digest(others)[:16]}"
    with assemble.locked(dist):
        release = built_from(dist, identity, exactly=previous is not None)
        if release and bool(release.manifest.others) == bool(others):
            return release
        report("Building the release: reading, checking, reasoning …")
        draft = _make(sources)
        _stop_on_errors([v for v in draft.violations if v.rule != integrity.ANSWERED_OTHERWISE])
        release = assemble.write(
            draft.loaded,
            dist,
            identity=identity,
            remarks=draft.remarks,
            previous=previous,
            others=others,
            report=report,
        )
    manifest = release.manifest
    total, beside_ours = sum(manifest.graphs.values()), sum(manifest.others.values())
    more = f" and {beside_ours:,} of other vocabularies" if others else ""
    report(f"Built {manifest.name}: {total:,} triples{more}, {len(draft.violations)} warnings.")
    return release


def check(
    sources: Sources, *documents: str, memory: Memory = NOTHING, report: Report = _silently
) -> list[Violation]:
    """Return every violation in ``sources``, by file and line; build nothing.

    Derived comments are checked here alone: no build reads them.

    :param documents: texts of the source documents at hand; every passage is verified in its own
        document, and held against the claims that cite it.
    :param memory: remembers results of earlier checks.
    :param report: called with the name of each stage that begins.
    """
    state = remembered_findings.state(sources, documents)
    if state and (recalled := memory.recall("check", state)) is not None:
        return remembered_findings.from_bytes(recalled)
    violations = in_order(_check(sources, *documents, memory=memory, report=report))
    if state and state == remembered_findings.state(sources, documents):
        memory.remember("check", state, remembered_findings.to_bytes(violations))
    memory.save()
    return violations


def _check(sources: Sources, *documents: str, memory: Memory, report: Report) -> list[Violation]:
    """Return every violation in ``sources``."""
    try:
        draft = _make(sources, memory, report)
        violations = draft.violations
        report("Comments")
        if draft.is_derived and not draft.loaded.unread:
            violations += check_comments(draft.loaded, memory)
            violations += check_guide(draft.loaded)
        if documents and not draft.loaded.unread:
            report("Passages")
            violations += _hold_against(sources, documents)
    except SourceError as fault:
        if "violations" not in fault.extras:
            raise
        reported: list[Violation] = fault.extras["violations"]
        return reported
    return violations


def attempt(sources: Sources, memory: Memory = NOTHING) -> tuple[Loaded, list[Violation]]:
    """Return the graphs of a release as far as errors allow, and the violations; write nothing.

    :param memory: remembers results of earlier checks.
    :raises SourceError: if the list of prefixes, a rule or a check cannot be read.
    """
    draft = _make(sources, memory)
    memory.save()
    return draft.loaded, draft.violations


def verify_source(sources: Sources, *documents: str) -> tuple[list[Recognition], list[Violation]]:
    """Verify the recorded passages in the texts of source documents, each in its own document.

    :param documents: the whole files, nothing stripped.
    :return: the recognition of each document, and all failures as violations of the sources.
    :raises SourceError: if the sources cannot be read.
    """
    loaded, violations = load(sources)
    _stop_on_errors(violations, "The sources cannot be read.")
    return _verify(loaded, documents)


def _verify(loaded: Loaded, documents: Sequence[str]) -> tuple[list[Recognition], list[Violation]]:
    recognitions = [recognize(loaded, document) for document in documents]
    return recognitions, [
        loaded.violation(
            *(v.rule, loaded.names.iri(v.entity) or v.entity, v.message, v.hint), cause=v.cause
        )
        for recognition in recognitions
        for v in recognition.violations()
    ]


def _hold_against(sources: Sources, documents: Sequence[str]) -> list[Violation]:
    """Return violations for passages not in their documents, or not supporting their claims.

    :raises SourceError: if the sources cannot be read.
    """
    loaded, violations = load(sources)
    _stop_on_errors(violations, "The sources cannot be read.")
    recognitions, violations = _verify(loaded, documents)
    recognitions.sort(key=lambda r: r.is_same)  # of two editions the very file counts
    texts = {r.source: r.verification.text for r in recognitions if not r.is_unknown}
    return [*violations, *check_evidence(loaded, texts)]


@dataclass
class _Draft:
    """A release in the making: its sources and the violations so far.

    :param waiting: the checks that must wait until the errors are mended.
    :param is_derived: whether rules and reasoner could run.
    """

    loaded: Loaded
    violations: list[Violation]
    waived: list[Violation] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    is_derived: bool = False

    def report(self, violations: Iterable[Violation]) -> None:
        """Add the violations that are not waived and do not follow from an unread block."""
        loaded, violations = self.loaded, list(violations)
        left, waived = checks.waive(violations, loaded)
        kept = list(loaded.unread.without_followers(left, loaded.store, loaded.names))
        if count := len(left) - len(kept):
            self.waiting.append(f"{count} findings about what they name")
        self.violations += kept
        self.waived += waived

    def close(self) -> None:
        """Report in one line the checks that could not be run."""
        if self.waiting:
            message = f"Not judged before the errors are mended: {', '.join(self.waiting)}."
            self.violations.append(Violation("not-judged", "warning", None, None, "", message))

    @property
    def remarks(self) -> list[tuple[str, Violation]]:
        return [("waived", v) for v in self.waived] + [("warning", v) for v in self.violations]


def _make(sources: Sources, memory: Memory = NOTHING, report: Report = _silently) -> _Draft:
    """Make the graphs of a release from the sources, and collect the violations.

    Later stages run as far as they can after an error.
    """
    report("Reading")
    draft = _Draft(*load(sources, memory))
    loaded = draft.loaded
    violations = [*check_files(loaded.sources), *mappings.load(loaded, memory)]
    loaded.contents.read(loaded.store, {*FOLDERS.values(), "mappings"})
    # The first stage sees what editors wrote, while rules add to it.
    written = replace(loaded, store=graphs.copy(loaded.store), contents=loaded.contents.copy())
    report("Checks and shapes, rules and reasoning")
    with ThreadPoolExecutor(1) as aside:
        checking = aside.submit(_check_sources, written)
        classified = _derive(draft, memory)
        draft.report(violations + checking.result())
    if classified is not None:
        draft.is_derived = True
        report("Checks of the release, answers of questions")
        _check_release(draft, classified)
    draft.close()
    return draft


def _check_sources(loaded: Loaded) -> list[Violation]:
    """Return the violations in the sources, before rules and reasoner run."""
    return [
        *check_names(loaded),
        *check_labels(loaded),
        *checks.run("source", loaded),
        *check_waivers(loaded),
        *check_quotations(loaded),
        *integrity.check_queries(loaded),
        *integrity.check_released_iris(loaded),
        *shapes.validate(loaded.store, WRITTEN, loaded),
    ]


def _derive(draft: _Draft, memory: Memory) -> reasoning.Classification | None:
    """Add the triples of rules and reasoner; return None if either cannot run."""
    loaded = draft.loaded
    try:
        rules.run(loaded)
        ontology = list(graphs.triples(loaded.store, "ontology"))
        return reasoning.classify(ontology, memory)
    except SourceError as fault:
        draft.violations += fault.extras.get("violations") or [
            error("ontology-unreadable", None, None, fault.detail)
        ]
        draft.waiting.append("what follows from the claims, and the answers of questions")
        return None


def _check_release(draft: _Draft, classified: reasoning.Classification) -> None:
    """Check a whole release: derived and inferred triples too, and answers to questions."""
    loaded, store = draft.loaded, draft.loaded.store
    draft.report(_impossible(classified, loaded))
    if not classified.consistent:
        draft.waiting.append("what follows from the claims, and the answers of questions")
        return
    # Axioms alone: a consequence of a hedged statement is as hedged as the statement.
    graphs.add(store, "inferred", classified.inferred)
    loaded.contents.read(store, ["inferred"])
    integrity.count_anew(loaded)
    counts.add_counts(store)
    loaded.contents.read(store, ["about"])
    draft.report(checks.run("release", loaded))
    if loaded.unread:
        draft.waiting.append("the answers of questions")
    else:
        draft.report(integrity.check_answers(loaded))
        draft.violations += checks.unused_waivers(draft.waived, loaded)


def _impossible(classified: reasoning.Classification, loaded: Loaded) -> list[Violation]:
    """Return a violation for each class without possible instances, or for the whole ontology."""
    if not classified.consistent:
        message = "the ontology contradicts itself: no world can be as it says"
        hint = "Look at individuals first: one of them stands under two disjoint kinds."
        return [error("inconsistent", None, None, message, hint)]
    message = "can have no instance: its axioms contradict each other"
    hint = "It stands under two disjoint kinds, or its claims' relations put it there."
    return [
        loaded.violation("unsatisfiable", iri, message, hint, related=_claims_behind(iri, loaded))
        for iri in classified.unsatisfiable
    ]


def _claims_behind(iri: str, loaded: Loaded) -> list[Related]:
    """Return the places of the claims from which the axioms of a class derive."""
    query = f"""
        SELECT DISTINCT ?claim
        WHERE {{ ?axiom owl:annotatedSource <{iri}> ; cdmo:derivedFrom ?claim }} ORDER BY ?claim"""
    claims = (text(row["claim"]) for row in graphs.select(loaded.store, query, "ontology"))
    places = [loaded.place(claim) for claim in claims]
    return [Related(place, "a claim behind its axioms") for place in places[: checks.MANY]]


def _stop_on_errors(violations: list[Violation], message: str = "") -> None:
    if count := len(errors(violations)):
        message = message or f"{count} errors; nothing was built."
        raise SourceError(message, violations=in_order(violations))
