"""``cdmo serve --data``: pages of any OWL or SKOS file over a socket."""

import gzip
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from service import formats
from service.pipeline.foreign import graph_of, load
from service.pipeline.rdf_files import SUFFIXES
from service.problems import UsageError

from .server import ROOT, Server, running

DATA = ROOT / "tests" / "data" / "vocabularies"
OURS = re.compile(r"(?i)cdmo|calcinosis|web article|medical advice|creativecommons")
ACTING = re.compile(r'(?i)(?:href|src|action)="(?!/|#|https?:|data:image)')
VEHICLES, COLOURS = "http://vehicles.example/ns#", "http://colours.example/"
MOST_BYTES = 150_000
"""The largest page, compressed."""


@contextmanager
def served(path: Path, folder: Path) -> Iterator[Server]:
    folder.mkdir(exist_ok=True)
    with running(load({graph_of(path): path}, folder).path) as server:
        yield server


@pytest.fixture(scope="module")
def vehicles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(DATA / "vehicles.ttl", tmp_path_factory.mktemp("vehicles")) as server:
        yield server


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(DATA / "colours.ttl", tmp_path_factory.mktemp("colours")) as server:
        yield server


def address(iri: str) -> str:
    return f"/resource?iri={quote(iri, safe=':/')}"


def page(server: Server, target: str) -> str:
    """Return the text of a page, with spaces for its tags."""
    response, body = server.ask("GET", target, Accept="text/html")
    assert response.status == 200, (target, body)
    html = body.decode()
    assert not OURS.search(html), OURS.search(html)
    assert not ACTING.search(html), ACTING.findall(html)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html.partition("<main")[2])).split())


def term(server: Server, iri: str) -> str:
    return page(server, address(iri))


def test_the_home_page_describes_the_file(vehicles: Server) -> None:
    home = page(vehicles, "/")
    assert "Vehicles Things that carry, invented for tests." in home
    assert "Version 3.1" in home
    assert "Licence http://licences.example/free" in home
    assert "Creators A. Wheeler IRI" in home
    assert "Classes 8 Properties 2 Individual 1" in home


def test_the_tree_has_every_class_except_obsolete_ones(vehicles: Server) -> None:
    """It includes classes placed only by a definition, and one class of each cycle."""
    home = page(vehicles, "/").partition("Classes 8")[2]
    assert "vehicle cycle bicycle tandem" in home
    assert "Bench seat" in home.replace(":", "")
    assert "penny" not in home


def test_the_tree_of_a_thesaurus_begins_with_its_schemes(colours: Server) -> None:
    assert "Concept schemes Colours colour rot scarlet :grey" in page(colours, "/")


def test_a_term_has_its_names_in_their_languages(vehicles: Server) -> None:
    text = term(vehicles, VEHICLES + "Vehicle")
    assert "vehicle A thing that carries. Names مركبة ar Fahrzeug de" in text
    text = term(vehicles, VEHICLES + "Bicycle")
    assert "bike (exact) push bike (exact) two-wheeler (related)" in text
    assert " Rad " in term(vehicles, VEHICLES + "Wheel")  # no English name: any other, with its tag


def test_class_expressions_are_readable(vehicles: Server) -> None:
    text = term(vehicles, VEHICLES + "Tandem")
    assert "Equivalent to bicycle and has part some ( :Saddle or :Bench )" in text
    assert "inverse has part only not Rad" in text
    assert "seats some xsd:integer [ xsd:minInclusive 2 ]" in text
    assert "has part Self" in text
    assert "{ Daisy , x }" in text
    assert "has part exactly 2 Rad" in term(vehicles, VEHICLES + "Bicycle")
    assert "Range Rad or :Saddle" in term(vehicles, VEHICLES + "hasPart")


def test_a_term_lists_the_resources_that_refer_to_it(vehicles: Server, colours: Server) -> None:
    assert "Used by Equivalent to of tandem Range of has part" in term(
        vehicles, VEHICLES + "Saddle"
    )
    assert "Type of Daisy" in term(vehicles, VEHICLES + "Tandem")
    text = term(colours, COLOURS + "red")
    assert "Member of shades" in text
    assert "wie Blut de" in text


def test_a_term_without_label_a_cycle_and_a_hostile_iri_have_pages(vehicles: Server) -> None:
    assert ":Saddle" in term(vehicles, VEHICLES + "Saddle")
    assert "seat" in term(vehicles, VEHICLES + "Bench")
    assert "round and round" in term(vehicles, VEHICLES + "daisy")
    assert "<script>alert(1)</script>" in term(vehicles, "javascript:alert(1)")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("bicycle", "bicycle"),
        ("BIKE", "bicycle"),
        ("push", "bicycle"),
        ("fahrz", "vehicle"),
        ("roue", "Rad"),
        ("saddle", ":Saddle"),
        (VEHICLES + "Wheel", "Rad"),
        (":Wheel", "Rad"),
        ("bike unheard", "bicycle"),
    ],
)
def test_search_knows_labels_synonyms_and_codes(vehicles: Server, typed: str, first: str) -> None:
    suggestions = json.loads(vehicles.ask("GET", f"/suggest?q={quote(typed)}")[1])
    hits = page(vehicles, f"/search?q={quote(typed)}")
    assert first in hits
    if "unheard" not in typed:
        assert suggestions[0]["label"] == first
        assert suggestions[0]["path"].startswith("/resource?iri=http://vehicles.example/")


