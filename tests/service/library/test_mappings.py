"""Mappings to other vocabularies, in the release and in a description."""

from collections.abc import Callable

from service.iris import BASE
from service.library import Description, Library, mapping_rows, matches_of, unmatched

Describe = Callable[[str], Description]

PAIN = "id/CDMO_0000005"
X_RAY = "id/CDMO_0000006"


def test_a_match_has_plain_words_and_a_justification(described: Describe) -> None:
    [match] = matches_of(described(PAIN))
    assert (match.target.label, match.target.curie) == ("Pain", "HP:0012531")
    assert (match.words, match.predicate.curie, match.negative) == (
        "the same",
        "skos:exactMatch",
        False,
    )
    assert match.justification is not None
    assert match.justification.curie == "semapv:ManualMappingCuration"
    assert match.justification.label == "judged by hand"


def test_the_release_lists_the_same_matches(small: Library, described: Describe) -> None:
    assert small.matches == {BASE + PAIN: matches_of(described(PAIN))}


def test_a_term_is_described_with_its_own_mappings_and_not_the_whole_set(
    described: Describe,
) -> None:
    assert not any("NoTermFound" in str(t) for t in described(PAIN).triples)
    assert any("NoTermFound" in str(t) for t in described("mapping/hp").triples)


def test_a_set_that_found_no_term_is_listed_and_is_no_match(described: Describe) -> None:
    d = described(X_RAY)
    assert matches_of(d) == []
    assert [ref.curie for ref in unmatched(d)] == ["mapping:hp"]
    assert unmatched(described(PAIN)) == []


def test_a_mapping_set_lists_our_terms_with_and_without_a_match(described: Describe) -> None:
    (pain, match), (x_ray, nothing) = mapping_rows(described("mapping/hp"))
    assert (pain.label, match and match.target.label) == ("pain", "Pain")
    assert (x_ray.label, nothing) == ("x-ray", None)
