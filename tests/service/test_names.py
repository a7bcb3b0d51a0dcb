"""Names: IRI, CURIE and site path of the same resource."""

from pathlib import Path

import pytest

from service.iris import BASE
from service.names import Names

PREFIXES = Path(__file__).parents[2] / "ontology" / "prefixes.ttl"


@pytest.fixture(scope="module")
def names() -> Names:
    return Names.load(PREFIXES)


@pytest.mark.parametrize(
    ("curie", "iri"),
    [
        ("CDMO:0000001", "https://w3id.org/cdmo/id/CDMO_0000001"),
        ("cdmo:hasManifestation", "https://w3id.org/cdmo/schema/hasManifestation"),
        ("claim:0000017", "https://w3id.org/cdmo/claim/0000017"),
        ("rdfs:label", "http://www.w3.org/2000/01/rdf-schema#label"),
        ("MONDO:0016367", "http://purl.obolibrary.org/obo/MONDO_0016367"),
    ],
)
def test_a_curie_and_its_iri_name_one_resource(names: Names, curie: str, iri: str) -> None:
    assert names.iri(curie) == iri
    assert names.curie(iri) == curie


def test_the_prefixes_keep_the_order_of_their_file(names: Names) -> None:
    assert list(names.prefixes)[:3] == ["CDMO", "cdmo", "claim"]


@pytest.mark.parametrize(
    ("prefixes", "curie", "iri"),
    [
        pytest.param({"dct": "urn:d/", "dcterms": "urn:d/"}, "dct:title", "urn:d/title", id="two"),
        pytest.param({"dcterms": "urn:d/", "dct": "urn:d/"}, "dcterms:x", "urn:d/x", id="first"),
        pytest.param({"ex": "urn:e/", "EX": "urn:E/"}, "ex:1", "urn:e/1", id="lower case"),
        pytest.param({"ex": "urn:e/", "EX": "urn:E/"}, "EX:1", "urn:E/1", id="upper case"),
        pytest.param({"": "urn:e/"}, ":1", "urn:e/1", id="empty prefix"),
        pytest.param({"a": "urn:a/", "ab": "urn:a/b/"}, "ab:1", "urn:a/b/1", id="longest"),
        pytest.param({"a": "urn:a/", "ab": "urn:a/b/"}, "a:b", "urn:a/b", id="shorter"),
    ],
)
def test_the_first_prefix_of_the_longest_namespace_makes_the_curie(
    prefixes: dict[str, str], curie: str, iri: str
) -> None:
    names = Names(prefixes)
    assert names.curie(iri) == curie
    assert names.iri(curie) == iri


def test_every_prefix_of_a_namespace_is_read() -> None:
    names = Names({"dct": "urn:d/", "dcterms": "urn:d/", "DC": "urn:d/"})
    assert {names.iri(f"{prefix}:title") for prefix in names.prefixes} == {"urn:d/title"}


@pytest.mark.parametrize("text", ["", "title", "unknown:x"])
def test_a_text_that_is_no_curie_has_no_iri(names: Names, text: str) -> None:
    assert names.iri(text) is None


def test_an_iri_that_no_prefix_covers_has_no_curie(names: Names) -> None:
    assert names.curie("https://example.org/x") is None


def test_the_path_of_an_iri_is_the_part_after_the_base(names: Names) -> None:
    iri = BASE + "claim/0000101#cdct-091"
    assert names.path(iri) == "/claim/0000101#cdct-091"
    assert names.document(iri) == "/doc/claim/0000101#cdct-091"
    assert names.from_path("/claim/0000101#cdct-091") == iri
    assert names.from_path("/doc/claim/0000101#cdct-091") == iri


def test_an_iri_outside_the_base_has_no_path(names: Names) -> None:
    assert names.path("https://w3id.org/cdmox/1") is None
    assert names.document("http://purl.obolibrary.org/obo/HP_1") is None


def test_declaring_nothing_new_returns_the_same_names() -> None:
    names = Names({"e": "http://e/"})
    assert names.declaring({"e": "http://e/"}) is names
    assert names.declaring({}) is names


def test_a_declared_prefix_overrides_one_of_the_same_name() -> None:
    names = Names({"e": "http://e/"}).declaring({"e": "http://f/", "g": "http://g/"})
    assert names.iri("e:x") == "http://f/x"
    assert names.curie("http://g/x") == "g:x"
