"""Formats: the one that a client gets for its ``Accept`` field (RFC 9110 §12.5.1)."""

from pathlib import Path

import pytest

from service.formats import FORMATS, GRAPHS, SOLUTIONS, by_name, negotiate

CASES = [
    line.split("\t")
    for line in (Path(__file__).parents[1] / "data" / "accept-results.txt")
    .read_text(encoding="utf-8")
    .splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("kind", "expected", "accept"), CASES)
def test_an_accept_field_chooses_one_format(kind: str, expected: str, accept: str) -> None:
    chosen = negotiate(accept, SOLUTIONS if kind == "rows" else GRAPHS)
    assert (chosen.name if chosen else "none") == expected


def test_an_absent_field_accepts_any_format() -> None:
    assert negotiate(None, SOLUTIONS) is SOLUTIONS[0]
    assert negotiate("", GRAPHS) is GRAPHS[0]


def test_without_offers_no_format_is_chosen() -> None:
    assert negotiate("*/*", ()) is None


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
def test_a_format_is_named_by_name_extension_or_media_type(format_) -> None:  # type: ignore[no-untyped-def]
    for name in (format_.name, format_.extension, format_.media_type):
        assert by_name(name, [format_]) is format_


def test_an_unknown_name_names_no_format() -> None:
    assert by_name("docx", FORMATS) is None
