"""``cdmo segment``: any plain text becomes a source with sections and passages."""

from pathlib import Path

import pytest

from service.cli import main
from service.editing.edits import Edits
from service.editing.new_source import NewSource, add_source
from service.pipeline import check
from service.problems import EditRefused, UsageError
from service.sources import Sources

TEXT = "\n".join(
    [
        *("Red Elbow", "It itches.", "Care", "1. Rest", "Rest it.", "2. Ice", "Cool it."),
        *("More About It", "1. Rest", "Rest again.", "Care", "Ask somebody."),
    ]
)


def test_headings_make_a_tree_of_sections_with_distinct_names() -> None:
    sections = NewSource("elbow", TEXT).sections()
    assert [(s.name, s.label, s.parent, s.heading) for s in sections] == [
        ("elbow-title", "Introduction", "elbow", 1),
        ("elbow-care", "Care", "elbow", 3),
        ("elbow-care-rest", "Rest", "elbow-care", 4),
        ("elbow-care-ice", "Ice", "elbow-care", 6),
        ("elbow-more-about-it", "More About It", "elbow", 8),
        ("elbow-more-about-it-rest", "Rest", "elbow-more-about-it", 9),
        ("elbow-care-2", "Care", "elbow", 11),
    ]


def test_it_writes_two_files_that_pass_the_checks(
    tiny: Sources,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("service.sources.locate", lambda: tiny)
    document = tmp_path / "elbow.txt"
    document.write_text(TEXT, encoding="utf-8")
    assert main(["segment", str(document), "--source=elbow", "--write"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ontology/claims/elbow-passages.ttl: written",
        "ontology/claims/elbow.ttl: written",
    ]
    source = (tiny.ontology / "claims" / "elbow.ttl").read_text()
    assert 'dcterms:title "Red Elbow"@en' in source
    assert f"cdmo:length {len(TEXT)} ;" in source
    assert 'dcterms:language "en"' in source
    ours = {(v.rule, v.severity) for v in check(tiny) if "elbow" in f"{v.entity} {v.file}"}
    assert {rule for rule, _ in ours} == {"passage-without-claim"}
    assert main(["segment", str(document), "--source=elbow", "--write"]) == 1


def test_a_document_that_exists_or_has_no_name_is_refused(tiny: Sources, tiny_text: str) -> None:
    with pytest.raises(EditRefused, match="very document"):
        add_source(Edits.of(tiny), NewSource("other", tiny_text))
    with pytest.raises(UsageError, match="no name"):
        add_source(Edits.of(tiny), NewSource("Other One", TEXT))
    with pytest.raises(UsageError, match="no text"):
        add_source(Edits.of(tiny), NewSource("other", " \n"))
