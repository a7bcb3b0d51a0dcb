"""From sources to a release, and the errors of wrong sources."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph

from service import iris
from service.pipeline import build, check
from service.pipeline.loading import load
from service.pipeline.violations import Violation, errors
from service.problems import SourceError
from service.release import GRAPHS, Release, current, damage, graph_iri, open_store
from service.sources import Sources

Edit = Callable[[str, str, str], Path]
CLAIMS, TERMS = "ontology/claims/claims.ttl", "ontology/modules/terms.ttl"
PASSAGES = "ontology/claims/passages.ttl"
MAPPINGS = "mappings/hp.sssom.tsv"


def refused(sources: Sources, release: Release) -> list[Violation]:
    """Return the errors that stop a build, after checking that the latest release is unchanged."""
    dist = release.path.parent
    with pytest.raises(SourceError) as caught:
        build(sources, dist)
    assert current(dist).manifest == release.manifest
    assert not [p for p in dist.iterdir() if p.name.startswith(".building")]
    violations: list[Violation] = caught.value.extras["violations"]
    return [v for v in violations if v.severity == "error"]


def line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if text in line)


def test_the_tiny_ontology_has_no_errors(tiny_sources: Sources) -> None:
    violations = check(tiny_sources)
    assert [(v.rule, v.severity, v.entity) for v in violations] == [
        ("claim-contradicted", "warning", "claim:0000011")
    ]


def test_a_syntax_error_stops_the_build(tiny: Sources, release: Release, edit: Edit) -> None:
    path = edit(TERMS, 'rdfs:label "itch"@en ;', 'rdfs:label "itch"@en')
    (violation,) = refused(tiny, release)
    assert (violation.rule, violation.file) == ("turtle-syntax", path)
    assert violation.line == line_of(path, 'rdfs:label "itch"') + 1
    assert violation.hint


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        (TERMS, '"2026-11-22"^^xsd:date', '"2026-13-45"^^xsd:date'),
        (PASSAGES, "cdmo:order 3 ", f'cdmo:order "3rd"^^<{iris.XSD_INTEGER}> '),
    ],
)
def test_a_literal_that_does_not_fit_its_datatype_stops_the_build(
    tiny: Sources, edit: Edit, name: str, text: str, wrong: str
) -> None:
    path = edit(name, text, wrong)
    violations = [v for v in check(tiny) if v.rule == "literal-ill-typed"]
    assert violations
    assert {v.file for v in violations} == {path}
    assert all(v.line for v in violations)


def test_no_library_writes_to_the_terminal(
    tiny: Sources, edit: Edit, capfd: pytest.CaptureFixture[str]
) -> None:
    """Rdflib logs an ill-typed literal with a traceback."""
    edit(TERMS, '"2026-11-22"^^xsd:date', '"2026-13-45"^^xsd:date')
    assert check(tiny)
    assert capfd.readouterr() == ("", "")


def append(path: Path, block: str) -> int:
    """Add a block to a source; return its line."""
    text = path.read_text("utf-8")
    path.write_text(f"{text}{block}\n", "utf-8")
    return text.count("\n") + 1


@pytest.mark.parametrize(
    ("block", "rule"),
    [
        (
            "CDMO:0000001 owl:equivalentClass _:l . _:l rdf:first 1 ; rdf:rest _:l .",
            "list-malformed",
        ),
        ("_:l rdf:first 1 ; rdf:rest _:m . _:m rdf:first 2 ; rdf:rest _:l .", "list-malformed"),
        (
            "<https://w3id.org/cdmo/ontology> owl:imports <http://127.0.0.1:9/> .",
            "ontology-imports",
        ),
        ("CDMO:0000001 rdfs:seeAlso CDMO:0000100 {| rdfs:comment 1 |} .", "rdf-1.2"),
        ("CDMO:0000001 rdfs:seeAlso <<( CDMO:0000001 a owl:Class )>> .", "rdf-1.2"),
        ('CDMO:0000001 rdfs:comment "text"@en--ltr .', "rdf-1.2"),
    ],
)
def test_input_that_breaks_a_library_is_a_violation(
    tiny: Sources,
    release: Release,
    capfd: pytest.CaptureFixture[str],
    block: str,
    rule: str,
) -> None:
    path = tiny.ontology / "modules" / "terms.ttl"
    rdf = f"@prefix rdf: <{iris.RDF}> .\n" if "rdf:f" in block else ""
    line = append(path, rdf + block)
    violations = [v for v in check(tiny) if v.rule == rule]
    assert {v.file for v in violations} == {path}
    assert all(v.hint for v in violations)
    assert rule != "rdf-1.2" or [v.line for v in violations] == [line]
    assert rule in {v.rule for v in refused(tiny, release)}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("list_of_shape", ["rdf:rest _:l", "rdf:rest rdf:nil , ( 1 )", "a 1"])
def test_a_malformed_list_in_a_shape_is_a_violation(tiny: Sources, list_of_shape: str) -> None:
    """PySHACL relies on well-formed lists."""
    path = tiny.ontology / "shapes" / "one.ttl"
    path.write_text(f"""\
