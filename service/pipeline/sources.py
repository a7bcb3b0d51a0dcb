"""The sources: what is in them, and on which line it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph

from service.names import Names
from service.pipeline import graphs, turtle
from service.pipeline.violations import Violation
from service.problems import SourceError
from service.sources import Sources, locate

__all__ = ["Loaded", "Sources", "load", "locate"]

_ROOMS = {
    "modules": "ontology",
    "imports": "ontology",
    "claims": "claims",
    "questions": "questions",
    "shapes": "shapes",
    "checks": "waivers",
    "ontology.ttl": "ontology",
    "display.ttl": "about",
    "prefixes.ttl": "prefixes",
}
"""What a file or folder of ``ontology/`` holds: a graph of the release, or what checks it."""


@dataclass(frozen=True)
class Loaded:
    """The Turtle sources, read.

    :param documents: the files, by path.
    :param names: the prefixes of ``prefixes.ttl``.
    """

    sources: Sources
    documents: tuple[turtle.Document, ...]
    names: Names
    graphs: Mapping[str, Graph] = field(default_factory=dict)

    @cached_property
    def places(self) -> dict[str, tuple[Path, int]]:
        """IRI to the file and line on which its first block begins."""
        places: dict[str, tuple[Path, int]] = {}
        # A block in display.ttl or waivers.ttl adds to one elsewhere, which is the one to show.
        adding = ("display.ttl", "waivers.ttl")
        for document in sorted(self.documents, key=lambda d: d.path.name in adding):
            for iri, line in document.lines.items():
                places.setdefault(iri, (document.path, line))
        return places

    def place(self, iri: str) -> tuple[Path | None, int | None]:
        """Return file and line of an IRI's block, or of the block whose part it is."""
        found = self.places.get(iri) or self.places.get(iri.partition("#")[0])
        return found or (None, None)

    def name(self, term: object) -> str:
        """Return the CURIE of an IRI if it has one, for messages."""
        text = term.value if isinstance(term, ox.NamedNode) else str(term)
        return self.names.curie(text) or text


def load(sources: Sources) -> tuple[Loaded, list[Violation]]:
    """Read all Turtle sources.

    :returns: what could be read, and every violation of syntax and prefixes in any file.
    :raises SourceError: if the list of prefixes itself cannot be read.
    """
    prefixes_file = sources.ontology / "prefixes.ttl"
    names = Names(_prefixes(prefixes_file))
    documents: list[turtle.Document] = []
    violations: list[Violation] = []
    for path in sources.turtle_files:
        document, found = turtle.read(path, names.prefixes)
        documents.append(document)
        violations += found
        if _room(sources, path) is None:
            said = "is in no folder whose place in the release is known"
            hint = "Move it to one of: " + ", ".join(sorted(_ROOMS))
            violations.append(Violation("misplaced-file", "error", path, None, "", said, hint))
    triples: dict[str, list[ox.Triple]] = {room: [] for room in sorted(set(_ROOMS.values()))}
    for document in documents:
        triples[_room(sources, document.path) or "ontology"] += document.triples
    loaded = {room: graphs.graph_of(_each(t)) for room, t in triples.items()}
    return Loaded(sources, tuple(documents), names, loaded), violations


def _each(triples: Iterable[ox.Triple]) -> Iterable[ox.Triple]:
    return dict.fromkeys(triples)


def _room(sources: Sources, path: Path) -> str | None:
    return _ROOMS.get(path.relative_to(sources.ontology).parts[0])


def _prefixes(path: Path) -> dict[str, str]:
    """Return the ``sh:declare`` list of a file.

    :raises SourceError: if the file is missing or not Turtle.
    """
    try:
        return dict(Names.load(path).prefixes)
    except FileNotFoundError:
        raise SourceError(f"{path} is missing: it is the list of all prefixes.") from None
    except SyntaxError:
        _, found = turtle.read(path, {})
        violations = [v for v in found if v.rule != "unknown-prefix"]
        said = "The list of prefixes is not Turtle."
        raise SourceError(said, violations=violations) from None
