"""Names as people write them, over the real release: typos, plurals, names in other vocabularies.

``data/messy-names.tsv`` was written by a second reader before the ranking was tuned;
``data/further-names.tsv`` came later, in two parts: the ranking was changed after the first part
and not after the second.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from service.library import Index, Library, Results, search_entries

DATA = Path(__file__).parent / "data"

LEAST = 400
"""Entries with lower scores have only some of the words, or have them in other text."""

BRANDS = {"Imuran", "CellCept", "Fosamax"}
"""Names found only by words of ours without a source, so they count as not found."""


class Messy(NamedTuple):
    """A line of the lists; it has no IRI if the article has no such thing."""

    typed: str
    meant: str
    why: str
    iri: str


def read(name: str) -> list[Messy]:
    lines = (DATA / name).read_text("utf-8").splitlines()
    return [Messy(*line.split("\t")) for line in lines if not line.startswith("#")]


MESSY, FURTHER = read("messy-names.tsv"), read("further-names.tsv")


@pytest.fixture(scope="module")
def index(real_library: Library) -> Index:
    return Index(search_entries(real_library))


def first(results: Results) -> str:
    """Return the IRI of the best hit if its score is high enough, else ""."""
    return next((hit.entry.iri for hit in results.hits if hit.score >= LEAST), "")


def share_found(index: Index, names: list[Messy]) -> float:
    hits = [n.typed not in BRANDS and first(search(index, n)) == n.iri for n in names if n.iri]
    return sum(hits) / len(hits)


def search(index: Index, name: Messy) -> Results:
    return index.search(name.typed, 10, "term")


def test_each_list_has_names_in_the_article_and_others(
    real_library: Library,
) -> None:
    assert [len([n for n in names if n.iri]) for names in (MESSY, FURTHER)] == [45, 61]
    assert [len([n for n in names if not n.iri]) for names in (MESSY, FURTHER)] == [15, 20]
    assert {n.iri for n in (*MESSY, *FURTHER) if n.iri} <= set(real_library.terms)


def test_85_of_100_names_of_the_second_reader_find_their_term_first(index: Index) -> None:
    assert share_found(index, MESSY) >= 0.85


def test_three_of_four_further_names_find_their_term_first(index: Index) -> None:
    assert share_found(index, FURTHER) >= 0.75


@pytest.mark.parametrize("name", [n for n in (*MESSY, *FURTHER) if not n.iri], ids=lambda n: n[0])
def test_a_name_outside_the_article_has_no_good_hit(index: Index, name: Messy) -> None:
    assert first(search(index, name)) == ""


@pytest.mark.parametrize("name", [*MESSY, *FURTHER], ids=lambda n: n.typed)
def test_an_accepted_match_is_the_intended_term(index: Index, name: Messy) -> None:
    accepted = search(index, name).accepted
    assert accepted is None or accepted.entry.iri == name.iri


def test_every_term_is_accepted_by_its_label_and_its_identifiers(
    real_library: Library, index: Index
) -> None:
    assert list(unaccepted(real_library, index)) == []


def unaccepted(library: Library, index: Index) -> Iterator[str]:
    for iri, term in library.terms.items():
        curie = term.ref.curie or ""
        for typed in (term.ref.label, term.ref.label.upper(), curie, curie.replace(":", "_"), iri):
            accepted = index.search(typed, 1, "term").accepted
            if not accepted or accepted.entry.iri != iri:
                yield typed
