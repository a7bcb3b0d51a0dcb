"""Search and representations of all real terms, straight from the sources."""

import random
from pathlib import Path

import pyoxigraph as ox
import pytest

from service.formats import Format
from service.library import Index, Library, Results, describe, search_entries
from service.names import Names
from service.rdf.writers import WRITERS, represent
from service.release import graph_iri

ROOT = Path(__file__).parents[3]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def library() -> Library:
    store = ox.Store()
    graph = ox.NamedNode(graph_iri("ontology"))
    for path in sorted((ROOT / "ontology" / "modules").glob("*.ttl")):
        store.bulk_load(path=path, to_graph=graph)
    return Library(store, Names.load(ROOT / "ontology" / "prefixes.ttl"))


@pytest.fixture(scope="module")
def index(library: Library) -> Index:
    return Index(search_entries(library))


def first(results: Results) -> str:
    return results.hits[0].entry.iri if results.hits else ""


def test_every_label_finds_its_term_first(library: Library, index: Index) -> None:
    assert len(library.terms) > 200
    lost = [
        t.ref.label
        for t in library.terms.values()
        if not t.obsolete and first(index.search(t.ref.label)) != t.ref.iri
    ]
    assert lost == []


def test_synonyms_nearly_always_find_their_term_first(index: Index) -> None:
    synonyms = [(synonym, e.iri) for e in index.entries for synonym in e.synonyms]
    lost = [synonym for synonym, iri in synonyms if first(index.search(synonym)) != iri]
    assert len(lost) <= 0.03 * len(synonyms), lost


def test_a_label_with_one_typing_error_nearly_always_finds_its_term_first(
    library: Library, index: Index
) -> None:
    chance = random.Random(20261122)
    tried, lost = 0, []
    for term in library.terms.values():
        label = term.ref.label
        if term.obsolete or len(label) < 5:
            continue
        typed = _slip(label, chance)
        tried += 1
        if first(index.search(typed)) != term.ref.iri:
            lost.append((typed, label))
    assert len(lost) <= 0.05 * tried, lost


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    letter = chance.choice(LETTERS)
    return chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        ]
    )


def test_every_format_holds_the_same_graph_for_every_term(library: Library) -> None:
    for iri in library.terms:
        triples = describe(library, iri).triples
        datasets = [_canonical(represent(triples, f, library.names), f) for f in WRITERS]
        assert len(datasets[0]) == len(triples), iri
        assert all(dataset == datasets[0] for dataset in datasets), iri


def _canonical(data: bytes, graph_format: Format) -> ox.Dataset:
    rdf_format = ox.RdfFormat.from_media_type(graph_format.media_type)
    dataset = ox.Dataset(ox.parse(data, rdf_format))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset
