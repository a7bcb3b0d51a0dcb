"""Load the Turtle sources into one store; every block keeps its file and line for messages."""

from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from service.names import Names
from service.pipeline import graphs, turtle_reader
from service.pipeline.files import lines
from service.pipeline.turtle_reader import Document
from service.pipeline.violations import Severity, Violation, error
from service.problems import SourceError
from service.rdf.terms import Term, is_iri, text
from service.sources import Sources

FOLDERS = {
    "modules": "ontology",
    "imports": "ontology",
    "claims": "claims",
    "questions": "questions",
    "shapes": "shapes",
    "checks": "waivers",
    "ontology.ttl": "ontology",
    "dataset.ttl": "about",
    "display.ttl": "about",
    "prefixes.ttl": "prefixes",
}
"""The graph of each file or folder of ``ontology/``."""

_ADDING = ("display.ttl", "waivers.ttl", "evidence-waivers.ttl", "hedges.ttl")

WRITTEN = ("ontology", "claims", "questions", "about")
"""The graphs of a release that editors write."""


@dataclass(frozen=True)
class Loaded:
    """The sources, read.

    :param names: the prefixes of ``prefixes.ttl``.
    :param store: the triples, a named graph for each kind of file.
    :param documents: the files.
    :param places: the file and line on which the first block of each IRI begins.
    """

    sources: Sources
    names: Names
    store: ox.Store
    documents: list[Document] = field(default_factory=list)
    places: dict[str, tuple[Path, int]] = field(default_factory=dict)

    def place(self, iri: str) -> tuple[Path | None, int | None]:
        """Return file and line of an IRI's block, or of the block whose part it is."""
        place = self.places.get(iri) or self.places.get(iri.partition("#")[0])
        return place or (None, None)

    def file_of(self, subject: Term | None) -> Path | None:
        """Return the file with a subject, if it has triples in one: for blank nodes."""
        return next(
            (d.path for d in self.documents if any(t.subject == subject for t in d.triples)), None
        )

    def name(self, term: str | Term | None) -> str:
        """Return the CURIE of an IRI if it has one, else the text of the term, for messages."""
        iri = term if isinstance(term, str) else text(term)
        return self.names.curie(iri) or iri

    def violation(
        self, rule: str, iri: str, message: str, hint: str = "", severity: Severity = "error"
    ) -> Violation:
        """Return a violation with the name and the place of its entity."""
        return Violation(rule, severity, *self.place(iri), self.name(iri), message, hint)


def load(sources: Sources) -> tuple[Loaded, list[Violation]]:
    """Read all Turtle sources.

    :return: what could be read, and every violation of syntax and prefixes in any file.
    :raises SourceError: if the list of prefixes itself cannot be used.
    """
    loaded = Loaded(sources, read_prefixes(sources), ox.Store())
    violations: list[Violation] = []
    # A block in display.ttl or waivers.ttl adds to one elsewhere, which is the one to show.
    for path in sorted(sources.turtle_files, key=lambda p: p.name in _ADDING):
        document, faults = turtle_reader.read(path, loaded.names.prefixes)
        loaded.documents.append(document)
        graph = FOLDERS.get(path.relative_to(sources.ontology).parts[0])
        if graph is None:
            message = "is in no folder whose place in the release is known"
            hint = "Move it to one of: " + ", ".join(sorted(FOLDERS))
            faults.append(error("misplaced-file", path, None, message, hint))
        elif not document.triples and not faults:
            hint = "Write it again, or remove the file."
            faults.append(error("empty-file", path, None, "holds no triple", hint))
        graphs.add(loaded.store, graph or "ontology", document.triples)
        for iri, line in document.lines.items():
            loaded.places.setdefault(iri, (path, line))
        violations += faults
    return loaded, violations


def read_prefixes(sources: Sources) -> Names:
    """Return the prefixes of ``prefixes.ttl``.

    :raises SourceError: with violations, if the file cannot be read or is not Turtle, or if a
        namespace is no IRI.
    """
    path = sources.ontology / "prefixes.ttl"
    document, faults = turtle_reader.read(path, None)
    names = Names({}) if faults else Names.load(path)
    faults += [
        error("prefix-not-iri", path, number, "stands for no IRI", entity=f"{prefix}:")
        for prefix, namespace in names.prefixes.items()
        if not is_iri(namespace)
        for number, line in enumerate(lines(document.text), 1)
        if f'"{namespace}"' in line
    ]
    if faults:
        raise SourceError(f"The list of all prefixes, {path}, cannot be used.", violations=faults)
    return names
