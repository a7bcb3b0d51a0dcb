"""Negotiation: what a client gets for what it says it accepts (RFC 9110 §12.5.1)."""

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
def test_an_accept_header_has_one_answer(kind: str, expected: str, accept: str) -> None:
    found = negotiate(accept, SOLUTIONS if kind == "rows" else GRAPHS)
    assert (found.name if found else "none") == expected


def test_an_absent_header_accepts_anything() -> None:
    assert negotiate(None, SOLUTIONS) is SOLUTIONS[0]
    assert negotiate("", GRAPHS) is GRAPHS[0]


def test_nothing_on_offer_is_nothing() -> None:
    assert negotiate("*/*", ()) is None


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
def test_every_format_can_be_named(format_) -> None:  # type: ignore[no-untyped-def]
    for name in (format_.name, format_.extension, format_.media_type):
        assert by_name(name, [format_]) is format_


def test_an_unknown_name_is_none() -> None:
    assert by_name("docx", FORMATS) is None
