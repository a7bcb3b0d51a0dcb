"""Replace a name in prose."""

import pytest

from service.editing.prose import Wording


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a biopsy that cuts", "an excision that cuts"),
        ("Biopsies; one biopsy, two biopsies", "Excisions; one excision, two excisions"),
        ("A biopsy", "An excision"),
        ("a muscle biopsy and muscle biopsies", "a muscle biopsy and muscle biopsies"),
        ("a biopsy needle, one biopsy needle", "a biopsy needle, one biopsy needle"),
        ("biopsy-like, autobiopsy, ?biopsy", "biopsy-like, autobiopsy, ?biopsy"),
    ],
)
def test_a_name_is_replaced_only_as_a_whole_word(text: str, expected: str) -> None:
    wording = Wording("biopsy", "excision", frozenset({"muscle biopsy", "biopsy needle", "biopsy"}))
    assert wording.replaced(text) == expected
    assert wording.is_in(text) == (text != expected)
