"""Reading Turtle: every mistake is reported with its file, its line and a way to mend it."""

from pathlib import Path

from service.pipeline.turtle_reader import read
from service.pipeline.violations import Violation

KNOWN = {
    "CDMO": "https://w3id.org/cdmo/id/CDMO_",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "CHEBI": "http://purl.obolibrary.org/obo/CHEBI_",
}
HEAD = "@prefix CDMO: <https://w3id.org/cdmo/id/CDMO_> .\n"


def violations(tmp_path: Path, text: str | bytes) -> list[Violation]:
    path = tmp_path / "terms.ttl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path, KNOWN)[1]


def test_a_syntax_error_has_its_line(tmp_path: Path) -> None:
    (violation,) = violations(tmp_path, HEAD + "CDMO:1 CDMO:2 3\nCDMO:2 CDMO:2 3 .\n")
    assert (violation.rule, violation.line) == ("turtle-syntax", 3)
    assert "dot" in violation.hint or "' .'" in violation.hint


def test_an_unclosed_file_is_reported(tmp_path: Path) -> None:
    (violation,) = violations(tmp_path, HEAD + "CDMO:1 CDMO:2 3 ;\n")
    assert violation.rule == "turtle-syntax"
    assert "not closed" in violation.hint


def test_every_unknown_prefix_is_reported_with_the_nearest_known(tmp_path: Path) -> None:
    text = HEAD + "CDMO:1 chebi:2 3 .\nCDMO:2 rdf:type wibble:3 .\n"
    reported = violations(tmp_path, text)
    assert [(v.rule, v.entity, v.line) for v in reported] == [
        ("unknown-prefix", "chebi:", 2),
        ("unknown-prefix", "rdf:", 3),
        ("unknown-prefix", "wibble:", 3),
    ]
    assert reported[0].hint == "Did you mean CHEBI?"


def test_an_undeclared_known_prefix_is_reported_with_its_declaration(tmp_path: Path) -> None:
    (violation,) = violations(tmp_path, 'CDMO:1 <http://example.org/p> "x" .\n')
    assert "Add @prefix CDMO: <https://w3id.org/cdmo/id/CDMO_>" in violation.hint


def test_a_declared_prefix_must_be_in_the_list(tmp_path: Path) -> None:
    (violation,) = violations(tmp_path, "@prefix rdsf: <http://example.org/> .\n")
    assert (violation.rule, violation.line, violation.hint) == (
        "unknown-prefix",
        1,
        "Did you mean rdfs?",
    )


def test_a_prefix_stands_for_one_namespace(tmp_path: Path) -> None:
    (violation,) = violations(tmp_path, "\n@prefix rdfs: <http://example.org/> .\n")
    assert (violation.rule, violation.line) == ("prefix-differs", 2)


def test_a_file_is_utf_8(tmp_path: Path) -> None:
    (violation,) = violations(tmp_path, b"# a\n# caf\xe9\n")
    assert (violation.rule, violation.line) == ("file-unreadable", 2)


def test_a_block_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "terms.ttl"
    path.write_text(HEAD + '\nCDMO:1 CDMO:2 """\nCDMO:9 no\n""" .\n<http://e.org/x> CDMO:2 1 .\n')
    document, faults = read(path, KNOWN)
    assert not faults
    assert document.lines["https://w3id.org/cdmo/id/CDMO_1"] == 3
    assert document.lines["http://e.org/x"] == 6


def test_a_violation_has_the_form_of_a_compiler_message(tmp_path: Path) -> None:
    violation = Violation("rule", "error", tmp_path / "a.ttl", 7, "CDMO:1", "is wrong", "Mend it.")
    assert (
        str(violation) == f"{tmp_path}/a.ttl:7:1: error[rule]: CDMO:1: is wrong\n  = help: Mend it."
    )


def test_an_invisible_character_is_shown_by_its_code_point(tmp_path: Path) -> None:
    names = "green\N{NO-BREAK SPACE}spot", "gre\N{CYRILLIC SMALL LETTER IE}n spot"
    violation = Violation("rule", "error", tmp_path / "a.ttl", 7, "", " / ".join(names))
    assert "green‹U+00A0›spot / gre\N{CYRILLIC SMALL LETTER IE}‹U+0435›n spot" in str(violation)
