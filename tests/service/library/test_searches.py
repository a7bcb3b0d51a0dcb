"""Searches over the real release: phrases that readers try, and every recorded name.

``data/searches.tsv`` lists phrases with the expected first hit; add a line for a missing one.
"""

import os
from pathlib import Path

import pytest

from service import iris
from service.library import Index, Library, fold, search_entries
from service.library.findable import other_words

PHRASES = [
    line.split("\t")
    for line in (Path(__file__).parent / "data" / "searches.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.fixture(scope="module")
def index(real_library: Library) -> Index:
    return Index(search_entries(real_library))


def labels(index: Index, typed: str, limit: int = 10) -> list[str]:
    return [hit.entry.label for hit in index.search(typed, limit).hits]


def test_there_are_enough_phrases() -> None:
    assert len(PHRASES) >= 40


@pytest.mark.parametrize(("typed", "first"), PHRASES)
def test_a_phrase_finds_the_expected_resource_first(index: Index, typed: str, first: str) -> None:
    assert labels(index, typed)[:1] == [first]


def test_every_statement_question_and_tension_is_found_by_its_label(
    real_library: Library, index: Index
) -> None:
    refs = [claim.ref for claim in real_library.claims.values()]
    refs += [question.ref for question in real_library.questions]
    refs += [tension.ref for tension in real_library.tensions.values()]
    assert len(refs) > 1000
    lost = [ref.label for ref in refs if ref.label not in labels(index, ref.label, 1)]
    assert lost == []


def test_every_exact_or_close_name_of_another_vocabulary_finds_a_term_with_it(
    real_library: Library, index: Index
) -> None:
    names = {
        match.target.label
        for matches in real_library.matches.values()
        for match in matches
        if match.predicate.iri in (iris.EXACT_MATCH, iris.CLOSE_MATCH) and match.target.label
    }
    owners = {
        name: {
            iri for iri, ms in real_library.matches.items() if name in {m.target.label for m in ms}
        }
        for name in names
    }
    assert len(names) > 300
    lost = []
    for name in sorted(names):
        hits = index.search(name, 400).hits
        terms = [hit.entry for hit in hits if hit.entry.group == "term"]
        if fold(name) and not (
            terms and {terms[0].iri, *(t.iri for t in terms[1:3])} & owners[name]
        ):
            lost.append(name)
    assert lost == []


def test_words_outside_the_article_are_not_names_in_the_release(
    real_library: Library,
) -> None:
    """A hit by such a word has a note that the article does not use it."""
    names = {fold(t.ref.label) for t in real_library.terms.values()}
    names |= {fold(row["synonym"]) for row in real_library.select("synonyms")}
    words = {word for iri in real_library.terms for word in other_words(real_library, iri)}
    assert len(words) > 30
    assert {word for word in words if fold(word) in names} == set()


@pytest.mark.source
def test_words_outside_the_article_are_not_in_its_text(real_library: Library) -> None:
    path = os.environ.get("CDMO_SOURCE")
    if not path:
        pytest.skip("needs the source document: set CDMO_SOURCE")
    article = f" {fold(Path(path).read_text(encoding='utf-8'))} "
    words = [word for iri in real_library.terms for word in other_words(real_library, iri)]
    assert [word for word in words if f" {fold(word)} " in article] == []


def test_a_search_for_words_outside_the_article_says_so(index: Index) -> None:
    (first, *_) = index.search("MRI").hits
    assert first.entry.note == "the article does not say"
    assert index.search("sunscreen").unknown == ("sunscreen",)
    assert index.search("sunscreen").hits == ()


def test_statements_with_equal_scores_are_sorted_by_firmness(
    real_library: Library, index: Index
) -> None:
    hits = [h for h in index.search("treatment pain", 400).hits if h.entry.group == "statement"]
    assert len(hits) > 10
    ranks = [(-h.score, -real_library.claims[h.entry.iri].firmness) for h in hits]
    assert ranks == sorted(ranks)


def test_the_note_of_a_statement_has_the_words_of_its_claim(
    real_library: Library, index: Index
) -> None:
    notes = {e.iri: e.note for e in index.entries if e.group == "statement"}
    assert notes == {iri: claim.all_words for iri, claim in real_library.claims.items()}