@prefix rdf: <{iris.RDF}> .
@prefix shape: <{iris.SHAPE}> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
shape:one a sh:NodeShape ; sh:targetClass owl:Class ; sh:in _:l .
_:l rdf:first 1 ; {list_of_shape} .
""")
    assert ("list-malformed", path) in {(v.rule, v.file) for v in check(tiny)}


@pytest.mark.parametrize(
    "name", [TERMS, "ontology/prefixes.ttl", MAPPINGS, "mappings/curators.tsv"]
)
def test_a_byte_order_mark_is_the_only_error(tiny: Sources, name: str) -> None:
    path = tiny.ontology.parent / name
    path.write_bytes(b"\xef\xbb\xbf" + (path.read_bytes() if path.exists() else b"id\tname\n"))
    (violation,) = errors(check(tiny))
    assert (violation.rule, violation.file) == ("file-unreadable", path)
    assert "byte order mark" in violation.message


@pytest.mark.parametrize("name", ["SERVICE <{address}>", "SERVICE SILENT<{address}>", "SERVICE:"])
def test_no_command_uses_the_network(
    tiny: Sources, tmp_path: Path, edit: Edit, listener: socket.socket, name: str
) -> None:
    """Imports and queries in checks, rules and questions name addresses here.

    The engine needs no space between SERVICE and a name.
    """
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    call = f"{name.format(address=address)} {{ ?entity ?p ?o }}"
    if name.endswith(":"):
        edit(
            "ontology/questions/what-treats.ttl",
            "PREFIX cdmo:",
            f"PREFIX : <{address}> PREFIX cdmo:",
        )
    edit("ontology/questions/what-treats.ttl", "WHERE {", f"WHERE {{ {call}")
    (violation,) = [v for v in check(tiny) if v.rule == "question-query-invalid"]
    assert "asks another endpoint" in violation.message
    append(tiny.ontology / "ontology.ttl", f"<{iris.ONTOLOGY}> owl:imports <{address}> .")
    assert check(tiny)
    for folder, head in (("checks", "SELECT ?entity"), ("rules", "CONSTRUCT { ?entity ?p ?o }")):
        path = tiny.ontology / folder / "new-violation.rq"
        path.write_text(f"# A rule.\n# Why: a reason.\n# help: a way.\n{head} WHERE {{ {call} }}\n")
        messages = {v.message for v in check(tiny) if v.rule == "query-file" and v.file == path}
        assert "asks another endpoint" in messages
        with pytest.raises(SourceError):
            build(tiny, tmp_path / "dist")
        path.unlink()
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket that any use of these addresses would connect to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?term WHERE { ?term a owl:Class }", "does not select ?entity"),
        ("ASK { ?entity a owl:Class }", "does not select ?entity"),
        ("SELECT ?entity WHERE { ?entity a", "is not SPARQL"),
        ("# severity: mild\nSELECT ?entity WHERE { ?entity a owl:Class }", "has no severity"),
    ],
)
def test_a_check_that_cannot_be_run_is_reported(tiny: Sources, query: str, message: str) -> None:
    path = tiny.ontology / "checks" / "new-violation.rq"
    path.write_text(f"# A rule.\n# Why: a reason.\n# help: a way.\n{query}\n")
    violation = check(tiny)[0]
    assert (violation.rule, violation.file) == ("query-file", path)
    assert message in violation.message


def test_a_turtle_file_without_a_triple_is_reported(tiny: Sources) -> None:
    path = tiny.ontology / "questions" / "what-treats.ttl"
    path.write_text("# Nothing is left.\n")
    assert ("empty-file", path) in {(v.rule, v.file) for v in check(tiny)}


def test_a_cycle_of_blank_nodes_gets_stable_labels(tiny: Sources, tmp_path: Path) -> None:
    """RDFC-1.0 labels any graph, so the bytes are the same each time."""
    path = tiny.ontology / "claims" / "sources.ttl"
    block = "source:circle a dcterms:Agent ; rdfs:seeAlso _:a ."
    path.write_text(f"{path.read_text()}{block} _:a rdfs:seeAlso _:b . _:b rdfs:seeAlso _:a .\n")
    first, second = (build(tiny, tmp_path / name) for name in ("first", "second"))
    assert first.manifest == second.manifest


def test_equal_labels_in_two_files_are_two_blank_nodes(tiny: Sources) -> None:
    """A blank node's label holds within its file."""
    for name in ("ontology/claims/sources.ttl", "ontology/claims/passages.ttl"):
        path = tiny.ontology.parent / name
        path.write_text(path.read_text() + "_:same <http://purl.org/dc/terms/extent> 1 .\n")
    loaded, violations = load(tiny)
    assert not violations
    extent = ox.NamedNode(iris.DCTERMS + "extent")
    assert len(list(loaded.store.quads_for_pattern(None, extent, None, None))) == 2


