"""Other vocabularies beside ours: in graphs of their own, queried, never mistaken for ours."""

import gzip
import re
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from service.pipeline import build, foreign
from service.pipeline.beside import load_beside
from service.problems import UsageError
from service.release import Release, current, open_queried, open_store
from service.sources import Sources

OBO = """\
format-version: 1.2
ontology: hp
default-namespace: human_phenotype

[Term]
id: HP:0000951
name: Abnormality of the skin
def: "A fault of the skin." [ORCID:1]
synonym: "dermatopathy" EXACT []

[Term]
id: HP:0000989
name: Pruritus
def: "An urge to scratch." []
synonym: "itching" EXACT []
synonym: "Pruritus" RELATED []
is_a: HP:0000951 ! Abnormality of the skin
is_obsolete: true
"""
HP = "http://purl.obolibrary.org/obo/hp.owl"
THEIRS = f"""
SELECT ?label ?above WHERE {{
  ?term rdfs:label "itch"@en ; skos:exactMatch ?theirs .
  GRAPH <{HP}> {{ ?theirs rdfs:label ?label ; rdfs:subClassOf/rdfs:label ?above }}
}}"""
ONTOLOGY = "http://www.w3.org/2002/07/owl#Ontology"
PREFIXES = {
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}


@pytest.fixture(scope="session")
def hp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vocabulary in OBO, packed."""
    path = tmp_path_factory.mktemp("hp") / "hp.obo.gz"
    path.write_bytes(gzip.compress(OBO.encode()))
    return path


@pytest.fixture(scope="session")
def together(tiny_sources: Sources, hp: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The tiny release with a vocabulary beside it."""
    lines: list[str] = []
    folder = tmp_path_factory.mktemp("together")
    release = build(tiny_sources, folder, others=[hp], report=lines.append)
    assert re.search(r"triples and \d+ of other vocabularies, ", lines[-1])
    return release


def test_a_query_joins_our_term_through_its_mapping_with_their_graph(
    together: Release,
) -> None:
    rows = open_queried(together).query(THEIRS, prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    literals = [[term.value for term in row if isinstance(term, ox.Literal)] for row in rows]
    assert literals == [["Pruritus", "Abnormality of the skin"]]


def test_our_own_store_and_files_do_not_contain_them(together: Release, release: Release) -> None:
    assert len(open_store(together)) == len(open_store(release))
    assert together.manifest.graphs == release.manifest.graphs
    assert list(together.manifest.others) == [HP]
    ours, theirs = (r.dump("dataset.nq.gz").read_bytes() for r in (release, together))
    assert ours == theirs


def test_the_release_has_another_name(together: Release, release: Release) -> None:
    assert together.manifest.name != release.manifest.name


def test_rdflib_sees_both(together: Release) -> None:
    dataset = together.dataset()
    try:
        assert HP in {str(graph.identifier) for graph in dataset.graphs()}
    finally:
        dataset.close()


def test_the_same_files_are_not_loaded_again_and_are_left_out_if_not_given(
    tiny_sources: Sources, together: Release, hp: Path, tmp_path: Path
) -> None:
    dist = tmp_path / "dist"
    shutil.copytree(together.path.parent, dist, symlinks=True)
    lines: list[str] = []
    assert build(tiny_sources, dist, others=[hp], report=lines.append).path.parent == dist
    assert lines == []
    assert not build(tiny_sources, dist).manifest.others
    assert not current(dist).manifest.others


def test_a_vocabulary_without_a_header_is_named_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "plain.ttl"
    path.write_text('<http://e/a> <http://www.w3.org/2000/01/rdf-schema#label> "a" .')
    lines: list[str] = []
    assert load_beside([path], tmp_path, [], lines.append) == {"urn:file:plain.ttl": 1}
    assert "Loading plain.ttl …" in lines


def test_files_share_no_blank_node_and_keep_their_labels(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.ttl", "b.ttl")]
    for path in paths:
        path.write_text("_:x <urn:p> [ <urn:q> _:x ] .")

    def nodes(folder: Path) -> list[str]:
        folder.mkdir()
        load_beside(paths, folder, [], lambda _: None)
        return sorted({str(quad.subject) for quad in ox.Store.read_only(str(folder / "beside"))})

    first, second = nodes(tmp_path / "one"), nodes(tmp_path / "two")
    assert first == second
    assert len(first) == 4


def test_a_triple_that_comes_twice_counts_once_and_named_graphs_become_one(tmp_path: Path) -> None:
    path = tmp_path / "twice.trig"
    path.write_text("<urn:a> <urn:p> 1, 1 . <urn:g> { <urn:a> <urn:p> 1, 2 }")
    assert load_beside([path], tmp_path, [], lambda _: None) == {"urn:file:twice.trig": 2}


def test_the_progress_of_reading_a_large_file_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign, "_PROGRESS", 2)
    path = tmp_path / "five.nt"
    path.write_text("".join(f"<urn:a> <urn:p> <urn:{i}> .\n" for i in range(5)))
    lines: list[str] = []
    load_beside([path], tmp_path, [], lines.append)
    assert [line for line in lines if "read" in line] == [
        "five.nt: 2 triples read …",
        "five.nt: 4 triples read …",
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.ttl", "<a> <b>", "a.ttl:1:8"),
        ("a.obo", "format-version: 1.2\n[Term]\nid HP:1\n", "a.obo:3:"),
        ("a.obo", "format-version: 1.2\n\n[Term]\nid: HP:1\n", "default-namespace:"),
        ("a.ttl", "# nothing\n", "holds no triple"),
        ("a.ttl", f"<https://w3id.org/cdmo/x> a <{ONTOLOGY}> .", "already"),
        ("a.pdf", "x", "suffix"),
    ],
)
def test_an_unreadable_file_is_refused_with_the_position(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        load_beside([path], tmp_path, [], lambda _: None)


def test_two_files_of_one_vocabulary_are_refused(hp: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="already"):
        load_beside([hp, hp], tmp_path, [], lambda _: None)


def test_a_build_that_fails_leaves_the_last_release(
    tiny_sources: Sources, together: Release, tmp_path: Path
) -> None:
    dist = tmp_path / "dist"
    shutil.copytree(together.path.parent, dist, symlinks=True)
    broken = tmp_path / "broken.ttl"
    broken.write_text("<a> <b>")
    with pytest.raises(UsageError):
        build(tiny_sources, dist, others=[broken])
    assert current(dist).manifest == together.manifest
    assert not list(dist.glob(".building*"))
