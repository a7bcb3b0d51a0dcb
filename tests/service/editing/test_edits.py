"""Changes to source files, of which all or none are written."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from service.editing.edits import Edits
from service.pipeline import check
from service.pipeline.blocks import Block
from service.problems import SourceError
from service.rdf.terms import triple
from service.sources import Sources

LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
TERM = "https://w3id.org/cdmo/id/CDMO_0000001"


def relabelled(block: Block, label: str) -> list[ox.Triple]:
    text = ox.Literal(label, language="en")
    return [
        ox.Triple(t.subject, t.predicate, text) if t.predicate.value == LABEL else t
        for t in block.triples
    ]


@pytest.fixture
def edits(tiny: Sources) -> Edits:
    return Edits.of(tiny)


def place(edits: Edits, iri: str = TERM) -> Path:
    path = edits.loaded.place(iri)[0]
    assert path is not None
    return path


def rename(edits: Edits, label: str) -> None:
    subject = ox.NamedNode(TERM)
    block = next(b for b in edits.blocks(place(edits)).blocks if b.subject == subject)
    edits.replace(place(edits), subject, relabelled(block, label))


def test_no_file_changes_before_write(edits: Edits) -> None:
    before = place(edits).read_text()
    rename(edits, "renamed condition")
    assert "renamed condition" in edits.text(place(edits))
    assert place(edits).read_text() == before


def test_derived_comments_in_other_files_follow_a_label(edits: Edits) -> None:
    rename(edits, "renamed condition")
    written = edits.write()
    assert place(edits) in written
    assert any(path.parent.name == "claims" for path in written)
    rules = {violation.rule for violation in check(edits.loaded.sources)}
    assert "comment-stale" not in rules


def test_the_diff_names_files_from_the_root_of_the_project(edits: Edits) -> None:
    rename(edits, "renamed condition")
    diff = edits.diff()
    assert f"+++ b/ontology/modules/{place(edits).name}" in diff
    assert '+    rdfs:label "renamed condition"@en ;' in diff


def test_comments_of_people_stay(edits: Edits) -> None:
    path = place(edits)
    head = "CDMO:0000001 a owl:Class"
    path.write_text(path.read_text().replace(head, f"# Ours.\n{head}"))
    rename(edits, "renamed condition")
    edits.write()
    assert f"# Ours.\n{head}" in path.read_text()


def test_a_new_block_stands_after_its_neighbour(edits: Edits) -> None:
    new = triple("https://w3id.org/cdmo/id/CDMO_0000002", LABEL, ox.Literal("x", language="en"))
    edits.add(place(edits), Block(new.subject, (new,)), after=ox.NamedNode(TERM))
    subjects = [block.subject for block in edits.blocks(place(edits)).blocks]
    assert subjects.index(new.subject) == subjects.index(ox.NamedNode(TERM)) + 1


def test_a_new_file_may_be_written(edits: Edits) -> None:
    path = edits.loaded.sources.ontology / "modules" / "new.ttl"
    new = triple("https://w3id.org/cdmo/id/CDMO_0000002", LABEL, ox.Literal("x", language="en"))
    edits.add(path, Block(new.subject, (new,)))
    assert edits.write() == [path]
    assert path.read_text().endswith('CDMO:0000002\n    rdfs:label "x"@en .\n')


def test_sources_that_cannot_be_read_are_not_edited(tiny: Sources) -> None:
    (tiny.ontology / "modules" / "broken.ttl").write_text("CDMO:0000001 a")
    with pytest.raises(SourceError):
        Edits.of(tiny)