def test_the_lock_file_of_an_editor_is_ignored(tiny: Sources) -> None:
    (tiny.ontology / "modules" / ".#terms.ttl").symlink_to("nobody@nowhere.1234")
    (tiny.ontology / "modules" / "folder.ttl").mkdir()
    assert not [v for v in check(tiny) if v.severity == "error"]


def test_a_claim_without_a_passage_stops_the_build(
    tiny: Sources, release: Release, edit: Edit
) -> None:
    citation = "cdmo:citation [ cdmo:passage passage:cdct-008 ; cdmo:assertion cdmo:plain ] ."
    path = edit(CLAIMS, f"    {citation}", "    .")
    violations = {v.rule: v for v in refused(tiny, release)}
    assert violations.keys() == {"claim-without-passage", "passage-without-claim"}
    violation = violations["claim-without-passage"]
    assert (violation.file, violation.entity) == (path, "claim:0000006")
    assert violation.line == line_of(path, "claim:0000006 a")
    assert "cdmo:citation [" in violation.hint


def test_an_unknown_prefix_stops_the_build(tiny: Sources, release: Release, edit: Edit) -> None:
    path = edit(CLAIMS, "cdmo:relation cdmo:detects", "cdmo:relation cmdo:detects")
    (violation,) = refused(tiny, release)
    assert (violation.rule, violation.file, violation.entity) == ("unknown-prefix", path, "cmdo:")
    assert violation.line == line_of(path, "cmdo:detects")
    assert violation.hint == "Did you mean cdmo?"


def test_every_violation_is_reported(tiny: Sources, release: Release, edit: Edit) -> None:
    edit(CLAIMS, "cdmo:relation cdmo:detects", "cdmo:relation cdmo:sees")
    edit(CLAIMS, "passage:cdct-016", "passage:cdct-999")
    edit(TERMS, '"an intervention that greases the skin"', '"greasing the skin"')
    edit(MAPPINGS, "skos:broadMatch", "skos:broaderMatch")
    assert {v.rule for v in refused(tiny, release)} == {
        "claim-relation-unknown",
        "claim-cites-unknown-passage",
        "definition-form",
        "definition-genus",
        "definition-too-short",
        "iri-dangling",
        "mapping-predicate",
        "passage-without-claim",
    }


def test_a_claim_outside_its_relation_is_explained_beside_the_reasoner(
    tiny: Sources, release: Release, edit: Edit
) -> None:
    """The reasoner says that green knee is impossible; the check names the claim that causes it."""
    edit(CLAIMS, "cdmo:relation cdmo:affects", "cdmo:relation cdmo:suppresses")
    violations = {(v.rule, v.entity) for v in refused(tiny, release)}
    assert ("unsatisfiable", "CDMO:0000001") in violations
    assert ("claim-outside-domain", "claim:0000002") in violations


def test_a_contradiction_stops_the_build(tiny: Sources, release: Release, edit: Edit) -> None:
    edit(TERMS, "cdmo:Organization ;", "cdmo:Organization , cdmo:Test ;")
    assert "inconsistent" in {v.rule for v in refused(tiny, release)}


def test_a_released_iri_is_never_dropped(tiny: Sources, release: Release) -> None:
    path = tiny.ontology / "released-iris.txt"
    path.write_text(f"# all of them\n{iris.TERM}CDMO_0000001\n{iris.TERM}CDMO_0007777\n")
    (violation,) = refused(tiny, release)
    assert (violation.rule, violation.file, violation.line) == ("released-iri-dropped", path, 3)


