"""Claims in words: every sentence and heading of the real release."""

import re

import pytest

from service.library import Claim, Library, statement_groups


@pytest.fixture(scope="module")
def claims(real_library: Library) -> list[Claim]:
    return list(real_library.claims.values())


def test_a_sentence_is_the_label_without_the_commonest_context(
    claims: list[Claim], real_library: Library
) -> None:
    usual = real_library.usual_context
    assert usual is not None
    without = 0
    for claim in claims:
        if any(q.is_usual for q in claim.qualifiers):
            phrases = claim.ref.label.removesuffix(")").rpartition(" (")[2].split("; ")
            assert phrases.count(f"in {usual.label}") == 1, claim.ref.label
            assert f"in {usual.label}" not in claim.sentence.rpartition(" (")[2].split("; ")
            assert claim.ref.label.startswith(claim.sentence.removesuffix(")").partition(" (")[0])
            without += 1
        else:
            assert claim.sentence == claim.ref.label
    assert without > 150


def test_no_sentence_shows_a_code_a_name_of_a_property_or_a_word_twice(
    claims: list[Claim],
) -> None:
    for claim in claims:
        for words in (claim.ref.label, claim.sentence):
            assert ":" not in words, words
            assert "_" not in words, words
            assert not re.search(r"\b(\w+) \1\b", words), words
            assert words == " ".join(words.split())
            assert not re.search(r"\b(true|false)\b", words), words
            phrases = words.removesuffix(")").rpartition(" (")[2].split("; ")
            assert len(phrases) == len(set(phrases)), words


def test_a_denying_sentence_has_one_negation(claims: list[Claim]) -> None:
    denials = [claim for claim in claims if claim.negative]
    assert {claim.sentence for claim in denials} >= {
        "surgical intervention does not lead to cure",
        "dietary modification avoids processed food",
    }
    for claim in denials:
        for forwards in (True, False):
            words = claim.relation.reading(forwards=forwards, negative=True)
            assert len(re.findall(r"\b(not|avoids|avoided|without|never)\b", words)) == 1, words
            assert words != claim.relation.reading(forwards=forwards)
    for claim in claims:
        if not claim.negative:
            assert not re.search(r"\b(not|avoids|never)\b", claim.relation_words), claim.sentence


def test_sentences_of_aims_and_hopes_say_meant_or_hoped(claims: list[Claim]) -> None:
    assert {
        "regenerative medicine is hoped to treat calcinosis dermatomyositis",
        "surgical intervention is meant to improve mobility",
        "psychological support is meant to manage emotional impact",
    } <= {claim.sentence for claim in claims}
    for claim in claims:
        prospective = claim.standing.name == "prospective"
        assert prospective == bool(re.search(r" is (meant|hoped) to \w+ ", claim.ref.label))


def test_a_qualifier_whose_value_is_a_term_has_words_for_a_sentence(
    claims: list[Claim], real_library: Library
) -> None:
    for claim in claims:
        for q in claim.qualifiers:
            if q.value.iri:
                assert real_library.in_sentence(q.qualifier) == q.words
                assert f"{q.words} " in claim.ref.label, claim.ref.label


def test_a_group_of_statements_affirms_or_denies_and_never_both(real_library: Library) -> None:
    for iri in real_library.terms:
        groups = statement_groups(real_library, iri, with_kinds=True)
        names = [group.name for group in groups]
        assert len(names) == len(set(names)), iri
        for group in groups:
            statements = (*group.statements, *group.of_kinds)
            assert {s.claim.negative for s in statements} == {group.name.startswith("not-")}


def test_the_heading_of_a_group_begins_with_a_verb(real_library: Library) -> None:
    """It follows the term's label: *calcium deposit causes*, *pain is managed by*."""
    for iri in real_library.terms:
        for group in statement_groups(real_library, iri):
            first = group.words.split()[0]
            assert first in {"is", "has", "does", "comes"} or first.endswith("s"), group.words
