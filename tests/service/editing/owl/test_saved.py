"""Files that Protégé saves are reduced to the edit. Tests with the real OWL API: test_robot.py."""

import random
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from service import cli, sources
from service.editing.edits import Edits
from service.editing.owl import folder
from service.editing.owl.saved import SavedEdits, edits_of
from service.pipeline import check
from service.pipeline.violations import errors
from service.problems import SourceError, UsageError
from service.sources import Sources, locate

NOISE = """
@prefix xml: <http://www.w3.org/XML/1998/namespace> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<http://purl.org/dc/terms/created> a owl:AnnotationProperty .
<http://purl.org/dc/terms/rights> a owl:AnnotationProperty .
<http://www.w3.org/2001/XMLSchema#date> a <http://www.w3.org/2000/01/rdf-schema#Datatype> .
"""
"""Statements that OWL API adds."""
TERMS = """
@prefix CDMO: <https://w3id.org/cdmo/id/CDMO_> .
@prefix cdmo: <https://w3id.org/cdmo/schema/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix IAO: <http://purl.obolibrary.org/obo/IAO_> .
"""


@pytest.fixture
def opened(tiny: Sources, tmp_path: Path) -> Path:
    """The tiny sources as a folder for Protégé."""
    folder.export(Edits.of(tiny).loaded, tmp_path / "protege")
    return tmp_path / "protege"


def in_protege(path: Path, old: str = "", new: str = "", more: str = "") -> None:
    """Edit a file and save it as OWL API does: in another order, with additions."""
    text = path.read_text("utf-8")
    assert old in text
    triples = {q.triple for q in ox.parse(text.replace(old, new) + more, ox.RdfFormat.TURTLE)}
    lines = [f"{t.subject} {t.predicate} {t.object} ." for t in triples]
    random.Random(1).shuffle(lines)
    path.write_text("\n".join([NOISE, *lines]), "utf-8")


