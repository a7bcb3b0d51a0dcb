"""The terms of any data by sort, place and name: a database on disk.

A vocabulary may have a hundred thousand terms below one. SQLite sorts, counts and searches them
with a few megabytes of memory.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from threading import Lock
from typing import Any

from service import iris
from service.library.search import MAX_TYPED
from service.library.words import fold

CATALOGUE = "terms.sqlite"
"""The file of a release of other people's data that has its catalogue."""

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

STEPS: Mapping[str, tuple[str, bool]] = {
    iris.SUBCLASS: ("class", False),
    iris.SUBPROPERTY: ("property", False),
    iris.BROADER: ("concept", False),
    iris.NARROWER: ("concept", True),
    iris.TOP_CONCEPT_OF: ("concept", False),
    iris.HAS_TOP_CONCEPT: ("concept", True),
}
"""The properties of hierarchies: the sort of their terms, and whether they point downwards."""

TRUE = ("true", "1")
"""How ``xsd:boolean`` writes that something holds."""

UP = tuple(predicate for predicate, (_, down) in STEPS.items() if not down)

MAX_TERMS = 1_000_000
"""The most terms, and the most names, that are read; only queries find the others."""

_FITTING = 500
"""The most fitting names that are compared."""
_FEW = 8
"""The most words tried with one left out; of more, any one may fit, as each adds a search."""


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
    """The terms of a store, as :func:`service.library.cataloguing.write_catalogue` wrote them.

    :param path: of the file, which may be removed once this is made.
    """

    def __init__(self, path: Path) -> None:
        self._lock = Lock()  # a connection serves one thread at a time
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._database = sqlite3.connect(address, uri=True, check_same_thread=False)
        self._database.execute("PRAGMA cache_size = -8000")

    @cached_property
    def complete(self) -> bool:
        """Whether it has all terms of the data."""
        return int(self._rows("SELECT COUNT(*) FROM term")[0][0]) < MAX_TERMS

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def counts(self) -> dict[str, int]:
        """Return how many terms of each sort there are; obsolete ones do not count."""
        counts = dict(self._rows("SELECT sort, terms FROM total"))
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
        """Return the resources named with all typed words or beginnings of words, best first.

        A whole name comes before names that begin with what was typed, a label before a synonym.

        :return: the resources, and whether they have only some of the words because none has all:
            all but one of them, or else any.
        """
        folded = " ".join(fold(typed).split()[:MAX_TYPED])
        if not folded:
            return [], False
        words = [f'"{word}"*' for word in folded.split()]
        exact = "SELECT folded, text, iri, why FROM name WHERE folded = ? LIMIT ?"
        # Names are in the order of their lengths: no more are read than are compared.
        fitting = (
            "SELECT name.folded, text, iri, why FROM word JOIN name ON id = word.rowid "
            "WHERE word MATCH ? ORDER BY word.rowid LIMIT ?"
        )
        rows = self._rows(exact, folded, _FITTING)
        rows += self._rows(fitting, " ".join(words), _FITTING)
        partial = not rows
        for count in (len(words) - 1, 1):
            if 0 < count < _FEW and not rows:
                some = combinations(words, count)
                rows = [row for w in some for row in self._rows(fitting, " ".join(w), _FITTING)]

        def place(row: tuple[str, ...]) -> tuple[Any, ...]:
            name, whole, iri, why = row
            begins = name.startswith(folded)
            return name != folded, not begins, why != "label", len(name), whole, iri

        best: dict[str, Found] = {}
        for _, name, iri, why in sorted(rows, key=place):
            best.setdefault(iri, Found(iri, name, why))
        return list(best.values())[:limit], partial and bool(best)
