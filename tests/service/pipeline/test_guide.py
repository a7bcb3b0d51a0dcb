"""The tables of the editors' guide agree with the sources."""

from collections.abc import Callable
from pathlib import Path

import pytest

from service.pipeline.guide import check_guide, format_guide
from service.pipeline.loading import Loaded, load
from service.sources import Sources, locate

Edit = Callable[[str, str, str], Path]
GUIDE = locate().ontology / "README.md"


@pytest.fixture
def guided(tiny: Sources) -> Sources:
    """The tiny sources with the real relations and the real guide."""
    (tiny.ontology / "README.md").write_bytes(GUIDE.read_bytes())
    return tiny


def loaded(sources: Sources) -> Loaded:
    return load(sources)[0]


def test_the_guide_agrees_with_the_sources() -> None:
    assert list(check_guide(loaded(locate()))) == []


def test_a_relation_that_changed_makes_its_row_stale(guided: Sources, edit: Edit) -> None:
    edit(
        "ontology/modules/relations.ttl",
        "holds when the first is used, or helps,",
        "holds when the first works",
    )
    (violation,) = check_guide(loaded(guided))
    assert (violation.rule, violation.file) == ("guide-stale", guided.ontology / "README.md")
    row = GUIDE.read_text("utf-8").splitlines()[(violation.line or 0) - 1]
    assert row.startswith("| `diagnoses` |")
    assert violation.message.startswith("the table of relations is not what the sources say")
    assert "| the first works to find out" in violation.message


def test_a_value_that_was_added_gets_a_row(guided: Sources) -> None:
    schema = guided.ontology / "modules" / "schema.ttl"
    block = """
cdmo:rare a owl:NamedIndividual , cdmo:Frequency ;
    rdfs:label "rare"@en ;
    IAO:0000115 "a frequency in which a passage says that something is seldom so"@en ;
    cdmo:weight -1 .
"""
    schema.write_text(schema.read_text("utf-8") + block, "utf-8")
    assert format_guide(loaded(guided), check=True) == format_guide(loaded(guided))
    row = "| `frequency` | `rare` | -1 | a passage says that something is seldom so |"
    assert row in (guided.ontology / "README.md").read_text("utf-8").splitlines()
    assert list(check_guide(loaded(guided))) == []
    assert format_guide(loaded(guided)) == []


def test_without_a_guide_there_is_nothing_to_write(tiny: Sources) -> None:
    assert list(check_guide(loaded(tiny))) == []
    assert format_guide(loaded(tiny)) == []