def test_a_broken_query_of_a_question_is_an_error(
    tiny: Sources, release: Release, edit: Edit
) -> None:
    edit("ontology/questions/what-treats.ttl", "ORDER BY ?intervention", "ORDER ?intervention")
    (violation,) = refused(tiny, release)
    assert (violation.rule, violation.entity) == ("question-query-invalid", "question:what-treats")


def test_an_unexpected_answer_is_an_error_that_stops_no_build(
    tiny: Sources, edit: Edit, tmp_path: Path
) -> None:
    edit("ontology/questions/what-treats.ttl", "washing with vinegar\n", "rinsing\n")
    (violation,) = [v for v in check(tiny) if v.rule == "question-answered-otherwise"]
    assert violation.severity == "error"
    assert violation.hint.endswith("cdmo accept what-treats")
    assert build(tiny, tmp_path / "dist").manifest.version
    assert "missing ('rinsing',)" in violation.message
    assert "not expected ('washing with vinegar',)" in violation.message


def test_a_waiver_with_a_reason_makes_an_exception(tiny: Sources, edit: Edit) -> None:
    waivers = tiny.ontology / "checks" / "waivers.ttl"
    head = "".join(
        f"@prefix {p}: <https://w3id.org/cdmo/{n}/> .\n"
        for p, n in (("cdmo", "schema"), ("claim", "claim"))
    )
    head += "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    block = '#: {}\nclaim:{} cdmo:waives [ cdmo:check "claim-contradicted" {}] .\n'
    denied, affirmed = "washing does not treat green knee", "washing treats green knee"
    why = '; rdfs:comment "The tension says it all."@en '
    waivers.write_text(head + block.format(denied, "0000011", why))
    assert check(tiny) == []
    waivers.write_text(head + block.format(denied, "0000011", ""))
    assert [v.rule for v in check(tiny)] == ["waiver-without-reason"]
    waivers.write_text(head + block.format(affirmed, "0000012", why))
    assert sorted(v.rule for v in check(tiny)) == ["claim-contradicted", "waiver-unused"]


def test_a_file_in_an_unknown_folder_is_reported(tiny: Sources) -> None:
    (tiny.ontology / "notes.ttl").write_text("<urn:a> <urn:b> <urn:c> .")
    assert "misplaced-file" in {v.rule for v in check(tiny)}


def test_a_missing_list_of_prefixes_is_reported(tiny: Sources) -> None:
    path = tiny.ontology / "prefixes.ttl"
    path.unlink()
    (violation,) = check(tiny)
    assert (violation.rule, violation.file) == ("file-unreadable", path)


def test_a_namespace_that_is_no_iri_is_reported(tiny: Sources, edit: Edit) -> None:
    path = edit("ontology/prefixes.ttl", "http://purl.org/pav/", "http://purl.org/p av/")
    violation = check(tiny)[0]
    assert (violation.rule, violation.file, violation.entity) == ("prefix-not-iri", path, "pav:")


def test_a_shape_that_is_not_shacl_is_reported(tiny: Sources, edit: Edit) -> None:
    edit("ontology/shapes/citations.ttl", "    sh:path cdmo:passage ;\n", "")
    assert "shapes-invalid" in {v.rule for v in check(tiny)}


def test_a_prefix_that_the_list_of_prefixes_uses_is_declared_in_it(
    tiny: Sources, edit: Edit
) -> None:
    path = edit("ontology/prefixes.ttl", '"vann" ;', "owl:vann ;")
    violation = check(tiny)[0]
    assert (violation.rule, violation.file, violation.entity) == ("unknown-prefix", path, "owl:")


def test_a_broken_list_of_prefixes_is_reported(tiny: Sources, edit: Edit) -> None:
    edit("ontology/prefixes.ttl", 'sh:prefix "cdmo" ;', 'sh:prefix "cdmo ;')
    assert check(tiny)[0].rule == "turtle-syntax"


def test_a_release_holds_every_graph(release: Release) -> None:
    assert list(release.manifest.graphs) == sorted(map(graph_iri, GRAPHS))
    store = open_store(release)
    for iri, count in release.manifest.graphs.items():
        number = len(list(store.quads_for_pattern(None, None, None, ox.NamedNode(iri))))
        assert number == count, iri
        # The tiny document states neither aims nor hopes.
        assert count or iri == graph_iri("prospective"), iri


