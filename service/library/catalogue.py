"""The terms of any data by sort, place and name: a passing database on disk.

A vocabulary may have a hundred thousand terms below one. SQLite sorts, counts and searches them
with a few megabytes of memory; the file has no name and is gone with its process.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Any

import pyoxigraph as ox

from service import iris
from service.library.expressions import operands
from service.library.search import MAX_TYPED
from service.library.wording import LABELS, SYNONYMS, named, preference
from service.library.words import fold
from service.names import Names
from service.rdf.terms import Term, text
from service.rdf.walk import closure

SORTS: Mapping[str, tuple[str, ...]] = {
    "scheme": (iris.SKOS + "ConceptScheme",),
    "concept": (iris.SKOS + "Concept",),
    "class": (iris.CLASS, iris.RDFS + "Class", iris.RDFS + "Datatype"),
    "property": (
        iris.RDF + "Property",
        *(iris.OWL + f"{sort}Property" for sort in ("Object", "Datatype", "Annotation")),
    ),
    "collection": (iris.SKOS + "Collection", iris.SKOS + "OrderedCollection"),
    "individual": (),
}
"""The sorts of terms with their classes; a term has the first that fits, the last is any other."""

_NO_TERMS = frozenset({iris.OWL + "Ontology", iris.AXIOM, iris.SKOSXL + "Label"})

STEPS: Mapping[str, tuple[str, bool]] = {
    iris.SUBCLASS: ("class", False),
    iris.SUBPROPERTY: ("property", False),
    iris.BROADER: ("concept", False),
    iris.NARROWER: ("concept", True),
    iris.TOP_CONCEPT_OF: ("concept", False),
    iris.HAS_TOP_CONCEPT: ("concept", True),
}
"""The properties of hierarchies: of which sort, and whether they point at what is below."""

UP = tuple(predicate for predicate, (_, down) in STEPS.items() if not down)

MAX_TERMS = 1_000_000
"""Terms, and names, that are read; what the data has beyond them is found by queries only."""

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -64000;
CREATE TABLE term (iri TEXT PRIMARY KEY, folded, sort, obsolete, top, unnamed) WITHOUT ROWID;
CREATE TABLE step (above, below, PRIMARY KEY (above, below)) WITHOUT ROWID;
CREATE TABLE name (id INTEGER PRIMARY KEY, folded, text, iri, why);
CREATE VIRTUAL TABLE word USING fts5 (folded, content = 'name', content_rowid = 'id');
"""
_INDEXES = """
CREATE INDEX sorted ON term (sort, folded, iri);
CREATE INDEX tops ON term (sort, folded, iri) WHERE top;
CREATE INDEX above ON step (below);
CREATE INDEX exact ON name (folded);
INSERT INTO word (word) VALUES ('rebuild');
PRAGMA cache_size = -8000;
PRAGMA shrink_memory;
"""
_FITTING = 500
"""Names that fit that are compared."""

MAX_NAME = 300
"""Characters of a name by which it is found."""


@dataclass(frozen=True, slots=True)
class Found:
    """A resource that fits a search.

    :param text: the name that fits.
    :param why: whose name it is: "label", "synonym" or "code".
    """

    iri: str
    text: str
    why: str


