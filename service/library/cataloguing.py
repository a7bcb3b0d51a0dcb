"""Write the catalogue of the terms of any data: a database that SQLite makes on disk.

The store is read property by property into tables, and SQL does the rest, so the memory needed
does not grow with the data.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.library.catalogue import MAX_TERMS, SORTS, STEPS, TRUE
from service.library.expressions import operands
from service.library.other_names import LABELS, SYNONYMS, named, preference
from service.library.words import fold
from service.names import Names
from service.rdf.terms import Term, text

MAX_NAME = 300
"""The most characters of a name by which it is found."""

_NO_TERMS = frozenset({iris.OWL + "Ontology", iris.AXIOM, iris.SKOSXL + "Label"})

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -64000;
CREATE TABLE term (iri TEXT PRIMARY KEY, folded, sort, obsolete, top, unnamed) WITHOUT ROWID;
CREATE TABLE step (above, below, PRIMARY KEY (above, below)) WITHOUT ROWID;
CREATE TABLE name (id INTEGER PRIMARY KEY, folded, text, iri, why);
CREATE VIRTUAL TABLE word USING fts5 (folded, content = 'name', content_rowid = 'id');
CREATE TEMP TABLE sort (place INTEGER PRIMARY KEY, name);
CREATE TEMP TABLE typed (iri, place);
CREATE TEMP TABLE stated (above, below, place);
CREATE TEMP TABLE in_scheme (scheme, concept);
CREATE TEMP TABLE retired (iri PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE named (folded, text, iri, why, place);
CREATE TEMP TABLE best (iri PRIMARY KEY, folded) WITHOUT ROWID;
CREATE TEMP TABLE reached (iri PRIMARY KEY) WITHOUT ROWID;
"""
_TERMS = """
INSERT OR IGNORE INTO step SELECT above, below FROM stated ORDER BY above, below;
CREATE INDEX above ON step (below);
INSERT OR IGNORE INTO step SELECT scheme, concept FROM in_scheme
WHERE concept NOT IN (SELECT below FROM step);
INSERT INTO best SELECT iri, folded FROM (
  SELECT iri, folded, MIN(place) FROM named WHERE place IS NOT NULL GROUP BY iri
);
INSERT INTO term
SELECT typed.iri, best.folded, name, typed.iri IN retired, FALSE, best.iri IS NULL
FROM (
  SELECT iri, MIN(place) % 10 AS place FROM (
    -- What has no type is of the sort of what stands above it, else of what is below.
    SELECT iri, place FROM typed
    UNION ALL SELECT below, place + 10 FROM stated UNION ALL SELECT above, place + 20 FROM stated
  ) GROUP BY iri LIMIT :most
) AS typed
JOIN sort USING (place) LEFT JOIN best ON best.iri = typed.iri;
UPDATE term SET top = TRUE
WHERE NOT obsolete AND NOT EXISTS (SELECT * FROM step WHERE below = term.iri);
""".replace(":most", str(MAX_TERMS))
_REACH = """
INSERT OR IGNORE INTO reached
WITH RECURSIVE down (iri) AS (
  SELECT iri FROM term WHERE top AND iri BETWEEN ? AND ?
  UNION SELECT below FROM step JOIN down ON above = iri WHERE below NOT IN reached
) SELECT iri FROM down
"""
_UNREACHED = """
SELECT iri FROM term WHERE iri > ? AND NOT obsolete AND iri NOT IN reached ORDER BY iri LIMIT 1
"""
_NAMES = """
INSERT INTO named SELECT folded(code(iri)), code(iri), iri, 'code', NULL FROM term WHERE unnamed;
UPDATE term SET folded = folded(code(iri)) WHERE unnamed;
INSERT INTO name (folded, text, iri, why)
SELECT folded, text, iri, why FROM named ORDER BY LENGTH(folded), why <> 'label', folded, iri;
INSERT INTO word (word) VALUES ('rebuild');
CREATE TABLE total AS
SELECT sort, COUNT(*) AS terms FROM term WHERE NOT obsolete GROUP BY sort;
CREATE INDEX sorted ON term (sort, folded, iri);
CREATE INDEX tops ON term (sort, folded, iri) WHERE top;
CREATE INDEX exact ON name (folded);
"""