def lines(result: SavedEdits) -> list[str]:
    diff = result.edits.diff().splitlines()
    return [line for line in diff if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def saved(tiny: Sources, path: Path, *, delete: bool = False) -> SavedEdits:
    return edits_of(Edits.of(tiny), path, delete=delete)


class TestFolder:
    """The folder for Protégé."""

    def test_every_import_is_in_the_catalog_and_there(self, opened: Path) -> None:
        quads = list(ox.parse(path=opened / folder.EDIT_FILE))
        imported = {q.object.value for q in quads if q.predicate.value.endswith("#imports")}
        catalog = ElementTree.parse(opened / folder.CATALOG).getroot()
        files = {entry.get("name"): entry.get("uri") or "" for entry in catalog}
        assert imported == set(files)
        assert all((opened / file).is_file() for file in files.values())

    def test_each_kind_has_its_range(self, opened: Path) -> None:
        ranges = (opened / folder.ID_RANGES).read_text("utf-8")
        assert 'idprefix: "https://w3id.org/cdmo/id/CDMO_"' in ranges
        assert ': intervention"\n    EquivalentTo: xsd:integer[>= 300 , <= 499]' in ranges

    def test_nothing_changes_the_real_sources(self, tmp_path: Path) -> None:
        folder.export(Edits.of(locate()).loaded, tmp_path)
        result = edits_of(Edits.of(locate()), tmp_path)
        assert (result.edits.finish(), result.kept, result.dropped) == ({}, [], [])


class TestEdits:
    """An edit in Protégé becomes the same edit of its module."""

    def test_a_label(self, tiny: Sources, opened: Path) -> None:
        in_protege(opened / "terms.ttl", '"rare disorder"', '"seldom disorder"')
        result = saved(tiny, opened / "terms.ttl")
        changed = [line for line in lines(result) if "rdfs:label" in line]
        assert changed == [
            '-    rdfs:label "rare disorder"@en ;',
            '+    rdfs:label "seldom disorder"@en ;',
        ]
        assert all("#:" in line for line in lines(result) if line not in changed)
        assert result.kept == result.dropped == []

    def test_the_whole_folder_may_be_given(self, tiny: Sources, opened: Path) -> None:
        in_protege(opened / "terms.ttl", '"stain"', '"blot"')
        assert lines(saved(tiny, opened)) == [
            '-    oboInOwl:hasExactSynonym "stain"@en ;',
            '+    oboInOwl:hasExactSynonym "blot"@en ;',
        ]

    def test_texts_of_old_owl_api_are_plain_texts(self, tiny: Sources, opened: Path) -> None:
        text = (opened / "terms.ttl").read_text("utf-8")
        text = text.replace('"stain"@en', '"stain@en"^^rdf:PlainLiteral')
        prefix = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
        (opened / "terms.ttl").write_text(prefix + text, "utf-8")
        assert saved(tiny, opened / "terms.ttl").edits.finish() == {}

    def test_an_axiom_with_its_annotation(self, tiny: Sources, opened: Path) -> None:
        restriction = (
            "[ a owl:Restriction ; owl:onProperty cdmo:affects ; owl:someValuesFrom CDMO:0000400 ]"
        )
        more = f"""{TERMS}
            CDMO:0000002 rdfs:subClassOf {restriction} .
            [] a owl:Axiom ; owl:annotatedSource CDMO:0000002 ; cdmo:editorial "so"@en ;
               owl:annotatedProperty rdfs:subClassOf ; owl:annotatedTarget {restriction} ."""
        in_protege(opened / "terms.ttl", more=more)
        added = "\n".join(lines(saved(tiny, opened / "terms.ttl")))
        assert added.count("owl:someValuesFrom CDMO:0000400") == 2
        assert 'cdmo:editorial "so"@en' in added

    def test_a_new_term_in_the_edit_file_goes_to_the_module_of_its_kind(
        self, tiny: Sources, opened: Path
    ) -> None:
        more = f"""{TERMS}
            CDMO:0000310 a owl:Class ; rdfs:label "rinsing"@en ; rdfs:subClassOf CDMO:0000300 ;
              IAO:0000115 "a washing that is short"@en .
            CDMO:0000311 a owl:Class ; rdfs:label "long rinsing"@en ; rdfs:subClassOf CDMO:0000310 ;
              IAO:0000115 "a rinsing that is long"@en ."""
        in_protege(opened / folder.EDIT_FILE, more=more)
        result = saved(tiny, opened / folder.EDIT_FILE)
        added = "\n".join(lines(result))
        assert "+++ b/ontology/modules/terms.ttl" in result.edits.diff()
        assert added.index("+CDMO:0000310") < added.index("+CDMO:0000311")
        assert added.count("dcterms:contributor cdmo:maintainers") == 2
        result.edits.write()
        rules = {v.rule for v in errors(check(tiny))}
        assert rules <= {"mapping-missing", "term-without-claim"}

    def test_a_release_that_was_opened(self, tiny: Sources, tmp_path: Path) -> None:
        """A release has axioms that no module has; only differences from it are edits."""
        text = "\n".join((tiny.ontology / "modules" / n).read_text("utf-8") for n in ("terms.ttl",))
        derived = f"{TERMS} CDMO:0000001 rdfs:subClassOf CDMO:0000002 ."
        base, path = tmp_path / "release.ttl", tmp_path / "saved.ttl"
        base.write_text(text + derived, "utf-8")
        path.write_text(text.replace('"stain"', '"blot"') + derived, "utf-8")
        result = edits_of(Edits.of(tiny), path, base=base)
        assert [line[5:] for line in lines(result)] == [
            'oboInOwl:hasExactSynonym "stain"@en ;',
            'oboInOwl:hasExactSynonym "blot"@en ;',
        ]


class TestMissing:
    """A term that is missing from the file is deleted only on request."""

    def without_spot(self, opened: Path) -> Path:
        path = opened / "terms.ttl"
        quads = ox.parse(path=path)
        spot = "CDMO_0000101>"
        kept = [q.triple for q in quads if spot not in str(q.subject)]
        path.write_text("\n".join(f"{t.subject} {t.predicate} {t.object} ." for t in kept), "utf-8")
        return path

    def test_it_stays(self, tiny: Sources, opened: Path) -> None:
        result = saved(tiny, self.without_spot(opened))
        assert result.edits.finish() == {}
        assert result.kept == ["CDMO:0000101"]

    def test_it_is_deleted_on_request(self, tiny: Sources, opened: Path) -> None:
        removed = lines(saved(tiny, self.without_spot(opened), delete=True))
        assert "-CDMO:0000101 a owl:Class ;" in removed


class TestFaults:
    """An edit that fits nowhere is reported."""

    def test_a_new_term_without_a_kind(self, tiny: Sources, opened: Path) -> None:
        in_protege(opened / "terms.ttl", more=f"{TERMS} CDMO:0000310 a owl:Class .")
        with pytest.raises(SourceError) as caught:
            saved(tiny, opened / "terms.ttl")
        (violation,) = caught.value.extras["violations"]
        assert violation.entity == "CDMO:0000310"
        assert "do not tell its module" in violation.message

    def test_a_resource_that_is_not_ours(self, tiny: Sources, opened: Path) -> None:
        more = '<http://e/x> <http://www.w3.org/2000/01/rdf-schema#label> "x" .'
        in_protege(opened / "terms.ttl", more=more)
        result = saved(tiny, opened / "terms.ttl")
        assert result.edits.finish() == {}
        assert result.dropped == ["what is said of http://e/x, which is not ours"]

    def test_a_syntax_error(self, tiny: Sources, opened: Path) -> None:
        (opened / "terms.ttl").write_text("<a> <b> .\n", "utf-8")
        with pytest.raises(UsageError, match=r"terms\.ttl:1:\d+: "):
            saved(tiny, opened / "terms.ttl")

    def test_owl_in_another_syntax(self, tiny: Sources, tmp_path: Path) -> None:
        path = tmp_path / "a.owl"
        path.write_text("Prefix(:=<http://e/>)\nOntology(<http://e/>)", "utf-8")
        with pytest.raises(UsageError, match="functional syntax"):
            saved(tiny, path)


def test_the_verbs(
    tiny: Sources,
    opened: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sources, "locate", lambda: tiny)
    assert cli.main(["import", str(opened)]) == 0
    assert capsys.readouterr().err == "The file changes nothing.\n"
    in_protege(opened / "terms.ttl", '"stain"', '"blot"')
    assert cli.main(["import", str(opened / "terms.ttl"), "--dry-run"]) == 0
    assert '+    oboInOwl:hasExactSynonym "blot"@en' in capsys.readouterr().out
    assert cli.main(["import", str(opened / "terms.ttl")]) == 0
    assert capsys.readouterr().out == "ontology/modules/terms.ttl: written\n"
