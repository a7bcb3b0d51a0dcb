"""Any RDF as a release: its prefixes, graphs and blank nodes."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from service import iris
from service.names import Names
from service.pipeline.foreign import graph_of, load
from service.problems import UsageError
from service.release import Release, open_store
from service.sources import locate

OURS = Names.load(locate().ontology / "prefixes.ttl").prefixes


def loaded(folder: Path, **texts: str) -> Release:
    """Load Turtle files, each named by its keyword."""
    files = {}
    for name, text in texts.items():
        path = folder / f"{name}.ttl"
        path.write_text(text, encoding="utf-8")
        files[graph_of(path)] = path
    (folder / "release").mkdir()
    return load(files, folder / "release")


def test_prefixes_of_the_file_come_first(tmp_path: Path) -> None:
    release = loaded(tmp_path, a=f"@prefix dct: <{iris.DCTERMS}> . <urn:a> dct:title 'A' .")
    prefixes = release.manifest.prefixes
    assert next(iter(prefixes)) == "dct"
    assert Names(prefixes).curie(iris.TITLE) == "dct:title"


def test_our_prefixes_add_no_second_one_to_a_namespace(tmp_path: Path) -> None:
    release = loaded(tmp_path, a=f"@prefix dct: <{iris.DCTERMS}> . <urn:a> dct:title 'A' .")
    prefixes = release.manifest.prefixes
    assert "dcterms" not in prefixes
    assert sorted(prefixes.values()) == sorted(set(prefixes.values()))
    assert set(OURS) - set(prefixes) == {"dcterms"}


def test_two_prefixes_of_the_file_for_one_namespace_both_stay(tmp_path: Path) -> None:
    head = "".join(f"@prefix {prefix}: <{iris.DCTERMS}> . " for prefix in ("dcterms", "dct"))
    release = loaded(tmp_path, a=f"{head} <urn:a> dct:title 'A' .")
    names = Names(release.manifest.prefixes)
    assert names.iri("dct:title") == names.iri("dcterms:title") == iris.TITLE
    assert names.curie(iris.TITLE) == "dct:title"


def test_a_prefix_of_the_file_keeps_its_meaning(tmp_path: Path) -> None:
    release = loaded(tmp_path, a="@prefix owl: <http://example.org/birds/> . <urn:a> a owl:Barn .")
    assert release.manifest.prefixes["owl"] == "http://example.org/birds/"


@pytest.mark.parametrize("prefix", ["rdfs", "label"])
def test_the_declaration_of_a_prefix_in_the_first_file_holds(tmp_path: Path, prefix: str) -> None:
    texts = {
        name: f"@prefix {prefix}: <http://example.org/{name}/> . <urn:{name}> a {prefix}:X ."
        for name in ("a", "b")
    }
    release = loaded(tmp_path, **texts)
    assert release.manifest.prefixes[prefix] == "http://example.org/a/"


def test_prefixes_of_rdf_xml_are_read_from_its_elements(tmp_path: Path) -> None:
    """A namespace may have two prefixes; a value that is no IRI is ignored."""
    path = tmp_path / "a.owl"
    path.write_text(
        f'<rdf:RDF xmlns:rdf="{iris.RDF}" xmlns:dcterms="{iris.DCTERMS}" xmlns:no="relative"'
        f' xmlns="http://e/" xmlns:dct="{iris.DCTERMS}"><A rdf:about="http://e/a">'
        '<dct:title xml:lang="">A</dct:title></A></rdf:RDF>'
    )
    (tmp_path / "release").mkdir()
    release = load({graph_of(path): path}, tmp_path / "release")
    prefixes = release.manifest.prefixes
    assert list(prefixes)[:4] == ["", "dct", "dcterms", "rdf"]
    assert "no" not in prefixes
    assert Names(prefixes).curie(iris.TITLE) == "dct:title"
    titles = open_store(release).quads_for_pattern(None, ox.NamedNode(iris.TITLE), None)
    assert [quad.object for quad in titles] == [ox.Literal("A")]


def test_files_share_no_blank_node_and_keep_their_labels(tmp_path: Path) -> None:
    text = "_:x <urn:p> [ <urn:q> _:x ] ."
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first, second = (loaded(tmp_path / name, a=text, b=text) for name in ("one", "two"))
    nodes = {q.subject for q in open_store(first)}
    assert len(nodes) == 4
    assert {q.subject for q in open_store(second)} == nodes
    assert all(isinstance(node, ox.BlankNode) for node in nodes)


def test_a_value_too_long_for_the_parser_is_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.ttl cannot be read: .*16777216"):
        loaded(tmp_path, a=f'<urn:s> <urn:p> "{"x" * 17_000_000}" .')
