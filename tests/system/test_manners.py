"""Every route there is, asked in every way: the header fields that each answer owes its reader.

The routes are the application's own, so that a new one cannot be forgotten; they are asked over
a real socket, where the server's own part is seen too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import quote

import pytest
from werkzeug.routing import Rule

from service.endpoint import Endpoint
from service.engine import Pool
from service.release import Release
from service.settings import Settings
from service.site import create_app

from .server import Server, running

IRI = quote("https://w3id.org/cdmo/id/CDMO_0000001", safe="")
ROWS = "/sparql?query=" + quote("SELECT * { ?s ?p ?o } LIMIT 3")
MANY = "/sparql?query=" + quote("SELECT * { ?s ?p ?o } LIMIT 300")
ADDRESSES: dict[str, list[str]] = {
    "static": ["/static/site.css", "/static/nothing"],
    "linked_data.resource": [
        *("/id/CDMO_0000001", "/claim/0000001", "/id/nothing"),
        *("/ontology", "/ontology/0.0.1", "/ontology/nothing"),
    ],
    "linked_data.document": ["/doc/id/CDMO_0000001", "/doc/id/CDMO_0000001.ttl", "/doc/id/nothing"],
    "home.home": ["/"],
    "about.about": ["/about"],
    "browse.kinds": ["/browse/"],
    "browse.kind": ["/browse/conditions", "/browse/nothing"],
    "statements.statements": ["/statements/"],
    "lists.questions": ["/questions/"],
    "lists.tensions": ["/tensions/"],
    "lists.mappings": ["/mappings/"],
    "comparison.compare": ["/compare"],
    "find.search": ["/search", "/search?q=skin"],
    "find.suggest": ["/suggest", "/suggest?q=sk"],
    "editor.vocabulary": ["/query/vocabulary"],
    "editor.examples": ["/query/examples"],
    "editor.names": ["/query/names"],
    "editor.code": ["/query/code"],
    "neighbours.neighbourhood": ["/neighbours/CDMO_0000001", "/neighbours/nothing"],
    "about.changes": ["/changes"],
    "downloads.downloads": ["/downloads"],
    "downloads.download": ["/downloads/ontology.ttl", "/downloads/nothing"],
    "problems.index": ["/problems/"],
    "problems.problem": ["/problems/query-timeout", "/problems/nothing"],
    "find.opensearch": ["/opensearch.xml"],
    "crawlers.robots": ["/robots.txt"],
    "crawlers.sitemap": ["/sitemap.xml"],
    "query.query": ["/query", "/query?query=" + quote("SELECT * {} LIMIT 1"), "/query?query=SELEC"],
    "self_description.endpoint": [
        "/sparql",
        ROWS,
        MANY,
        "/sparql?query=SELEC",
        "/sparql?default-graph-uri=x",
    ],
    "self_description.void": ["/.well-known/void"],
}
"""For each route, addresses of something and of nothing."""

ACCEPTS = ("*/*", "text/html", "text/turtle", "application/json", "text/plain", "image/png", "")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "QUERY", "TRACE", "PROPFIND")
EACH_TIME = {"date", "server-timing", "x-query-id"}
OF_THE_CONNECTION = {"connection", "transfer-encoding", "server"}


@dataclass(frozen=True)
class Answer:
    """What came back; names of fields in lower case."""

    status: int
    fields: dict[str, str]
    body: bytes

    def names(self, field: str) -> set[str]:
        """Return the members of a field that is a list."""
        return {m.strip() for m in self.fields.get(field, "").split(",") if m.strip()}


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path) as found:
        yield found


@pytest.fixture(scope="module")
def rules(small_release: Release) -> dict[str, list[Rule]]:
    endpoint = Endpoint(small_release, Pool(small_release, Settings()))  # it is never started
    app = create_app(Settings(), small_release, endpoint)
    found: dict[str, list[Rule]] = {}
    for rule in app.url_map.iter_rules():
        found.setdefault(rule.endpoint, []).append(rule)
    return found


def ask(server: Server, method: str, address: str, **fields: str) -> Answer:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        names = {name.replace("_", "-"): value for name, value in fields.items()}
        connection.request(method, address, headers=names)
        response = connection.getresponse()
        lower = [name.lower() for name, _ in response.getheaders()]
        assert len(lower) == len({*lower}), f"a field comes twice: {sorted(lower)}"
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())
    finally:
        connection.close()


def owes(answer: Answer, method: str = "GET") -> None:
    """Hold an answer against what every one of them must have."""
    fields = answer.fields
    assert fields.get("access-control-allow-origin") == "*"
    if method == "OPTIONS" and answer.status < 400:  # nothing to show, to keep or to measure
        return
    assert "server-timing" in fields
    assert fields.get("x-content-type-options") == "nosniff"
    assert fields.get("referrer-policy") == "no-referrer"
    policy = fields.get("content-security-policy", "")
    assert "default-src 'self'" in policy or "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "access-control-expose-headers" in fields
    if answer.body:
        assert fields.get("content-type")
    if answer.status >= 400:
        assert fields.get("cache-control") == "no-store"
    elif answer.status != 204:
        assert fields.get("cache-control"), "how long is it good?"


def addresses() -> list[tuple[str, str]]:
    return [(endpoint, address) for endpoint, found in ADDRESSES.items() for address in found]


each_address = pytest.mark.parametrize(
    ("endpoint", "address"), addresses(), ids=[address[-50:] for _, address in addresses()]
)


def methods(rules: dict[str, list[Rule]], endpoint: str) -> set[str]:
    return {method for rule in rules[endpoint] for method in rule.methods or ()}


def test_every_route_is_here(rules: dict[str, list[Rule]]) -> None:
    assert rules.keys() == ADDRESSES.keys()


@each_address
def test_what_every_answer_has(server: Server, endpoint: str, address: str) -> None:
    """Whatever is asked, in whatever way."""
    for method in (*METHODS, "OPTIONS"):
        for accept in ACCEPTS if method in {"GET", "HEAD"} else ACCEPTS[:2]:
            answer = ask(server, method, address, Accept=accept, Origin="https://e.org")
            assert answer.status < 500, (method, accept)
            if (
                endpoint == "self_description.endpoint"
                and answer.status >= 400
                and accept == "text/html"
            ):
                continue  # see below
            try:
                owes(answer, method)
            except AssertionError as error:
                raise AssertionError(f"{method} {address} ({accept}): {answer}") from error


@each_address
def test_a_method_that_is_not_there_is_refused_with_those_that_are(
    server: Server, rules: dict[str, list[Rule]], endpoint: str, address: str
) -> None:
    known = methods(rules, endpoint)
    for method in METHODS:
        if method in known:
            continue
        answer = ask(server, method, address, Accept="application/json")
        assert answer.status == 405, method
        assert answer.names("allow") == known, method
    answer = ask(server, "OPTIONS", address, Origin="https://e.org")
    assert answer.status in {200, 204}
    assert answer.names("allow") == known
    assert answer.body == b""


@each_address
def test_a_browser_may_ask_first(server: Server, endpoint: str, address: str) -> None:
    """CORS preflight (Fetch §4.8): for every route, for a reader on another site."""
    answer = ask(
        server,
        "OPTIONS",
        address,
        Origin="https://e.org",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="content-type, if-none-match",
    )
    assert answer.status in {200, 204}
    assert {"GET", "POST", "DELETE"} <= answer.names("access-control-allow-methods")
    assert {"Content-Type", "If-None-Match"} <= answer.names("access-control-allow-headers")


@each_address
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_head_says_what_get_says(
    server: Server, rules: dict[str, list[Rule]], endpoint: str, address: str, accept: str
) -> None:
    if "GET" not in methods(rules, endpoint):
        return
    get = ask(server, "GET", address, Accept=accept)
    head = ask(server, "HEAD", address, Accept=accept)
    assert head.status == get.status
    assert head.body == b""
    for answer in (get, head):  # a length may be left out, but not be another one
        length = answer.fields.pop("content-length", None)
        assert length in {None, str(len(get.body))}
    shaping = [
        {k: v for k, v in answer.fields.items() if k not in EACH_TIME | OF_THE_CONNECTION}
        for answer in (get, head)
    ]
    assert shaping[0] == shaping[1]


@each_address
def test_what_differs_by_a_field_of_the_request_varies_by_it(
    server: Server, rules: dict[str, list[Rule]], endpoint: str, address: str
) -> None:
    if "GET" not in methods(rules, endpoint):
        return
    found = {accept: ask(server, "GET", address, Accept=accept) for accept in ACCEPTS}
    seen = {
        (a.status, a.fields.get("content-type"), a.fields.get("location")) for a in found.values()
    }
    if len(seen) > 1:
        for answer in found.values():
            assert "Accept" in answer.names("vary"), answer
    plain = ask(server, "GET", address)
    for coding in ("gzip", "zstd"):
        packed = ask(server, "GET", address, Accept_Encoding=coding)
        if "content-encoding" in packed.fields:
            assert packed.fields["content-encoding"] == coding
            assert "Accept-Encoding" in packed.names("vary")
            assert "Accept-Encoding" in plain.names("vary")
            tags = plain.fields.get("etag"), packed.fields.get("etag")
            assert tags[0] is None or tags[0].startswith("W/") or tags[0] != tags[1]


@each_address
def test_what_is_held_is_not_sent_again(
    server: Server, rules: dict[str, list[Rule]], endpoint: str, address: str
) -> None:
    """A 304 has what its 200 would have (RFC 9110 §15.4.5)."""
    first = ask(server, "GET", address, Accept="*/*")
    if "etag" not in first.fields:
        return
    again = ask(server, "GET", address, Accept="*/*", If_None_Match=first.fields["etag"])
    assert (again.status, again.body) == (304, b"")
    for name in ("etag", "cache-control", "vary", "access-control-allow-origin"):
        assert again.fields.get(name) == first.fields.get(name), name


PROBLEMS: list[tuple[str, str, dict[str, str], int]] = [
    ("GET", "/nowhere", {}, 404),
    ("GET", "/id/%00", {}, 404),
    ("GET", "/id/%zz%ff", {}, 404),
    ("GET", "/doc/id/CDMO_0000001", {"Accept": "image/png"}, 406),
    ("GET", "/.well-known/void", {"Accept": "image/png"}, 406),
]
AT_THE_GATE: list[tuple[str, str, dict[str, str], int]] = [
    ("GET", "//id/CDMO_0000001", {}, 404),
    ("GET", ROWS, {"Accept": "image/png"}, 406),
    ("POST", "/sparql", {"Content-Type": "text/csv"}, 415),
    ("POST", "/sparql", {"Content-Length": "99999999"}, 413),
    ("GET", "/", {"Accept": "x" * 20_000}, 431),
    ("GET", "/sparql?query=SELECT*FROM%3Cx%3E%7B%7D", {}, 403),
    ("GET", "/sparql?query=%FF", {}, 400),
    ("PUT", "/sparql", {}, 405),
    ("BREW", "/", {}, 501),
]
"""Found before the pages are asked."""


@pytest.mark.parametrize(("method", "address", "fields", "status"), [*PROBLEMS, *AT_THE_GATE])
def test_a_problem_has_them_too(
    server: Server, method: str, address: str, fields: dict[str, str], status: int
) -> None:
    answer = ask(server, method, address, **{"Accept": "*/*", **fields})
    assert answer.status == status, answer
    assert "Accept" in answer.names("vary")
    owes(answer)


@pytest.mark.parametrize(("method", "address", "fields", "status"), [*PROBLEMS, *AT_THE_GATE])
def test_the_page_of_a_problem_has_them_too(
    server: Server, method: str, address: str, fields: dict[str, str], status: int
) -> None:
    at_the_gate = (method, address, fields, status) in AT_THE_GATE
    page = "text/html, */*;q=0.1"  # a query is refused before it runs if no format is accepted
    accept = page if at_the_gate and status not in {406, 431} else fields.get("Accept", page)
    answer = ask(server, method, address, **{**fields, "Accept": accept})
    assert answer.status == status, answer
    owes(answer)


def test_the_server_as_a_whole_has_options(server: Server) -> None:
    answer = ask(server, "OPTIONS", "*")
    assert answer.status == 204
    assert "QUERY" in answer.names("allow")
    assert answer.fields["access-control-allow-origin"] == "*"
