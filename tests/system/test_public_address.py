"""A service at a public address: below a path of a shared host, behind a proxy."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from service.release import Release

from .server import Server, running

BASE = "/cdmo"
PUBLIC = f"https://kb_1.example.org{BASE}"
LINK = re.compile(r'\s(?:href|src|action|formaction)="([^"]*)"')
FROM_ROOT = re.compile(r'="(/(?!/)[^"]*)"')
MANY = re.compile(r"[?]|/(?:doc|id|resource)/|[.](?:ttl|jsonld|json|nt|rdf|csv|tsv|xlsx|zip|gz)$")
"""Addresses of data, or of sorts with very many pages: some of each sort are requested."""


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path, public_url=PUBLIC) as running_server:
        yield running_server


def page(server: Server, path: str) -> tuple[int, str]:
    response, body = server.ask("GET", path, Accept="text/html")
    return response.status, body.decode() if "html" in response.headers["Content-Type"] else ""


def test_every_link_of_a_page_stays_below_the_path_and_leads_somewhere(server: Server) -> None:
    seen, todo, sampled = {f"{BASE}/"}, [f"{BASE}/"], 0
    while todo:
        path = todo.pop()
        status, text = page(server, path)
        assert status in {200, 303, 308}, path
        assert all(value.startswith(f"{BASE}/") for value in FROM_ROOT.findall(text)), path
        for link in LINK.findall(text):
            parts = urlsplit(
                urldefrag(urljoin(f"http://host{path}", link.replace("&amp;", "&")))[0]
            )
            if parts.netloc != "host":
                continue
            assert parts.path.startswith(f"{BASE}/"), (path, link)
            local = parts.path + (f"?{parts.query}" if parts.query else "")
            if local not in seen and (not MANY.search(local) or (sampled := sampled + 1) < 60):
                seen.add(local)
                todo.append(local)
    assert len(seen) > 60


def test_a_proxy_may_strip_the_path_or_leave_it(server: Server) -> None:
    for path in ("/terms", "/no-such-page"):
        assert page(server, path) == page(server, BASE + path)
    response, _ = server.ask("GET", BASE)
    assert (response.status, response.headers["Location"]) == (308, f"{BASE}/")
    assert page(server, "/cdmology")[0] == 404


def test_redirects_and_links_in_header_fields_have_the_path(server: Server) -> None:
    response, _ = server.ask("GET", f"{BASE}/id/CDMO_0000001", Accept="text/turtle")
    document = response.headers["Location"]
    assert (response.status, document) == (303, f"{BASE}/doc/id/CDMO_0000001")
    response, _ = server.ask("GET", document, Accept="text/turtle")
    assert response.status == 200
    targets = re.findall(r"<([^>]*)>", response.headers["Link"])
    assert targets
    assert all(t.startswith((f"{BASE}/", "http")) for t in targets)


def test_descriptions_of_the_service_name_its_public_address(server: Server) -> None:
    _, description = server.ask("GET", f"{BASE}/sparql", Accept="application/n-triples")
    assert f"<{PUBLIC}/sparql>".encode() in description
    _, openapi = server.ask("GET", f"{BASE}/openapi.json")
    assert json.loads(openapi)["servers"][0]["url"] == PUBLIC
    _, sitemap = server.ask("GET", f"{BASE}/sitemap.xml")
    assert re.findall(rb"<loc>([^<]*)", sitemap)[0].startswith(PUBLIC.encode())


def test_a_problem_names_its_kind_below_the_path(server: Server) -> None:
    for target in (f"{BASE}/no-such-page", f"{BASE}/sparql?query=nonsense"):
        _, body = server.ask("GET", target, Accept="application/problem+json")
        problem = json.loads(body)
        assert problem["type"].startswith(f"{BASE}/problems/")
        assert problem["instance"] == target.partition("?")[0]
        assert page(server, problem["type"])[0] == 200
