"""Mappings to other vocabularies, in the release and in a description."""

from collections.abc import Callable

import pyoxigraph as ox

from service import iris
from service.iris import BASE
from service.library import Description, Library, MappingRow, Match, Ref
from service.names import Names

Describe = Callable[[str], Description]

PAIN = "id/CDMO_0000005"
X_RAY = "id/CDMO_0000006"


def test_a_match_has_plain_words_and_a_justification(small: Library) -> None:
    [match] = small.matches_of(BASE + PAIN)
    assert (match.target.label, match.target.curie) == ("Pain", "HP:0012531")
    assert (match.words, match.predicate.curie, match.negative) == (
        "the same",
        "skos:exactMatch",
        False,
    )
    assert match.justification is not None
    assert match.justification.curie == "semapv:ManualMappingCuration"
    assert match.justification.label == "judged by hand"


def test_a_denied_match_is_listed_last_and_does_not_count() -> None:
    term, target = Ref("pain", BASE + PAIN), Ref("ache", "https://example.org/ache")
    predicate = Ref("exact match", iris.EXACT_MATCH)
    denied = Match(target, predicate, "the same", negative=True)
    related = Match(target, Ref("related match", iris.RELATED_MATCH), "related")
    assert sorted([denied, related], key=lambda match: match.rank) == [related, denied]
    library = Library(ox.Store(), Names({}))
    library.mapping_rows = [MappingRow(term, term, m) for m in (denied, related, None)]
    assert library.matches == {term.iri: [related]}
    assert library.matches_of(term.iri) == [related, denied]


def test_the_release_lists_the_matches_of_its_terms(small: Library) -> None:
    assert small.matches == {BASE + PAIN: small.matches_of(BASE + PAIN)}


def test_a_term_is_described_with_its_own_mappings_and_not_the_whole_set(
    described: Describe,
) -> None:
    assert not any("NoTermFound" in str(t) for t in described(PAIN).triples)
    assert any("NoTermFound" in str(t) for t in described("mapping/hp").triples)


def test_a_term_that_was_not_found_is_listed_and_does_not_count(small: Library) -> None:
    assert small.matches_of(BASE + X_RAY) == []
    assert [ref.curie for ref in small.unmatched(BASE + X_RAY)] == ["mapping:hp"]
    assert small.unmatched(BASE + PAIN) == []


def test_the_rows_of_the_mapping_sets_are_in_the_order_of_their_iris(small: Library) -> None:
    rows = [(row.mapping_set.curie, row.term.label, bool(row.match)) for row in small.mapping_rows]
    assert rows == [("mapping:hp", "pain", True), ("mapping:hp", "x-ray", False)]