class Catalogue:
    """The terms of a store, read once."""

    def __init__(self, store: ox.Store, names: Names) -> None:
        self._lock = Lock()  # a connection serves one thread at a time
        self._database = sqlite3.connect("", check_same_thread=False)
        self._database.executescript(_TABLES)
        sorts, steps = _sorts(store), dict(_steps(store))
        for (_, below), sort in steps.items():
            sorts.setdefault(below, sort)
        for (above, _), sort in steps.items():
            sorts.setdefault(above, sort)
        obsolete = {iri for iri, value in _pairs(store, iris.DEPRECATED) if _true(value)}
        tops = _tops(sorts, steps.keys(), obsolete)

        many, name = self._database.executemany, "INSERT INTO name VALUES (NULL, ?, ?, ?, ?)"
        labels: dict[str, tuple[tuple[object, ...], str]] = {}
        many(name, islice(_names(store, labels), 3 * MAX_TERMS))
        codes = {iri: names.curie(iri) or iri for iri in sorts if iri not in labels}
        many(name, ((fold(code), code, iri, "code") for iri, code in codes.items()))

        def terms() -> Iterator[tuple[Any, ...]]:
            for iri, sort in sorts.items():
                folded = fold(codes[iri]) if iri in codes else labels[iri][1]
                yield iri, folded, sort, iri in obsolete, iri in tops, iri in codes

        many("INSERT INTO term VALUES (?, ?, ?, ?, ?, ?)", terms())
        many("INSERT OR IGNORE INTO step VALUES (?, ?)", steps)
        self._database.executescript(_INDEXES)
        self.complete = len(sorts) < MAX_TERMS

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def counts(self) -> dict[str, int]:
        """Return how many terms of each sort there are; obsolete ones do not count."""
        query = "SELECT sort, COUNT(*) FROM term WHERE NOT obsolete GROUP BY sort"
        counts = dict(self._rows(query))
        return {sort: counts[sort] for sort in SORTS if sort in counts}

    def terms(self, sort: str, start: int, size: int) -> list[str]:
        """Return terms of a sort in the order of labels."""
        query = "SELECT iri FROM term WHERE sort = ? ORDER BY folded, iri LIMIT ? OFFSET ?"
        return [iri for (iri,) in self._rows(query, sort, size, start)]

    def count(self, sort: str) -> int:
        """Return how many terms of a sort there are, the obsolete ones too."""
        return int(self._rows("SELECT COUNT(*) FROM term WHERE sort = ?", sort)[0][0])

    def tops(self, sort: str, size: int) -> list[str]:
        """Return the terms of a sort that have nothing above them.

        Those with something below come first, those without a label last.
        """
        query = (
            "SELECT iri FROM term WHERE sort = ? AND top ORDER BY "
            "NOT EXISTS (SELECT * FROM step WHERE above = iri), unnamed, folded, iri LIMIT ?"
        )
        return [iri for (iri,) in self._rows(query, sort, size)]

    def count_tops(self, sort: str) -> int:
        """Return how many terms of a sort have nothing above them."""
        query = "SELECT COUNT(*) FROM term WHERE sort = ? AND top"
        return int(self._rows(query, sort)[0][0])

    def above(self, iri: str) -> list[str]:
        """Return the terms directly above a term."""
        return [a for (a,) in self._rows("SELECT above FROM step WHERE below = ?", iri)]

    def below(self, iri: str, start: int, size: int) -> list[str]:
        """Return the terms directly below a term, in the order of labels."""
        query = (
            "SELECT below FROM step JOIN term ON iri = below WHERE above = ? "
            "ORDER BY folded, iri LIMIT ? OFFSET ?"
        )
        return [below for (below,) in self._rows(query, iri, size, start)]

    def count_below(self, iri: str) -> int:
        """Return how many terms are directly below a term."""
        return int(self._rows("SELECT COUNT(*) FROM step WHERE above = ?", iri)[0][0])

    def search(self, typed: str, limit: int) -> tuple[list[Found], bool]:
        """Return what has names with all typed words or beginnings of words, the best first.

        A whole name comes before names that begin with what was typed, a label before a synonym.

        :return: what fits, and whether it has only some of the words because nothing has all.
        """
        folded = " ".join(fold(typed).split()[:MAX_TYPED])
        if not folded:
            return [], False
        words = [f'"{word}"*' for word in folded.split()]
        exact = "SELECT folded, text, iri, why FROM name WHERE folded = ? LIMIT ?"
        fitting = (
            "SELECT name.folded, text, iri, why FROM word JOIN name ON id = word.rowid "
            "WHERE word MATCH ? ORDER BY rank LIMIT ?"
        )
        rows = self._rows(exact, folded, _FITTING)
        rows += self._rows(fitting, " ".join(words), _FITTING)
        if partial := not rows:
            rows = self._rows(fitting, " OR ".join(words), _FITTING)

        def place(row: tuple[str, ...]) -> tuple[Any, ...]:
            name, whole, iri, why = row
            begins = name.startswith(folded)
            return name != folded, not begins, why != "label", len(name), whole, iri

        best: dict[str, Found] = {}
        for _, name, iri, why in sorted(rows, key=place):
            best.setdefault(iri, Found(iri, name, why))
        return list(best.values())[:limit], partial and bool(best)


