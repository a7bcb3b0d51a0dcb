"""Names as people write them, over the real release: typos, plurals, other vocabularies' names.

``data/messy-names.tsv`` was written by a second reader before any ranking was tuned;
``data/further-names.tsv`` afterwards, in two parts: the ranking was mended after the first, and
left alone after the second.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from service.library import Index, Library, Results, search_entries

DATA = Path(__file__).parent / "data"

LEAST = 400
"""Scores below it are of entries that have some of the words, or have them in other text."""

BRANDS = {"Imuran", "CellCept", "Fosamax"}
"""Found by words of ours that no source stands behind, so they count as not found."""


class Messy(NamedTuple):
    """A line of the lists; without an IRI the article has no such thing."""

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
    """Return the IRI of the best hit that is worth looking at, or ""."""
    return next((hit.entry.iri for hit in results.hits if hit.score >= LEAST), "")


def share_found(index: Index, names: list[Messy]) -> float:
    hits = [n.typed not in BRANDS and first(search(index, n)) == n.iri for n in names if n.iri]
    return sum(hits) / len(hits)


def search(index: Index, name: Messy) -> Results:
    return index.search(name.typed, 10, "term")


def test_each_list_has_names_of_terms_and_names_of_what_the_article_does_not_name(
    real_library: Library,
) -> None:
    assert [len([n for n in names if n.iri]) for names in (MESSY, FURTHER)] == [45, 61]
    assert [len([n for n in names if not n.iri]) for names in (MESSY, FURTHER)] == [15, 20]
    assert {n.iri for n in (*MESSY, *FURTHER) if n.iri} <= set(real_library.terms)


def test_of_the_second_readers_names_85_in_100_find_first_what_is_meant(index: Index) -> None:
    assert share_found(index, MESSY) >= 0.85


def test_of_the_further_names_three_quarters_do(index: Index) -> None:
    assert share_found(index, FURTHER) >= 0.75


@pytest.mark.parametrize("name", [n for n in (*MESSY, *FURTHER) if not n.iri], ids=lambda n: n[0])
def test_a_name_that_the_article_does_not_have_finds_nothing_worth_looking_at(
    index: Index, name: Messy
) -> None:
    assert first(search(index, name)) == ""


@pytest.mark.parametrize("name", [*MESSY, *FURTHER], ids=lambda n: n.typed)
def test_what_is_accepted_unseen_is_what_was_meant(index: Index, name: Messy) -> None:
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
