"""Releases: manifest, files, store."""

import contextlib
import json
import shutil
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF

from service.problems import ReleaseError
from service.rdf.terms import text
from service.release import (
    GRAPHS,
    Manifest,
    Release,
    current,
    damage,
    graph_iri,
    open_release,
    open_store,
    refuse_damaged,
)


@pytest.fixture
def copy(release: Release, tmp_path: Path) -> Path:
    return Path(shutil.copytree(release.path, tmp_path / "copy"))


def test_a_release_opens_from_anywhere(release: Release, copy: Path) -> None:
    assert open_release(copy).manifest == release.manifest
    assert damage(open_release(copy)) == []


def test_the_latest_release_is_current(release: Release) -> None:
    assert current(release.path.parent) == release


def test_a_folder_without_releases_is_an_error_that_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="Run: cdmo build"):
        current(tmp_path)


def test_a_folder_without_manifest_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"no readable manifest\.json"):
        open_release(tmp_path)


@pytest.mark.parametrize("name", ["ontology.ttl", "store"])
def test_a_release_that_lacks_a_file_is_refused(copy: Path, name: str) -> None:
    path = copy / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(ReleaseError, match=f"lacks {name}"):
        open_release(copy)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 99}', '{"format": 1, "odd": 2}'])
def test_an_invalid_manifest_is_refused(copy: Path, text: str) -> None:
    (copy / "manifest.json").write_text(text)
    with pytest.raises(ReleaseError):
        open_release(copy)


def test_a_changed_file_is_damage(copy: Path) -> None:
    with (copy / "ontology.ttl").open("a") as file:
        file.write("# more\n")
    assert damage(open_release(copy)) == ["ontology.ttl"]
    with pytest.raises(ReleaseError, match=r"is damaged: ontology\.ttl changed"):
        refuse_damaged(open_release(copy))


def test_a_store_with_other_quads_is_damaged(copy: Path) -> None:
    store = ox.Store(copy / "store")
    thing = ox.NamedNode("https://example.org/")
    store.add(ox.Quad(thing, thing, thing, thing))
    store.flush()
    del store
    assert damage(open_release(copy)) == ["store/"]


def test_a_manifest_survives_json(release: Release) -> None:
    text = release.manifest.to_json()
    assert Manifest.from_json(text) == release.manifest
    assert json.loads(text)["version"] == release.manifest.version


def test_a_release_is_named_by_version_and_digest(release: Release) -> None:
    manifest = release.manifest
    assert release.path.name == f"{manifest.version}+{manifest.digest[:12]}"


def test_a_dump_is_a_file_of_the_manifest(release: Release) -> None:
    assert release.dump("void.ttl").is_file()
    with pytest.raises(ReleaseError, match="no file"):
        release.dump("../secret")


def test_the_store_is_read_only(release: Release) -> None:
    store = open_store(release)
    with pytest.raises(RuntimeError, match="read-write"):
        store.update("INSERT DATA { <http://e.org/s> <http://e.org/p> 1 }")


@pytest.mark.parametrize("current", [None, "nonsense"], ids=["empty", "damaged"])
def test_an_invalid_store_is_refused(copy: Path, current: str | None) -> None:
    shutil.rmtree(copy / "store")
    (copy / "store").mkdir()
    if current is not None:
        (copy / "store" / "CURRENT").write_text(current)
    with pytest.raises(ReleaseError, match="cannot be opened"):
        open_store(open_release(copy))


def test_a_graph_has_an_iri() -> None:
    assert [graph_iri(name) for name in GRAPHS[:2]] == [
        "https://w3id.org/cdmo/graph/ontology",
        "https://w3id.org/cdmo/graph/stated",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s ?label { ?s rdfs:label ?label }",
        "SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph",
        "SELECT (COUNT(DISTINCT ?claim) AS ?n) { ?claim a cdmo:Claim }",
        "SELECT ?child { ?child rdfs:subClassOf+ cdmo:Condition } ORDER BY ?child",
        "ASK { ?s a owl:Class }",
        "ASK { ?s a <urn:nothing> }",
    ],
)
def test_the_rdflib_dataset_has_the_rows_of_the_store(release: Release, query: str) -> None:
    prefixes = dict(release.manifest.prefixes)
    expected = open_store(release).query(query, prefixes=prefixes, use_default_graph_as_union=True)
    with contextlib.closing(release.dataset()) as dataset:
        result = dataset.query(query, initNs=prefixes)
        if isinstance(expected, ox.QueryBoolean):
            assert result.askAnswer == bool(expected)
        else:
            assert isinstance(expected, ox.QuerySolutions)
            rows = Counter(tuple(map(str, row)) for row in result if isinstance(row, tuple))
            assert rows == Counter(tuple(map(text, row)) for row in expected)
            assert rows


def test_the_rdflib_dataset_is_read_only(release: Release) -> None:
    with contextlib.closing(release.dataset()) as dataset:
        before = len(dataset)
        with pytest.raises(RuntimeError, match="read-write"):
            dataset.graph(RDF.type).add((RDF.type, RDF.type, RDF.type))
        assert len(dataset) == before