def write_catalogue(store: ox.Store, names: Names, path: Path) -> None:
    """Write the terms of a store, their places and their names into a new file.

    The shortest names come first, so that a search finds them first.
    """
    with closing(sqlite3.connect(path)) as database:
        database.create_function("folded", 1, fold, deterministic=True)
        database.create_function("code", 1, lambda i: names.curie(i) or i, deterministic=True)
        database.executescript(_TABLES)
        many = database.executemany
        many("INSERT INTO sort VALUES (?, ?)", enumerate(SORTS))
        many("INSERT INTO typed VALUES (?, ?)", _types(store))
        many("INSERT INTO stated VALUES (?, ?, ?)", _steps(store))
        many("INSERT INTO in_scheme VALUES (?, ?)", _in_schemes(store))
        deprecated = _pairs(store, iris.DEPRECATED)
        retired = ((iri,) for iri, value in deprecated if text(value) in TRUE)
        many("INSERT OR IGNORE INTO retired VALUES (?)", retired)
        many("INSERT INTO named VALUES (?, ?, ?, ?, ?)", islice(_names(store), 3 * MAX_TERMS))
        database.executescript(_TERMS)
        _mark_tops_of_cycles(database)
        database.executescript(_NAMES)


def _mark_tops_of_cycles(database: sqlite3.Connection) -> None:
    """Make one term of each cycle that has nothing above it a term at the top."""
    database.execute(_REACH, ("", "\U0010ffff"))
    iri = ""
    while row := database.execute(_UNREACHED, (iri,)).fetchone():
        (iri,) = row
        database.execute("UPDATE term SET top = TRUE WHERE iri = ?", (iri,))
        database.execute(_REACH, (iri, iri))


def _pairs(store: ox.Store, predicate: str) -> Iterator[tuple[str, Term]]:
    """Yield the IRIs that have a property, each with a value."""
    for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None, None):
        if isinstance(quad.subject, ox.NamedNode):
            yield quad.subject.value, quad.object


def _types(store: ox.Store) -> Iterator[tuple[str, int]]:
    """Yield each resource with the place of a sort that it has by a type."""
    places = {kind: place for place, kinds in enumerate(SORTS.values()) for kind in kinds}
    for iri, value in _pairs(store, iris.TYPE):
        if (kind := text(value)) not in _NO_TERMS:
            yield iri, places.get(kind, len(SORTS) - 1)


def _steps(store: ox.Store) -> Iterator[tuple[str, str, int]]:
    """Yield each step of a hierarchy: the upper and the lower term, the place of their sort."""
    places = {sort: place for place, sort in enumerate(SORTS)}
    for predicate, (sort, down) in STEPS.items():
        for iri, value in _pairs(store, predicate):
            if isinstance(value, ox.NamedNode) and value.value not in (iris.THING, iri):
                above, below = (iri, value.value) if down else (value.value, iri)
                yield above, below, places[sort]
    for iri, value in _pairs(store, iris.EQUIVALENT_CLASS):
        for part in operands(store, value, iris.INTERSECTION_OF):
            if isinstance(part, ox.NamedNode) and part.value not in (iris.THING, iri):
                yield part.value, iri, places["class"]


def _in_schemes(store: ox.Store) -> Iterator[tuple[str, str]]:
    """Yield schemes, each with a concept."""
    for iri, value in _pairs(store, iris.IN_SCHEME):
        if isinstance(value, ox.NamedNode):
            yield value.value, iri


def _names(store: ox.Store) -> Iterator[tuple[str, str, str, str, str | None]]:
    """Yield each name: folded, unchanged, its resource, its sort, its place among the labels."""
    for order, predicate in enumerate((*LABELS, *SYNONYMS)):
        is_label = order < len(LABELS)
        for iri, wording in named(store, predicate):
            name, place = wording.text[:MAX_NAME], None
            if is_label and name.strip():
                rank, tag, _ = preference(wording)
                place = f"{rank}{order}{tag} {name}"
            yield fold(name), name, iri, "label" if is_label else "synonym", place