def _pairs(store: ox.Store, predicate: str) -> Iterator[tuple[str, Term]]:
    """Yield the IRIs that have a property, each with a value."""
    for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None, None):
        if isinstance(quad.subject, ox.NamedNode):
            yield quad.subject.value, quad.object


def _true(value: object) -> bool:
    return isinstance(value, ox.Literal) and value.value in ("true", "1")


def _sorts(store: ox.Store) -> dict[str, str]:
    """Return the sort of each term that has a type."""
    order = {kind: place for place, kinds in enumerate(SORTS.values()) for kind in kinds}
    names, last = list(SORTS), len(SORTS) - 1
    places: dict[str, int] = {}
    for iri, value in _pairs(store, iris.TYPE):
        kind = text(value)
        if kind not in _NO_TERMS and len(places) < MAX_TERMS:
            places[iri] = min(places.get(iri, last), order.get(kind, last))
    return {iri: names[place] for iri, place in places.items()}


def _steps(store: ox.Store) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield each step of a hierarchy, from above to below, with the sort of its terms."""
    placed = set()
    for predicate, (sort, down) in STEPS.items():
        for iri, value in _pairs(store, predicate):
            if isinstance(value, ox.NamedNode) and value.value != iris.THING:
                above, below = (iri, value.value) if down else (value.value, iri)
                placed.add(below)
                if above != below:
                    yield (above, below), sort
    for iri, value in _pairs(store, iris.EQUIVALENT_CLASS):
        for part in operands(store, value, iris.INTERSECTION_OF):
            if isinstance(part, ox.NamedNode) and part.value not in (iris.THING, iri):
                yield (part.value, iri), "class"
    for iri, value in _pairs(store, iris.IN_SCHEME):
        if isinstance(value, ox.NamedNode) and iri not in placed:
            yield (value.value, iri), "concept"


def _tops(
    sorts: Mapping[str, str], steps: Iterable[tuple[str, str]], obsolete: set[str]
) -> set[str]:
    """Return the terms that have nothing above them, and one of each cycle that has not either."""
    below: dict[str, list[str]] = defaultdict(list)
    placed = set()
    for parent, child in steps:
        below[parent].append(child)
        placed.add(child)
    tops = {iri for iri in sorts if iri not in placed and iri not in obsolete}
    reached = set(tops)
    for top in list(tops):
        reached.update(_reach(top, below, reached))
    for iri in sorted(placed - reached - obsolete):
        if iri not in reached:
            tops.add(iri)
            reached |= {iri, *_reach(iri, below, reached)}
    return tops


def _reach(top: str, below: Mapping[str, list[str]], reached: set[str]) -> list[str]:
    return list(closure(top, lambda iri: [i for i in below.get(iri, ()) if i not in reached]))


def _names(
    store: ox.Store, labels: dict[str, tuple[tuple[object, ...], str]]
) -> Iterator[tuple[str, str, str, str]]:
    """Yield every name: folded, as it is, whose, and of which sort.

    :param labels: gets the best label of each resource, folded, with its place among all.
    """
    for order, predicate in enumerate((*LABELS, *SYNONYMS)):
        why = "label" if order < len(LABELS) else "synonym"
        for iri, wording in named(store, predicate):
            name = wording.text[:MAX_NAME]
            folded = fold(name)
            if why == "label" and name.strip():
                rank, *rest = preference(wording)
                place = (rank, order, *rest)
                if iri not in labels or place < labels[iri][0]:
                    labels[iri] = (place, folded)
            yield folded, name, iri, why
