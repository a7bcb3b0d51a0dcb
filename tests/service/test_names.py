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
def test_a_curie_and_its_iri_are_one_name(names: Names, curie: str, iri: str) -> None:
    assert names.iri(curie) == iri
    assert names.curie(iri) == curie


def test_what_no_prefix_covers_has_no_curie(names: Names) -> None:
    assert names.curie("https://example.org/x") is None
    assert names.iri("nobody:x") is None


def test_an_iri_of_ours_lives_at_the_path_after_the_base(names: Names) -> None:
    iri = BASE + "claim/0000101#cdct-091"
    assert names.path(iri) == "/claim/0000101#cdct-091"
    assert names.document(iri) == "/doc/claim/0000101#cdct-091"
    assert names.from_path("/claim/0000101#cdct-091") == iri
    assert names.from_path("/doc/claim/0000101#cdct-091") == iri


def test_an_iri_of_others_has_no_place_on_the_site(names: Names) -> None:
    assert names.path("https://w3id.org/cdmox/1") is None
    assert names.document("http://purl.obolibrary.org/obo/HP_1") is None
