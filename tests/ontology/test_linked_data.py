"""Linked data over the release of the real sources, from a running server.

Each document has the same triples as Turtle, JSON-LD, N-Triples and RDF/XML, and in the endpoint's
DESCRIBE of the resource. Its page embeds a part of its card.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from service.cards import CONTEXT
from service.iris import BASE, DESCRIPTION, ONTOLOGY, SSSOM, TITLE, VOID
from service.library import Library
from service.names import Names
from service.release import GRAPHS, Release, graph_iri, open_store

from ..system.server import Server

pytestmark = pytest.mark.slow

TYPES = {
    "html": "text/html",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "json": "application/json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}
READERS = {
    "ttl": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
}
SORTS = frozenset(
    (
        *("id", "claim", "passage", "tension", "question", "source", "section"),
        *("schema", "mapping", "graph", "ontology"),
    )
)
"""Sorts of documents by the first segment of their IRIs; sections count as sources."""


class Web:
    """A client with a persistent connection."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
        """Send a request; ``_`` in a header's name stands for a hyphen."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, headers=fields)
        response = self.connection.getresponse()
        return response, response.read()

    def get(self, path: str, **headers: str) -> bytes:
        """Return the body of a document that must exist."""
        response, body = self.ask(path, **headers)
        assert response.status == 200, (path, response.status)
        return body


@pytest.fixture(scope="module")
def web(served: Server) -> Iterator[Web]:
    client = Web(served.port)
    yield client
    client.connection.close()


@pytest.fixture(scope="module")
def library(real_release: Release) -> Library:
    return Library(open_store(real_release), Names(real_release.manifest.prefixes))


class _Embedded(HTMLParser):
    """Finds the text of ``<script type="application/ld+json" id="data">``."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = False
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        opening = {("type", "application/ld+json"), ("id", "data")}
        self.inside = tag == "script" and opening <= set(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data if self.inside else ""

    def handle_endtag(self, tag: str) -> None:
        self.inside = False


def embedded(page: bytes) -> dict[str, Any]:
    """Return the JSON-LD that a page embeds."""
    parser = _Embedded()
    parser.feed(page.decode())
    value: dict[str, Any] = json.loads(parser.text)
    return value


def triples(data: bytes, kind: ox.RdfFormat) -> ox.Dataset:
    """Return the triples with canonical blank nodes (RDFC-1.0)."""
    dataset = ox.Dataset(ox.parse(data, format=kind))
    if any(isinstance(node, ox.BlankNode) for q in dataset for node in (q.subject, q.object)):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def differences(web: Web, iri: str) -> Iterator[str]:
    """Yield the formats of a document whose triples differ from its N-Triples."""
    path = "/doc/" + iri.removeprefix(BASE)
    datasets = {s: triples(web.get(f"{path}.{s}"), kind) for s, kind in READERS.items()}
    card, inside = json.loads(web.get(f"{path}.json")), embedded(web.get(f"{path}.html"))
    assert inside.pop("@context") == CONTEXT["@context"], iri
    assert inside.items() <= card.items(), iri
    query = urlencode({"query": f"DESCRIBE <{iri}>"})
    described = web.get(f"/sparql?{query}", Accept="application/n-triples")
    datasets["DESCRIBE"] = triples(described, ox.RdfFormat.N_TRIPLES)
    assert len(datasets["nt"]) > 2, iri
    for name, dataset in datasets.items():
        if dataset != datasets["nt"]:
            yield f"{iri}: {name}"


def test_every_term_has_the_same_triples_in_every_format(web: Web, library: Library) -> None:
    assert len(library.terms) > 200
    assert [fault for iri in library.terms for fault in differences(web, iri)] == []


def test_every_other_document_has_the_same_triples_in_every_format(
    web: Web, library: Library
) -> None:
    """Claims, passages, sections, tensions, questions, schema, mapping sets, graphs."""
    others = [
        iri
        for iri in library.documents
        if iri not in library.terms and not iri.startswith(ONTOLOGY)
    ]
    assert len(others) > 1000
    assert [fault for iri in others for fault in differences(web, iri)] == []


def test_every_literal_has_one_form(web: Web) -> None:
    """The forms are the same in the dataset, in results, and in descriptions of mappings."""
    dataset = {q.triple for q in ox.parse(web.get("/downloads/dataset.nq"), ox.RdfFormat.N_QUADS)}
    literals = {t.object for t in dataset if isinstance(t.object, ox.Literal)}
    rows = {t.subject for t in dataset if t.predicate.value == SSSOM + "confidence"}
    assert len(rows) > 1000
    for form in ("CONSTRUCT { ?s ?p ?o }", "DESCRIBE ?s"):
        query = urlencode({"query": f"{form} WHERE {{ ?s ?p ?o FILTER ISLITERAL(?o) }}"})
        answer = web.get(f"/sparql?{query}", Accept="application/n-triples")
        triples = {q.triple for q in ox.parse(answer, ox.RdfFormat.N_TRIPLES)}
        assert {t.object for t in triples if isinstance(t.object, ox.Literal)} == literals, form
        assert {t for t in triples if t.subject in rows} <= dataset


def test_the_ontology_is_whole_in_every_format(web: Web, real_release: Release) -> None:
    """Its IRI and its version IRI return all of it, as editors and reasoners expect."""
    store = open_store(real_release)
    graph = ox.NamedNode(BASE + "graph/ontology")
    whole = len(list(store.quads_for_pattern(None, None, None, graph)))
    for path in ("/doc/ontology", f"/doc/ontology/{real_release.manifest.version}"):
        for suffix, kind in READERS.items():
            data = web.get(f"{path}.{suffix}")
            assert len(list(ox.parse(data, format=kind))) == whole, (path, suffix)


@pytest.mark.parametrize("path", ["/.well-known/void", "/sparql"])
def test_each_graph_has_a_title_and_a_description(web: Web, path: str) -> None:
    """VoID has them, and the service description with the number of triples."""
    store = ox.Store()
    store.load(web.get(path, Accept="text/turtle"), ox.RdfFormat.TURTLE)
    properties = (TITLE, DESCRIPTION, VOID + "triples")
    for name in GRAPHS:
        graph = ox.NamedNode(graph_iri(name))
        predicates = {
            quad.predicate.value for quad in store.quads_for_pattern(graph, None, None, None)
        }
        assert predicates.issuperset(properties), name


# -- header fields -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one_of_each(library: Library) -> dict[str, str]:
    """The path of one document of each sort."""
    sorts: dict[str, str] = {}
    for iri in (*library.documents, ONTOLOGY):
        local = iri.removeprefix(BASE)
        sorts.setdefault(local.partition("/")[0], f"/doc/{local}")
    sorts["section"] = "/doc/" + next(iter(library.sections)).removeprefix(BASE)
    return sorts


def test_the_release_has_every_sort_of_document(one_of_each: dict[str, str]) -> None:
    assert one_of_each.keys() >= SORTS


def test_every_sort_of_document_is_negotiated(web: Web, one_of_each: dict[str, str]) -> None:
    for path in one_of_each.values():
        for suffix, media_type in TYPES.items():
            response, body = web.ask(path, Accept=media_type)
            document = (path, suffix)
            assert response.status == 200, document
            assert response.headers.get_content_type() == media_type, document
            assert "Accept" in varies(response), document
            assert response.headers["Content-Location"] == f"{path}.{suffix}", document
            assert body == web.get(f"{path}.{suffix}"), document


def test_the_iri_of_each_document_answers_303(web: Web, one_of_each: dict[str, str]) -> None:
    for space, path in one_of_each.items():
        if space not in SORTS:
            continue  # the IRIs of the endpoint and the downloads do not redirect
        response, _ = web.ask(path.removeprefix("/doc"), Accept="text/html")
        assert (response.status, response.headers["Location"]) == (303, path)


def test_each_document_has_an_entity_tag_that_saves_the_body(
    web: Web, one_of_each: dict[str, str]
) -> None:
    for path in one_of_each.values():
        tags = set()
        for suffix in TYPES:
            first, _ = web.ask(f"{path}.{suffix}")
            tag = first.headers["ETag"]
            again, body = web.ask(f"{path}.{suffix}", If_None_Match=tag)
            assert (again.status, body) == (304, b""), (path, suffix)
            assert again.headers["ETag"] == tag
            stale, _ = web.ask(f"{path}.{suffix}", If_None_Match='"another"')
            assert stale.status == 200
            tags.add(tag)
        assert len(tags) == len(TYPES), path


def test_head_is_get_without_a_body(web: Web, one_of_each: dict[str, str]) -> None:
    names = ("Content-Type", "Content-Length", "ETag", "Vary", "Link", "Content-Location")
    for path in one_of_each.values():
        for address in (path, *(f"{path}.{suffix}" for suffix in TYPES)):
            get, _ = web.ask(address)
            head, body = web.ask(address, "HEAD")
            assert (head.status, body) == (200, b""), address
            for name in names:
                assert head.headers[name] == get.headers[name], (address, name)


def test_each_document_links_to_its_other_formats_its_data_and_its_licence(
    web: Web, one_of_each: dict[str, str]
) -> None:
    for path in one_of_each.values():
        for suffix in TYPES:
            response, _ = web.ask(f"{path}.{suffix}", "HEAD")
            links = relations(response.headers["Link"])
            others = {f"{path}.{other}" for other in formats_of(path) if other != suffix}
            # PyLD cannot load a document with several such links by its address.
            expected = set() if suffix in ("json", "jsonld") else others
            assert set(links.get("alternate", ())) == expected, (path, suffix)
            assert links["describedby"] == [f"{path}.ttl"]
            assert links["license"] == ["https://creativecommons.org/licenses/by/4.0/"]


def test_a_format_that_is_not_on_offer_is_refused_with_the_offers(
    web: Web, one_of_each: dict[str, str]
) -> None:
    for path in one_of_each.values():
        response, body = web.ask(path, Accept="image/png")
        assert response.status == 406, path
        assert set(json.loads(body)["offers"]) == set(formats_of(path).values())
        assert "Accept" in varies(response)
        suffixed, _ = web.ask(f"{path}.ttl", Accept="image/png")
        assert suffixed.status == 200, "a suffix is an address of its own and is not negotiated"


def formats_of(path: str) -> dict[str, str]:
    """Return the formats of a document; answers and mapping sets also come as tables."""
    tables = {"question": {"csv": "text/csv"}, "mapping": {"tsv": "text/tab-separated-values"}}
    return TYPES | tables.get(path.split("/")[2], {})


def varies(response: HTTPResponse) -> set[str]:
    return {name.strip() for name in response.headers.get("Vary", "").split(",")}


def relations(header: str) -> dict[str, list[str]]:
    """Return the targets in a ``Link`` header (RFC 8288) by their relation."""
    targets = defaultdict(list)
    for link in header.split(", "):
        target, _, parameters = link.partition(">")
        relation = parameters.partition('rel="')[2].partition('"')[0]
        targets[relation].append(target.removeprefix("<"))
    return targets
