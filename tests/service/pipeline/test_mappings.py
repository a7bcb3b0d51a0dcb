"""Mapping sets: reading them, their RDF, and checking them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, SKOS, Graph, Literal, Namespace, URIRef

from service import iris
from service.pipeline import check, mappings, sssom
from service.pipeline.loading import Loaded, load
from service.pipeline.mapping_file import MappingSet
from service.pipeline.shapes import rdflib_graph
from service.pipeline.violations import Violation
from service.problems import SourceError
from service.sources import Sources

Edit = Callable[[str, str, str], Path]
SEMAPV, SSSOM, PAV = Namespace(iris.SEMAPV), Namespace(iris.SSSOM), Namespace(iris.PAV)
FILE = "mappings/hp.sssom.tsv"
SET = "https://w3id.org/cdmo/mapping/hp"
HP = "http://purl.obolibrary.org/obo/HP_"
CDMO = "https://w3id.org/cdmo/id/CDMO_"


def of_mappings(violations: list[Violation]) -> list[Violation]:
    return [v for v in violations if v.rule.startswith("mapping-")]


@pytest.fixture(scope="module")
def loaded(tiny_sources: Sources) -> Loaded:
    loaded, _ = load(tiny_sources)
    assert mappings.load(loaded) == []
    return loaded


@pytest.fixture(scope="module")
def graph(loaded: Loaded) -> Graph:
    return rdflib_graph(loaded.store, "mappings")


@pytest.fixture(scope="module")
def hp(loaded: Loaded) -> MappingSet:
    path = loaded.sources.mappings / "hp.sssom.tsv"
    return sssom.read(path, loaded.names.prefixes)[0]


def test_a_header_is_read_with_its_lists(hp: MappingSet) -> None:
    assert hp.first("mapping_set_id") == SET
    assert hp.slots["creator_id"] == ["cdmo:maintainers"]
    assert hp.first("mapping_set_version") == "0.1.0"
    assert hp.expand("HP:0000951") == HP + "0000951"
    assert hp.expand("MONDO:1") == ""


def test_a_row_keeps_its_line(hp: MappingSet) -> None:
    lines = hp.path.read_text().splitlines()
    for row in hp.rows:
        assert lines[row.line - 1].startswith(row["subject_id"])


def test_a_mapping_has_its_line(loaded: Loaded, hp: MappingSet) -> None:
    for row in hp.rows:
        assert loaded.place(hp.iri_of(row))[:2] == (hp.path, row.line)


def test_a_match_is_a_mapping_and_a_triple(graph: Graph) -> None:
    mapping = URIRef(f"{SET}#CDMO_0000101-HP_0000989")
    values = dict(graph.predicate_objects(mapping))
    assert values[OWL.annotatedSource] == URIRef(CDMO + "0000101")
    assert values[OWL.annotatedProperty] == SKOS.exactMatch
    assert values[OWL.annotatedTarget] == URIRef(HP + "0000989")
    assert values[SSSOM.object_label] == Literal("Pruritus")
    assert values[SSSOM.mapping_justification] == SEMAPV.ManualMappingCuration
    assert str(values[PAV.authoredOn]) == "2026-11-22"
    assert (URIRef(SET), SSSOM.mappings, mapping) in graph
    assert (URIRef(CDMO + "0000101"), SKOS.exactMatch, URIRef(HP + "0000989")) in graph


def test_a_denied_match_is_a_mapping_but_no_triple(graph: Graph) -> None:
    mapping = URIRef(f"{SET}#CDMO_0000100-HP_0000989")
    assert graph.value(mapping, SSSOM.predicate_modifier) == Literal("Not")
    assert (URIRef(CDMO + "0000100"), SKOS.exactMatch, None) not in graph


def test_no_term_found_is_a_mapping_but_no_triple(graph: Graph) -> None:
    mapping = URIRef(f"{SET}#CDMO_0000001-NoTermFound")
    assert graph.value(mapping, OWL.annotatedTarget) == SSSOM.NoTermFound
    assert (URIRef(CDMO + "0000001"), None, None) not in graph


def test_a_set_has_a_kind_and_a_licence(graph: Graph) -> None:
    assert (URIRef(SET), RDF.type, SSSOM.MappingSet) in graph
    licence = URIRef("https://creativecommons.org/licenses/by/4.0/")
    assert graph.value(URIRef(SET), DCTERMS.license) == licence


def test_a_violation_stops_the_build_with_its_file_and_line(tiny: Sources, edit: Edit) -> None:
    path = edit(FILE, "CDMO:0000101\titch", "CDMO:0000101\titching")
    (violation,) = of_mappings(check(tiny))
    assert (violation.rule, violation.severity, violation.file) == ("mapping-label", "error", path)
    assert (
        path.read_text().splitlines()[(violation.line or 0) - 1].startswith("CDMO:0000101\titching")
    )


@pytest.mark.parametrize("local", ["00 00989", "00<00989", "\\0000989", "0000{9}89"])
def test_a_curie_that_is_no_iri_is_reported_with_its_line(
    tiny: Sources, edit: Edit, local: str
) -> None:
    """The same holds for the identifier of a mapping."""
    path = edit(FILE, "\tHP:0000989\t", f"\tHP:{local}\t")
    violations = [v for v in of_mappings(check(tiny)) if v.rule == "mapping-curie"]
    lines = [n for n, line in enumerate(path.read_text().splitlines(), 1) if local in line]
    assert [(v.file, v.line, v.severity) for v in violations] == [(path, n, "error") for n in lines]
    assert all(f"object_id HP:{local} stands for no IRI" in v.message for v in violations)


def test_a_term_without_a_mapping_is_reported_at_its_block(tiny: Sources, edit: Edit) -> None:
    edit(FILE, "CDMO:0000200\tinspection", "CDMO:0000101\titch")
    violations = {v.rule: v for v in of_mappings(check(tiny))}
    missing = violations["mapping-missing"]
    assert (missing.entity, missing.severity) == ("CDMO:0000200", "warning")
    assert missing.file == tiny.ontology / "modules" / "terms.ttl"


def test_candidates_are_not_released(tiny: Sources) -> None:
    folder = tiny.mappings / "candidates"
    folder.mkdir()
    (folder / "mondo.sssom.tsv").write_text("nothing of a mapping set")
    assert of_mappings(check(tiny)) == []


def test_a_file_that_is_not_utf_8_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "x.sssom.tsv"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SourceError, match="UTF-8"):
        sssom.read(path, {})


def test_a_line_ends_where_editors_end_it(tiny: Sources, edit: Edit) -> None:
    """``str.splitlines`` also splits at U+2028 and U+0085, which would shift lines and cells."""
    path = edit(FILE, "Pruritus", "Pru\u2028ri\u0085tus\x0b")
    assert of_mappings(check(tiny)) == []
    hp, _ = sssom.read(path, load(tiny)[0].names.prefixes)
    lines = path.read_text(encoding="utf-8").split("\n")
    assert all(lines[row.line - 1].startswith(row["subject_id"]) for row in hp.rows)


def test_line_ends_of_windows_are_read(tiny: Sources) -> None:
    path = tiny.mappings / "hp.sssom.tsv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert of_mappings(check(tiny)) == []


def test_a_list_of_curators_that_is_not_utf_8_is_reported(tiny: Sources) -> None:
    path = tiny.mappings / "curators.tsv"
    path.write_bytes(b"id\tname\ncdmo:maintainers\tJos\xe9\n")
    violation, *_ = check(tiny)
    assert (violation.rule, violation.file, violation.line) == ("file-unreadable", path, 2)