def test_a_release_counts_its_own_triples(release: Release) -> None:
    query = """
        SELECT ?graph ?n WHERE { ?graph <http://rdfs.org/ns/void#triples> ?n ;
          a <http://www.w3.org/ns/sparql-service-description#Graph> }"""
    rows = open_store(release).query(query, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    counts = {r["graph"].value: int(r["n"].value) for r in rows}
    assert counts.pop(f"{iris.ENDPOINT}#default") == sum(release.manifest.graphs.values())
    assert counts == release.manifest.graphs


def test_the_store_and_the_dumps_have_the_same_triples(release: Release) -> None:
    store = open_store(release)
    for name, kind in (
        ("dataset.nq.gz", ox.RdfFormat.N_QUADS),
        ("dataset.jsonld.gz", ox.RdfFormat.JSON_LD),
    ):
        data = gzip.decompress(release.dump(name).read_bytes())
        again = ox.Store()
        again.bulk_load(data, format=kind)
        assert len(again) == len(store)
    ontology = len(Graph().parse(release.dump("ontology.ttl")))
    assert ontology == release.manifest.graphs[graph_iri("ontology")]
    for name, kind in (
        ("ontology.rdf", ox.RdfFormat.RDF_XML),
        ("ontology.nt", ox.RdfFormat.N_TRIPLES),
        ("ontology.jsonld", ox.RdfFormat.JSON_LD),
    ):
        assert len(list(ox.parse(path=release.dump(name), format=kind))) == ontology


def test_the_same_sources_give_the_same_bytes(
    tiny: Sources, release: Release, tmp_path: Path
) -> None:
    again = build(tiny, tmp_path / "dist")
    assert again.manifest == release.manifest
    for name in (*release.manifest.files, "manifest.json"):
        assert (again.path / name).read_bytes() == (release.path / name).read_bytes(), name


def test_a_build_of_the_same_sources_does_nothing(tiny_sources: Sources, release: Release) -> None:
    lines: list[str] = []
    assert build(tiny_sources, release.path.parent, report=lines.append) == release
    assert lines == []


def test_a_damaged_release_is_built_again(tiny: Sources, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    first = build(tiny, dist)
    first.dump("void.ttl").unlink()
    assert damage(build(tiny, dist)) == []


def test_sources_with_the_same_triples_keep_the_name(tiny: Sources, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    first = build(tiny, dist)
    with (tiny.ontology / "modules" / "terms.ttl").open("a") as file:
        file.write("\n# A comment.\n")
    second = build(tiny, dist)
    assert second.path == first.path
    assert second.manifest.sources_digest != first.manifest.sources_digest


def test_the_previous_release_is_kept_and_older_ones_are_removed(
    tiny: Sources, tmp_path: Path, edit: Edit
) -> None:
    dist = tmp_path / "dist"
    releases = [build(tiny, dist)]
    for old, new in (("scratch", "rub"), ("rub", "sneeze")):
        edit(TERMS, f"makes one {old}", f"makes one {new}")
        releases.append(build(tiny, dist))
    assert current(dist) == releases[-1]
    assert {p.resolve() for p in dist.glob("*+*")} == {r.path for r in releases[1:]}
    assert str((dist / "current").readlink()) == releases[-1].manifest.name


def test_a_build_removes_the_remains_of_a_killed_one(
    tiny: Sources, tmp_path: Path, edit: Edit
) -> None:
    dist = tmp_path / "dist"
    build(tiny, dist)
    (dist / ".building-x" / "store").mkdir(parents=True)
    (dist / ".building-x-old").mkdir()
    (dist / ".building-x-link").symlink_to("nowhere")
    edit(TERMS, "makes one scratch", "makes one rub")
    second = build(tiny, dist)
    assert current(dist) == second
    assert not [path for path in dist.iterdir() if path.name.startswith(".building")]


def test_two_builds_at_once_wait_for_each_other(tiny: Sources, tmp_path: Path) -> None:
    releases: list[Release] = []
    threads = [
        threading.Thread(target=lambda: releases.append(build(tiny, tmp_path / "dist")))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert releases[0] == releases[1]


def test_the_report_lists_warnings_and_waivers(release: Release) -> None:
    rows = release.dump("report.tsv").read_text().splitlines()
    assert rows[0].split("\t") == ["level", "rule", "entity", "message"]
    assert rows[1].split("\t")[:3] == ["warning", "claim-contradicted", "claim:0000011"]
