"""The quotation of a passage, with the words of hedges marked."""

import pytest

from service.library import quote

TEXT = "In some cases it can help. Often, canned fruit may\nhelp; it can."


@pytest.mark.parametrize(
    ("hedges", "marked"),
    [
        ([], []),
        ([""], []),
        (["can help"], ["can help"]),
        (["can", "can help"], ["can help", "can"]),
        (["often"], ["Often"]),
        (["may help"], ["may\nhelp"]),
        (["In some cases", "may"], ["In some cases", "may"]),
        (["help."], ["help."]),
        (["nowhere"], []),
    ],
)
def test_whole_words_are_marked_wherever_they_occur(hedges: list[str], marked: list[str]) -> None:
    pieces = quote(TEXT, hedges)
    assert "".join(words for words, _ in pieces) == TEXT
    assert [words for words, rests in pieces if rests] == marked
