"""The build wing: sources in, a checked and reasoned release out.

.. code-block:: text

    ontology/**/*.ttl ─ sources.load ─┐
    mappings/*.tsv ─ mappings.load ───┴→ checks ("source"), shapes, rules for mapping sets
      → derive: claims become triples and axioms → reasoning.classify → checks ("release")
      → assemble.write → dist/<version>+<digest>/, dist/current

Errors stop a build, and all of a stage are reported; the last good release stays.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from rdflib import OWL, RDF, RDFS, Graph, URIRef

from service.pipeline import (
    about,
    assemble,
    checks,
    derive,
    graphs,
    integrity,
    mapping_checks,
    mappings,
    reasoning,
)
from service.pipeline.changelog import difference
from service.pipeline.passages import segment
from service.pipeline.sources import Loaded, Sources, load, locate
from service.pipeline.verification import Verification, recorded, verify
from service.pipeline.violations import Violation, errors, in_order
from service.problems import SourceError
from service.release import Release, built_from

__all__ = ["build", "check", "difference", "locate", "segment", "verify_source"]


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

    :param previous: the release whose successor this is, for the log of changes; by default the
        latest one in ``dist`` of an earlier version.
    :param document: text of the source document, if at hand; every passage is held against it.
    :param report: takes one line of progress.
    :raises SourceError: with ``violations`` if the sources have errors; then ``dist/current``
        stays what it was.
    """
    if document is not None and (found := verify_source(sources, document)[1]):
        raise SourceError(f"{len(found)} errors; nothing was built.", violations=in_order(found))
    digest = sources.identity
    if previous is not None:
        digest += f"-{previous.manifest.digest[:16]}"
    with assemble.locked(dist):
        if release := built_from(dist, digest, exactly=previous is not None):
            return release
        report("Building the release: reading, checking, reasoning …")
        made = _make(sources)
        if errors(made.violations):
            found = in_order(made.violations)
            raise SourceError(f"{len(errors(found))} errors; nothing was built.", violations=found)
        parts = assemble.Parts(made.graphs, made.prefixes, digest, made.remarks, previous)
        if previous is None:
            parts = replace(parts, previous=assemble.earlier(dist, parts.version))
        release = assemble.write(parts, dist)
    total = sum(release.manifest.graphs.values())
    report(f"Built {release.manifest.name}: {total:,} triples, {len(made.violations)} warnings.")
    return release


def check(sources: Sources, document: str | None = None) -> list[Violation]:
    """Return every violation in ``sources``, by file and line; builds nothing.

    :param document: text of the source document, if at hand; every passage is held against it.
    """
    try:
        found = _make(sources).violations
        if document is not None:
            found = [*found, *verify_source(sources, document)[1]]
        return in_order(found)
    except SourceError as error:
        return [*error.extras.get("violations", ()), _whole(error.detail)]


@dataclass
class _Made:
    """A release in the making."""

    graphs: dict[str, Graph] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    waived: list[Violation] = field(default_factory=list)

    @property
    def remarks(self) -> list[tuple[str, Violation]]:
        return [("waived", v) for v in self.waived] + [("warning", v) for v in self.violations]


def _make(sources: Sources) -> _Made:
    """Go from the sources to the graphs of a release, as far as errors allow."""
    loaded, violations = load(sources)
    made = _Made(prefixes=dict(loaded.names.prefixes), violations=violations)
    if not errors(violations) and _check_and_derive(loaded, made):
        _check_release(loaded, made)
    return made


def _check_and_derive(loaded: Loaded, made: _Made) -> bool:
    """Check the sources and make the graphs of a release; tell whether they are all made."""
    written = {n: loaded.graphs[n] for n in ("ontology", "claims", "questions", "about")}
    sets, found = mappings.load(loaded.sources.mappings)
    found += checks.run("source", loaded, graphs.store_of(graphs.quads(written)))
    found += integrity.check_queries(loaded)
    found += integrity.check_released_iris(loaded, *written.values())
    curators = loaded.sources.mappings / "curators.tsv"
    found += [_placed(v, loaded) for v in mapping_checks.check(sets, _terms(loaded), curators)]
    with ThreadPoolExecutor(max_workers=1) as aside:
        sound = not errors(checks.waive(found, loaded, "source")[0])
        if sound:
            made.graphs = written | derive.derive(loaded.graphs)
            # Java classifies in a process of its own while pySHACL works in this one.
            classifying = aside.submit(reasoning.classify, made.graphs["ontology"])
        found += checks.run_shapes(loaded, *written.values())
        left, waived = checks.waive(found, loaded, "source")
        made.violations += left
        made.waived += waived
        if errors(left):
            return False
        made.graphs["mappings"] = mappings.to_graph(sets)
        classified = classifying.result()
    made.violations += _impossible(classified, loaded)
    # Only what follows from axioms: what follows from a hedged statement is as hedged as it is.
    made.graphs["inferred"] = classified.inferred
    return classified.consistent


def _check_release(loaded: Loaded, made: _Made) -> None:
    made.graphs["about"] = about.describe(made.graphs, made.prefixes)
    store = graphs.store_of(graphs.quads(made.graphs))
    found = checks.run("release", loaded, store) + integrity.check_answers(loaded, store)
    left, waived = checks.waive(found, loaded, "release")
    made.waived += waived
    made.violations += [*left, *checks.unused_waivers(made.waived, loaded)]


def _impossible(found: reasoning.Classification, loaded: Loaded) -> list[Violation]:
    """Return a violation for each class without possible instances, or for the whole."""
    if not found.consistent:
        said = "the ontology contradicts itself: no world can be as it says"
        hint = "Look at individuals first: one of them stands under two disjoint kinds."
        return [replace(_whole(said), rule="inconsistent", hint=hint)]
    hint = "It stands under two disjoint kinds, or its claims' relations put it there."
    said = "can have no instance: its axioms contradict each other"
    return [
        Violation("unsatisfiable", "error", *loaded.place(iri), loaded.name(iri), said, hint)
        for iri in found.unsatisfiable
    ]


def _whole(said: str) -> Violation:
    return Violation("sources", "error", None, None, "", said)


def _placed(violation: Violation, loaded: Loaded) -> Violation:
    if violation.file is not None:
        return violation
    file, line = loaded.place(violation.entity)
    return replace(violation, file=file, line=line, entity=loaded.name(violation.entity))


def _terms(loaded: Loaded) -> mapping_checks.Terms:
    ontology = loaded.graphs["ontology"]
    types = (
        OWL.Class,
        OWL.NamedIndividual,
        OWL.ObjectProperty,
        OWL.DatatypeProperty,
        OWL.AnnotationProperty,
    )
    ours = {s for t in types for s in ontology.subjects(RDF.type, t) if isinstance(s, URIRef)}
    labels = {str(s): str(ontology.value(s, RDFS.label)) for s in ours}
    obsolete = frozenset(str(s) for s in ontology.subjects(OWL.deprecated) if s in ours)
    return mapping_checks.Terms(labels, obsolete, loaded.names.prefixes)


def verify_source(sources: Sources, text: str) -> tuple[Verification, list[Violation]]:
    """Hold every recorded passage against the text of the source document.

    :param text: the whole file, nothing stripped.
    :return: what was found, and its failures as violations of the sources.
    :raises SourceError: if the sources cannot be read.
    """
    loaded, violations = load(sources)
    if errors(violations):
        raise SourceError("The sources cannot be read.", violations=in_order(violations))
    found = verify(text, recorded(loaded.graphs["claims"], loaded.names))
    return found, found.violations(lambda name: loaded.place(loaded.names.iri(name) or name))
