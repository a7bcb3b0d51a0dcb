"""The page of a term shows data of other vocabularies about its matches."""

import pytest

from service.pipeline import build
from service.release import Release
from service.sources import Sources

from .client import client_of, page, words

HP = """\
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix oio: <http://www.geneontology.org/formats/oboInOwl#> .
<http://e/hp> a owl:Ontology .
obo:HP_0000951 rdfs:label "Abnormality of the skin" .
obo:HP_0000989 a owl:Class ; rdfs:label "Pruritus" ; obo:IAO_0000115 "An urge to scratch." ;
  oio:hasExactSynonym "itching", "pruritus" ; rdfs:subClassOf obo:HP_0000951 .
"""


@pytest.fixture(scope="module")
def together(tiny_sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("together")
    (folder / "hp.ttl").write_text(HP)
    return build(tiny_sources, folder / "dist", others=[folder / "hp.ttl"])


def test_the_page_of_a_term_shows_their_data_marked_as_theirs(together: Release) -> None:
    text = words(page(client_of(together), "/doc/id/CDMO_0000101"))
    assert "In the words of these vocabularies The article says none of this." in text
    assert "An urge to scratch. Also called itching Below Abnormality of the skin" in text
    assert "Graph http://e/hp" in text


def test_a_denied_match_is_not_shown(together: Release) -> None:
    text = words(page(client_of(together), "/doc/id/CDMO_0000100"))
    assert "scratch" not in text


def test_lists_and_search_have_only_our_terms(together: Release, release: Release) -> None:
    client, alone = client_of(together), client_of(release)
    lists = [c.get("/terms.json").get_json()["total"] for c in (client, alone)]
    assert lists[0] == lists[1]
    assert "HP_0000951" not in page(client, "/search?q=skin")


def test_a_release_without_other_vocabularies_does_not_mention_them(release: Release) -> None:
    assert "In the words of" not in page(client_of(release), "/doc/id/CDMO_0000101")


def test_the_query_page_names_their_graphs(together: Release) -> None:
    assert "&lt;http://e/hp&gt;" in page(client_of(together), "/query")
