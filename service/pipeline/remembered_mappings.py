"""Mapping sets as they are remembered: those in which nothing is wrong."""

import json
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs, mappings
from service.pipeline.loading import Loaded
from service.pipeline.memory import Memory
from service.pipeline.violations import Violation


def load(loaded: Loaded, memory: Memory) -> list[Violation]:
    """Add the mapping sets as :func:`service.pipeline.mappings.load` does."""
    if memory.is_nothing:
        return mappings.load(loaded)
    state = _state(loaded)
    places, triples = (memory.recall(f"mappings, {what}", state) for what in ("places", "triples"))
    if places is not None and triples is not None:
        graphs.load(loaded.store, "mappings", triples)
        for iri, file, line in json.loads(places):
            loaded.places[iri] = Path(file), line
        return []
    before = set(loaded.places)
    written: list[ox.Triple] = []
    violations = mappings.load(loaded, written.extend)
    if not violations and not loaded.unread and not before & set(_rows(loaded)):
        rows = [(iri, str(loaded.places[iri][0]), loaded.places[iri][1]) for iri in _rows(loaded)]
        data = ox.serialize(written, format=ox.RdfFormat.N_TRIPLES) or b""
        memory.remember("mappings, triples", state, data)
        memory.remember("mappings, places", state, json.dumps(rows).encode())
    return violations


def _rows(loaded: Loaded) -> list[str]:
    return [iri for iri in loaded.places if iri.startswith(iris.MAPPING)]


def _state(loaded: Loaded) -> list[bytes]:
    """Return all that the mapping sets follow from."""
    folder = loaded.sources.mappings
    files = (path for path in loaded.sources.files if path.is_relative_to(folder))
    version = graphs.header(loaded.store, iris.VERSION_INFO)
    parts = [str(folder).encode(), version.encode(), repr(loaded.names.prefixes).encode()]
    for path in files:
        parts += [str(path).encode(), path.read_bytes()]
    return parts