@pytest.mark.parametrize("rdf_format", [f for f in formats.DOCUMENTS if f in formats.GRAPHS])
def test_a_term_comes_in_each_format(vehicles: Server, rdf_format: formats.Format) -> None:
    """The ``Accept`` field and the parameter give the same triples."""
    iri = VEHICLES + "Tandem"
    by_field, body = vehicles.ask("GET", address(iri), Accept=rdf_format.media_type)
    _, same = vehicles.ask("GET", f"{address(iri)}&format={rdf_format.name}")
    assert body == same
    assert by_field.getheader("Vary", "").startswith("Accept")
    media_type = ox.RdfFormat.from_media_type(rdf_format.media_type)
    subjects = {triple.subject.value for triple in ox.parse(body, media_type)}
    assert iri in subjects


def test_a_term_has_a_card(vehicles: Server) -> None:
    response, body = vehicles.ask("GET", address(VEHICLES + "Bicycle"), Accept="application/json")
    card = json.loads(body)
    assert response.status == 200
    assert card["id"] == VEHICLES + "Bicycle"
    assert card["labels"] == [{"value": "bicycle", "language": "en"}]
    assert [parent["label"] for parent in card["parents"]] == ["cycle"]
    assert [child["label"] for child in card["children"]] == ["tandem"]
    assert not OURS.search(body.decode())


def test_a_curie_leads_to_the_term_and_an_unknown_one_is_404(vehicles: Server) -> None:
    response, _ = vehicles.ask("GET", "/resource?iri=:Cycle&format=turtle")
    assert response.status == 303
    assert response.getheader("Location") == address(VEHICLES + "Cycle") + "&format=turtle"
    for target in ("/resource", "/resource?iri=no", "/resource?iri=http://e/none", "/terms?sort=x"):
        assert vehicles.ask("GET", target)[0].status == 404, target
    assert vehicles.ask("GET", "/about")[0].status == 404


def test_the_query_page_links_to_the_pages_of_the_data(vehicles: Server) -> None:
    query = quote(f"SELECT * {{ <{VEHICLES}Cycle> ?p ?o }}")
    _, body = vehicles.ask("GET", f"/query?query={query}", Accept="text/html")
    assert f'href="{address(VEHICLES + "Vehicle")}"' in body.decode()


def test_thousands_of_children_come_in_parts(tmp_path: Path) -> None:
    """The same holds below a parent of which the data says nothing else."""
    file, below = tmp_path / "many.nt", "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
    file.write_text("".join(f"<http://e/{n:04}> {below} <http://e/top> .\n" for n in range(3_000)))
    with served(file, tmp_path / "release") as server:
        assert "3,000 below http://e/top" in page(server, "/")
        text = term(server, "http://e/top")
        assert "http://e/0024" in text
        assert "and 2,975 more below it" in text
        assert "http://e/0025" not in text
        last = page(server, "/terms?below=http://e/top&start=2800")
        assert "2,801 to 3,000" in last
        assert "http://e/2999" in last
        document, _ = server.ask("GET", address("http://e/top"), Accept="text/turtle")
        assert document.status == 200


FOLDER = os.environ.get("CDMO_ONTOLOGIES", "")
FILES = [
    path
    for path in sorted(Path(FOLDER).rglob("*") if FOLDER else ())
    if path.name.lower().removesuffix(".gz").endswith(tuple(SUFFIXES))
]


@pytest.mark.slow
@pytest.mark.skipif(not FILES, reason="CDMO_ONTOLOGIES does not name a folder of ontologies")
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_pages_of_a_published_vocabulary(path: Path, tmp_path: Path) -> None:
    """Home, lists, some terms of each sort in each format, and searches for them."""
    try:
        release = load({graph_of(path): path}, tmp_path)
    except UsageError:
        return  # see service/pipeline/test_ontologies.py
    with running(release.path) as server:
        home = whole_page(server, "/")
        for listed in set(re.findall(r'href="(/terms\?sort=[^"]*)"', home)):
            terms = re.findall(r'href="(/resource\?iri=[^"]*)"', whole_page(server, listed))
            for target in map(unescape, terms[:: len(terms) // 6 + 1]):
                html = whole_page(server, target)
                label = unescape(re.findall(r"<h1[^>]*>([^<]*)<", html)[0])
                assert server.ask("GET", f"/search?q={quote(label[:100])}")[0].status == 200
                for offer in formats.DOCUMENTS:
                    response, body = server.ask("GET", f"{target}&format={offer.name}")
                    assert response.status in (200, 406), (target, offer, body[:200])


def whole_page(server: Server, target: str) -> str:
    """Return a page, after checking that it is small and loads no script."""
    response, body = server.ask("GET", target, Accept="text/html")
    assert response.status == 200, (target, body)
    assert len(gzip.compress(body)) < MOST_BYTES, target
    assert not ACTING.search(body.decode()), target
    return body.decode()
