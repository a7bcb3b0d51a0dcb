"""Reduce a file that an OWL tool saved to the edit, and apply the edit to the modules."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.owl.applying import Applying, OpenModules
from service.editing.owl.canonical import Graph, is_declaration
from service.editing.owl.folder import EDIT, ID_RANGES, MODULE
from service.pipeline.foreign import FileQuads
from service.problems import UsageError
from service.rdf.terms import text

_ONTOLOGY = iris.OWL + "Ontology"


def read(path: Path) -> Graph:
    """Return the triples of an RDF file, or of those of a folder.

    :raises UsageError: if it cannot be read, or is OWL in a syntax that is not RDF.
    """
    if path.is_dir():
        suffixes = (".ttl", ".owl", ".rdf")
        paths = [p for p in sorted(path.iterdir()) if p.suffix in suffixes and p.name != ID_RANGES]
        if not paths:
            raise UsageError(f"{path} has no file of Turtle or RDF/XML.")
        return Graph.of(t for p in paths for t in _triples(p))
    return Graph.of(_triples(path))


def _triples(path: Path) -> Iterator[ox.Triple]:
    """Yield the triples of a file, with blank nodes that no other file shares."""
    return (quad.triple for quad in FileQuads(path, path.resolve().as_uri()))


@dataclass
class SavedEdits:
    """The changes of a saved ontology to the sources.

    :param kept: terms missing from the saved ontology that the sources keep, in words.
    :param dropped: statements in it that are not ours, in words.
    """

    edits: Edits
    kept: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def edits_of(
    edits: Edits, path: Path, *, base: Path | None = None, delete: bool = False
) -> SavedEdits:
    """Return the changes of a saved ontology.

    A module, as ``cdmo export protege`` writes it, is compared with that module; the ontology, or
    the edit file with its imports merged, with all of them. Anything else only adds.

    :param base: the release that was opened, if it was not the sources.
    :param delete: remove terms of which the saved ontology says nothing any more.
    :raises SourceError: with a violation for each part that fits nowhere.
    """
    saved = read(path)
    result = SavedEdits(edits)
    sources = OpenModules(edits)
    new = saved.statements()
    old = read(base).statements() if base else sources.statements(_scope(saved))
    known = {**sources.statements(), **old}
    axioms = filter(None, map(saved.ends, saved.values))
    implied = {(str(s), text(p), saved.canonical(t)) for s, p, t in axioms}
    added = {k: t for k, t in new.items() if k not in known and not _is_noise(t)}
    removed = {
        k: t for k, t in old.items() if k not in new and k not in implied and not _is_noise(t)
    }
    removed = {k: t for k, t in removed.items() if not _is_declared(t, saved)}
    gone = {t.subject for t in removed.values()} - {t.subject for t in new.values()}
    if not delete:
        lost = {s for s in gone if isinstance(s, ox.NamedNode)}
        result.kept = sorted(edits.loaded.name(s) for s in lost)
        removed = {k: t for k, t in removed.items() if t.subject not in lost}
        names = {str(s) for s in lost}
        removed = {k: t for k, t in removed.items() if not (k[0] == "axiom" and k[1] in names)}
    applying = Applying(edits, sources, saved)
    applying.run(added, removed)
    result.dropped = applying.dropped
    return result


def _scope(saved: Graph) -> set[str] | None:
    """Return the modules that a saved file speaks of; None for all."""
    ontologies = {
        text(t.subject)
        for t in saved.triples
        if t.predicate.value == iris.TYPE and text(t.object) == _ONTOLOGY
    }
    own = {iri.removeprefix(MODULE) for iri in ontologies if iri.startswith(MODULE)}
    if own:
        return own
    imports = any(t.predicate.value == iris.IMPORTS for t in saved.triples)
    whole = iris.ONTOLOGY in ontologies or (EDIT in ontologies and not imports)
    return None if whole else set()


def _is_noise(t: ox.Triple) -> bool:
    """Tell whether a triple is of an ontology's header, or declares a term that is not ours."""
    subject = text(t.subject)
    header = subject.startswith((iris.ONTOLOGY, EDIT)) or text(t.object) == _ONTOLOGY
    return header or (is_declaration(t) and not subject.startswith(iris.BASE))


def _is_declared(t: ox.Triple, saved: Graph) -> bool:
    """Tell whether a declaration is missing only because the saved file has another."""
    individual = text(t.object) == iris.OWL + "NamedIndividual"
    return individual and is_declaration(t) and any(map(is_declaration, saved.about(t.subject)))
