"""Mapping sets in RDF.

The file of a row is its status: ``<vocabulary>.sssom.tsv`` is released,
``candidates/<vocabulary>.sssom.tsv`` never is. A row becomes a mapping with an IRI of its own
(SSSOM's RDF form, an ``owl:Axiom`` outside the ontology) and, unless it denies a match or has no
target, the SKOS triple itself.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs, sssom
from service.pipeline.accessions import read_accessions
from service.pipeline.loading import Loaded
from service.pipeline.mapping_authors import Curators, check_authors, read_curators
from service.pipeline.mapping_file import CURIES, MappingSet, Row
from service.pipeline.memory import NOTHING, Memory
from service.pipeline.term_tables import check_targets
from service.pipeline.violations import Violation
from service.problems import SourceError
from service.rdf import sssom_slots
from service.rdf.terms import is_iri, triple


def load(loaded: Loaded, memory: Memory = NOTHING) -> list[Violation]:
    """Add the released mapping sets to the sources, and the lines of their rows.

    :param memory: remembers sets without violations.
    :return: the violations in the files. Rows that cannot be made into triples are left out.
    """
    if memory.is_nothing:
        return _read(loaded)
    state = _state(loaded)
    if (recalled := memory.recall("mappings", state)) is not None:
        rows, dump = json.loads(recalled)
        graphs.load(loaded.store, "mappings", dump.encode())
        for iri, file, line in rows:
            loaded.places[iri] = Path(file), line
        return []
    before = set(loaded.places)
    violations = _read(loaded)
    if not violations and not loaded.unread and not before & set(_rows(loaded)):
        rows = [(iri, str(loaded.places[iri][0]), loaded.places[iri][1]) for iri in _rows(loaded)]
        dump = graphs.dump(loaded.store, "mappings").decode()
        memory.remember("mappings", state, json.dumps([rows, dump]).encode())
    return violations


def _rows(loaded: Loaded) -> list[str]:
    return [iri for iri in loaded.places if iri.startswith(iris.MAPPING)]


def _state(loaded: Loaded) -> list[bytes]:
    """Return the contents of all files on which the mapping sets depend."""
    folder = loaded.sources.mappings
    files = (path for path in loaded.sources.files if path.is_relative_to(folder))
    version = graphs.header(loaded.store, iris.VERSION_INFO)
    parts = [str(folder).encode(), version.encode(), repr(loaded.names.prefixes).encode()]
    for path in files:
        parts += [str(path).encode(), path.read_bytes()]
    return parts


def _read(loaded: Loaded) -> list[Violation]:
    """Read the mapping sets, and return their violations."""
    folder = loaded.sources.mappings
    accessions = read_accessions(folder)
    version = graphs.header(loaded.store, iris.VERSION_INFO)
    violations: list[Violation] = []
    curators = Curators(folder)
    try:
        curators = read_curators(folder)
    except SourceError as fault:
        violations += fault.extras["violations"]
    sets: list[MappingSet] = []
    for path in loaded.sources.mapping_files:
        try:
            mapping_set, faults = sssom.read(path, loaded.names.prefixes, accessions)
        except SourceError as fault:
            violations += fault.extras["violations"]
            loaded.unread.add(path.read_bytes().decode("utf-8", "replace"), loaded.names)
            continue
        sets.append(mapping_set)
        faults += sssom.check_version(mapping_set, version)
        unusable = {f.line for f in faults if f.rule in ("mapping-curie", "mapping-twice")}
        mapping_set.rows = [row for row in mapping_set.rows if row.line not in unusable]
        loaded.places[mapping_set.iri] = path, mapping_set.lines.get("mapping_set_id", 1)
        for row in mapping_set.rows:
            loaded.places[mapping_set.iri_of(row)] = path, row.line
        graphs.add(loaded.store, "mappings", triples(mapping_set))
        violations += faults
    return [*violations, *check_authors(curators, sets), *check_targets(loaded, sets)]


def triples(mapping_set: MappingSet) -> Iterator[ox.Triple]:
    """Yield a mapping set as RDF."""
    iri = mapping_set.iri
    yield triple(iri, iris.TYPE, iris.MAPPING_SET)
    for title in mapping_set.slots.get("mapping_set_title", ()):
        yield triple(iri, iris.LABEL, ox.Literal(title, language="en"))
    for slot, values in mapping_set.slots.items():
        for value in values if slot != "mapping_set_id" else ():
            address = value if re.match(r"https?://", value) else mapping_set.expand(value)
            term = address if is_iri(address) else ox.Literal(value)
            yield triple(iri, sssom_slots.HEADER.get(slot, iris.SSSOM + slot), term)
    for row in mapping_set.rows:
        mapping = mapping_set.iri_of(row)
        yield triple(iri, iris.MAPPINGS, mapping)
        yield from _row_triples(mapping_set, mapping, row)


def _row_triples(mapping_set: MappingSet, mapping: str, row: Row) -> Iterator[ox.Triple]:
    yield triple(mapping, iris.TYPE, iris.SSSOM_MAPPING)
    yield triple(mapping, iris.TYPE, iris.AXIOM)
    for column, value in row.values.items():
        datatype = ox.NamedNode(sssom_slots.DATATYPES.get(column, iris.XSD_STRING))
        is_curie = column in CURIES
        term = mapping_set.expand(value) if is_curie else ox.Literal(value, datatype=datatype)
        yield triple(mapping, sssom_slots.COLUMNS.get(column, iris.SSSOM + column), term)
    columns = ("subject_id", "predicate_id", "object_id")
    subject, match, target = (mapping_set.expand(row[column]) for column in columns)
    if row.has_target and not row["predicate_modifier"] and subject and match and target:
        yield triple(subject, match, target)
