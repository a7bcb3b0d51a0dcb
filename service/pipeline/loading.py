"""Load the Turtle sources into one store; every block keeps its file and line for messages."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from service.names import Names
from service.pipeline import graphs, turtle_reader
from service.pipeline.files import lines, read_text
from service.pipeline.violations import Severity, Violation
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

WRITTEN = ("ontology", "claims", "questions", "about")
"""The graphs of a release that editors write."""


@dataclass(frozen=True)
class Loaded:
    """The sources, read.

    :param documents: the Turtle files, by path.
    :param names: the prefixes of ``prefixes.ttl``.
    :param store: the triples, a named graph for each kind of file.
    """

    sources: Sources
    documents: tuple[turtle_reader.Document, ...]
    names: Names
    store: ox.Store

    @cached_property
    def places(self) -> dict[str, tuple[Path, int]]:
        """The file and line on which the first block of each IRI begins."""
        places: dict[str, tuple[Path, int]] = {}
        # A block in display.ttl or waivers.ttl adds to one elsewhere, which is the one to show.
        adding = ("display.ttl", "waivers.ttl")
        for document in sorted(self.documents, key=lambda d: d.path.name in adding):
            for iri, line in document.lines.items():
                places.setdefault(iri, (document.path, line))
        return places

    def place(self, iri: str) -> tuple[Path | None, int | None]:
        """Return file and line of an IRI's block, or of the block whose part it is."""
        place = self.places.get(iri) or self.places.get(iri.partition("#")[0])
        return place or (None, None)

    def name(self, term: str | Term | None) -> str:
        """Return the CURIE of an IRI if it has one, else the text of the term, for messages."""
        iri = term if isinstance(term, str) else text(term)
        return self.names.curie(iri) or iri

    def violation(
        self, rule: str, iri: str, message: str, hint: str = "", severity: Severity = "error"
    ) -> Violation:
        """Return a violation with the name and the place of its entity."""
        return Violation(rule, severity, *self.place(iri), self.name(iri), message, hint)

    def placed(self, violations: Iterable[Violation]) -> list[Violation]:
        """Return violations of named entities with the file and line of their entity."""
        return [
            v
            if v.file
            else self.violation(
                v.rule, self.names.iri(v.entity) or v.entity, v.message, v.hint, v.severity
            )
            for v in violations
        ]


def load(sources: Sources) -> tuple[Loaded, list[Violation]]:
    """Read all Turtle sources.

    :return: what could be read, and every violation of syntax and prefixes in any file.
    :raises SourceError: if the list of prefixes itself cannot be read.
    """
    names = read_prefixes(sources)
    store = ox.Store()
    documents: list[turtle_reader.Document] = []
    violations: list[Violation] = []
    for path in sources.turtle_files:
        document, faults = turtle_reader.read(path, names.prefixes)
        graph = FOLDERS.get(path.relative_to(sources.ontology).parts[0])
        if graph is None:
            message = "is in no folder whose place in the release is known"
            hint = "Move it to one of: " + ", ".join(sorted(FOLDERS))
            faults.append(Violation("misplaced-file", "error", path, None, "", message, hint))
        elif not document.triples and not faults:
            hint = "Write it again, or remove the file."
            message = "holds no triple"
            faults.append(Violation("empty-file", "error", path, None, "", message, hint))
        graphs.add(store, graph or "ontology", document.triples)
        documents.append(document)
        violations += faults
    return Loaded(sources, tuple(documents), names, store), violations


def read_prefixes(sources: Sources) -> Names:
    """Return the prefixes of ``prefixes.ttl``.

    :raises SourceError: if the file is missing, not Turtle, or names a namespace that is no IRI.
    """
    path = sources.ontology / "prefixes.ttl"
    try:
        names = Names.load(path)
    except FileNotFoundError:
        raise SourceError(f"{path} is missing: it is the list of all prefixes.") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from None
    except SyntaxError:
        _, faults = turtle_reader.read(path, {})
        violations = [v for v in faults if v.rule != "unknown-prefix"]
    else:
        violations = [
            Violation("prefix-not-iri", "error", path, number, f"{prefix}:", "stands for no IRI")
            for prefix, namespace in names.prefixes.items()
            if not is_iri(namespace)
            for number, line in enumerate(lines(read_text(path)), 1)
            if f'"{namespace}"' in line
        ]
    if violations:
        raise SourceError("The list of prefixes cannot be used.", violations=violations)
    return names
