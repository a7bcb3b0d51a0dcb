"""Search: exact names first, then other names, beginnings, misspellings, definitions."""

import random

import pytest

from service.library import Entry, Index, Library, Name, fold, search_entries


def entry(label: str, *synonyms: str, definition: str = "", codes: tuple[str, ...] = ()) -> Entry:
    iri = f"https://example.org/{label}"
    names = [Name(s, "synonym") for s in synonyms] + [Name(c, "code") for c in codes]
    return Entry(iri, label, "term", f"/{label}", tuple(names), definition)


INDEX = Index(
    [
        entry("pain", codes=("HP:0012531",)),
        entry("joint pain", "arthralgia"),
        entry("pain management", definition="an intervention that eases what hurts"),
        entry("lump", "nodule"),
        entry("nodular plaque"),
        entry("bisphosphonate", "bone drug"),
        entry("electromyography", "EMG"),
        entry("X-ray", "radiograph"),
    ]
)


@pytest.mark.parametrize(
    ("typed", "first", "why"),
    [
        ("pain", "pain", "name"),
        ("PAIN ", "pain", "name"),
        ("nodule", "lump", "synonym"),
        ("nodules", "lump", "synonym"),
        ("emg", "electromyography", "synonym"),
        ("x ray", "X-ray", "name"),
        ("xray", "X-ray", "name"),
        ("HP:0012531", "pain", "code"),
        ("0012531", "pain", "code"),
        ("bisph", "bisphosphonate", "name"),
        ("bisphosponate", "bisphosphonate", "spelling"),
        ("electromiography", "electromyography", "spelling"),
        ("management pain", "pain management", "name"),
        ("hurts", "pain management", "text"),
    ],
)
def test_the_best_hit_of_a_typed_text(typed: str, first: str, why: str) -> None:
    hits = INDEX.search(typed).hits
    assert (hits[0].entry.label, hits[0].why) == (first, why)


def test_a_hit_by_a_synonym_names_it() -> None:
    assert INDEX.search("arthralgia").hits[0].matched == "arthralgia"


@pytest.mark.parametrize("typed", ["", "   ", "?!", "qqqqqq", "\x00"])
def test_a_text_without_words_has_no_hits(typed: str) -> None:
    assert INDEX.search(typed).hits == ()


def test_no_more_hits_than_the_limit_are_returned() -> None:
    assert len(INDEX.search("pa", limit=2).hits) == 2


def test_without_a_full_match_hits_have_some_of_the_words() -> None:
    results = INDEX.search("joint zzz bone")
    assert results.partial
    assert results.unknown == ("zzz",)
    assert {hit.entry.label for hit in results.hits} == {"joint pain", "bisphosphonate"}


def test_unknown_words_are_listed() -> None:
    results = INDEX.search("zzzz wwww")
    assert (results.hits, results.partial, results.unknown) == ((), False, ("zzzz", "wwww"))


def test_a_hit_by_a_name_of_another_vocabulary_names_it() -> None:
    joint = Entry("i", "joint pain", "term", "/", (Name("Arthralgia", "mapped", ("HP", "MESH")),))
    (hit,) = Index([joint]).search("arthralgia").hits
    assert (hit.why, hit.matched, hit.where) == ("mapped", "Arthralgia", ("HP", "MESH"))


def test_a_term_comes_before_a_sentence_that_begins_with_the_word() -> None:
    tension = Entry("t", "Lupus set apart", "tension", "/t", group="tension", sentence=True)
    disease = Entry("d", "systemic lupus erythematosus", "condition", "/d")
    assert [h.entry.iri for h in Index([tension, disease]).search("lupus").hits] == ["d", "t"]


def test_folding_drops_case_accents_and_marks() -> None:
    assert fold("Röntgen’s  X-Ray") == "rontgen s x ray"


def test_every_term_is_found_by_its_label_and_its_curie(small: Library) -> None:
    index = Index(search_entries(small))
    for term in small.terms.values():
        assert index.search(term.ref.label).hits[0].entry.iri == term.ref.iri, term.ref.label
        assert index.search(term.ref.curie or "").hits[0].entry.iri == term.ref.iri
    assert index.search("HP:0012531").hits[0].entry.label == "pain"
    assert index.search("calcified skin").hits[0].entry.label == "calcinosis"
    assert index.search("Which drugs are used off-label?").hits[0].entry.kind == "question"


def with_typing_error(word: str, seed: int) -> str:
    """Return the word with one letter lost, doubled, changed or swapped."""
    chance = random.Random(seed)
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + "e" + word[at + 1 :],
            word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        ]
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_text_with_one_typing_error_finds_its_entry(seed: int) -> None:
    assert (
        INDEX.search(with_typing_error("electromyography", seed)).hits[0].entry.label
        == "electromyography"
    )
