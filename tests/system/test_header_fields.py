"""The header fields of all responses: each route, with each method and several ``Accept`` fields.

The routes are read from the application, so that none is left out. Requests go over a real
socket, so that the server's own fields are included.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, RemoteDisconnected
from urllib.parse import quote

import pytest
from werkzeug.routing import Rule

from service.endpoint import Endpoint
from service.engine.pool import Pool
from service.release import Release
from service.settings import Settings
from service.site.application import create_app

from .server import Server, running

IRI = quote("https://w3id.org/cdmo/id/CDMO_0000001", safe="")
ROWS = "/sparql?query=" + quote("SELECT * { ?s ?p ?o } LIMIT 3")
MANY = "/sparql?query=" + quote("SELECT * { ?s ?p ?o } LIMIT 300")
TARGETS: dict[str, list[str]] = {
    "static": ["/static/site.css", "/static/nothing"],
    "linked_data.resource": [
        *("/id/CDMO_0000001", "/claim/0000001", "/id/nothing"),
        *("/ontology", "/ontology/0.0.1", "/ontology/nothing"),
    ],
    "linked_data.parent": ["/id/", "/claim/?standing=hedged", "/graph/", "/doc/schema/"],
    "linked_data.document": ["/doc/id/CDMO_0000001", "/doc/id/CDMO_0000001.ttl", "/doc/id/nothing"],
    "home.home": ["/"],
    "about.about": ["/about"],
    "api.page": ["/api/"],
    "about.recipes": ["/recipes/"],
    "api.description": ["/openapi.json"],
    "api.catalog": ["/.well-known/api-catalog"],
    "api.language_models": ["/llms.txt"],
    "browse.kinds": ["/browse/"],
    "browse.kind": ["/browse/conditions", "/browse/nothing"],
    "find.terms": ["/terms/", "/terms.json", "/terms/?kind=Intervention"],
    "lists.statements": [
        *("/statements/", "/statements.json", "/statements.csv?limit=1", "/statements.zip"),
        "/statements/?nothing=1",
    ],
    "lists.passages": ["/passages/", "/passages.jsonl"],
    "lists.questions": ["/questions/"],
    "lists.sources": ["/sources/"],
    "disagreements.tensions": ["/tensions/", "/tensions/?term=washing"],
    "lists.mappings": ["/mappings/"],
    "matrix.matrix": ["/matrix/"],
    "browse.diagnosis": ["/diagnosis/"],
    "comparison.compare": ["/compare"],
    "find.search": ["/search", "/search?q=skin"],
    "find.search_json": ["/search.json?q=skin", "/search.json?x=1"],
    "find.suggest": ["/suggest", "/suggest?q=sk"],
    "resources.resource": ["/resource?iri=http://e.org/x"],
    "reconcile.service": ["/reconcile", "/reconcile?queries=x"],
    "reconcile.suggest": ["/reconcile/suggest/entity?prefix=sk"],
    "reconcile.properties": ["/reconcile/properties?type=Condition"],
    "reconcile.preview": ["/reconcile/preview?id=CDMO:0000001"],
    "reconcile.view": ["/reconcile/view?id=CDMO:0000001"],
    "editor.vocabulary": ["/query/vocabulary"],
    "editor.examples": ["/query/examples"],
    "editor.names": ["/query/names"],
    "editor.code": ["/query/code"],
    "editor.why_empty": ["/query/hints"],
    "about.changes": ["/changes"],
    "downloads.downloads": ["/downloads"],
    "downloads.download": ["/downloads/ontology.ttl", "/downloads/nothing"],
    "problems.index": ["/problems/"],
    "problems.problem": ["/problems/query-timeout", "/problems/nothing"],
    "find.opensearch": ["/opensearch.xml"],
    "api.robots": ["/robots.txt"],
    "api.sitemap": ["/sitemap.xml"],
    "query.query": ["/query", "/query?query=" + quote("SELECT * {} LIMIT 1"), "/query?query=SELEC"],
    "self_description.endpoint": [
        "/sparql",
        ROWS,
        MANY,
        "/sparql?query=SELEC",
        "/sparql?default-graph-uri=x",
    ],
    "linked_data.context": ["/context.jsonld"],
    "self_description.void": ["/.well-known/void"],
}
"""Targets for each route, of existing and of missing resources."""

ACCEPTS = ("*/*", "text/html", "text/turtle", "application/json", "text/plain", "image/png", "")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "QUERY", "TRACE", "PROPFIND")
PER_RESPONSE = frozenset({"date", "server-timing", "x-query-id"})
PER_CONNECTION = frozenset({"connection", "transfer-encoding", "server"})


@dataclass(frozen=True)
class Response:
    """A response; its field names are in lower case."""

    status: int
    fields: dict[str, str]
    body: bytes

    def members(self, field: str) -> set[str]:
        """Return the members of a list-valued field."""
        return {m.strip() for m in self.fields.get(field, "").split(",") if m.strip()}


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path) as server:
        yield server
        connection_to(server.port).close()


@pytest.fixture(scope="module")
def rules(small_release: Release) -> dict[str, list[Rule]]:
    """The rules of each route of the application."""
    endpoint = Endpoint(small_release, Pool(small_release, Settings()))  # it is never started
    app = create_app(Settings(), small_release, endpoint)
    rules: dict[str, list[Rule]] = {}
    for rule in app.url_map.iter_rules():
        rules.setdefault(rule.endpoint, []).append(rule)
    return rules


def ask(server: Server, method: str, target: str, **fields: str) -> Response:
    """Send a request on a persistent connection; ``_`` in a field name stands for a hyphen."""
    connection = connection_to(server.port)
    names = {name.replace("_", "-"): value for name, value in fields.items()}
    connection.request(method, target, headers=names)
    try:
        response = connection.getresponse()
    except RemoteDisconnected:  # the server closed it after the last response (RFC 9112 §9.3.1)
        connection.close()
        connection.request(method, target, headers=names)
        response = connection.getresponse()
    lower = [name.lower() for name, _ in response.getheaders()]
    assert len(lower) == len({*lower}), f"a field comes twice: {sorted(lower)}"
    by_name = {name.lower(): value for name, value in response.getheaders()}
    return Response(response.status, by_name, response.read())


@cache
def connection_to(port: int) -> HTTPConnection:
    return HTTPConnection("127.0.0.1", port, timeout=30)


def check_fields(response: Response, method: str = "GET") -> None:
    """Check the fields that every response must have."""
    fields = response.fields
    assert fields.get("access-control-allow-origin") == "*"
    if method == "OPTIONS" and response.status < 400:  # no content
        return
    assert "server-timing" in fields
    assert "date" in fields
    assert fields.get("x-content-type-options") == "nosniff"
    assert fields.get("referrer-policy") == "no-referrer"
    policy = fields.get("content-security-policy", "")
    assert "default-src 'self'" in policy or "default-src 'none'" in policy
    # Reconciliation tools show the preview of a term in a frame.
    assert "frame-ancestors 'none'" in policy or "frame-ancestors *" in policy
    assert "access-control-expose-headers" in fields
    if response.body:
        assert fields.get("content-type")
    if response.status >= 400:
        assert fields.get("cache-control") == "no-store"
    elif response.status != 204:
        assert fields.get("cache-control")


each_target = pytest.mark.parametrize(
    ("endpoint", "target"),
    [
        pytest.param(endpoint, target, id=target[-50:])
        for endpoint, targets in TARGETS.items()
        for target in targets
    ],
)


def methods(rules: dict[str, list[Rule]], endpoint: str) -> set[str]:
    return {method for rule in rules[endpoint] for method in rule.methods or ()}


def test_every_route_is_tested(rules: dict[str, list[Rule]]) -> None:
    assert rules.keys() == TARGETS.keys()


@each_target
def test_every_response_has_the_common_fields(server: Server, endpoint: str, target: str) -> None:
    for method in (*METHODS, "OPTIONS"):
        for accept in ACCEPTS if method in {"GET", "HEAD"} else ACCEPTS[:2]:
            response = ask(server, method, target, Accept=accept, Origin="https://e.org")
            assert response.status < 500, (method, accept)
            try:
                check_fields(response, method)
            except AssertionError as error:
                raise AssertionError(f"{method} {target} ({accept}): {response}") from error


@each_target
def test_another_method_is_refused_with_a_list_of_those_allowed(
    server: Server, rules: dict[str, list[Rule]], endpoint: str, target: str
) -> None:
    known = methods(rules, endpoint)
    for method in METHODS:
        if method not in known:
            response = ask(server, method, target, Accept="application/json")
            assert response.status == 405, method
            assert response.members("allow") == known, method
    response = ask(server, "OPTIONS", target, Origin="https://e.org")
    assert response.status in {200, 204}
    assert response.members("allow") == known
    assert response.body == b""


@each_target
def test_a_preflight_request_is_allowed(server: Server, endpoint: str, target: str) -> None:
    """CORS (Fetch §4.8): scripts of other sites may read every resource."""
    response = ask(
        server,
        "OPTIONS",
        target,
        Origin="https://e.org",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="content-type, if-none-match",
    )
    assert response.status in {200, 204}
    assert {"GET", "POST", "DELETE"} <= response.members("access-control-allow-methods")
    # The star means all others, such as traceparent and Accept-Profile.
    allowed = {"*", "Authorization", "Content-Type", "If-None-Match"}
    assert allowed <= response.members("access-control-allow-headers")


@each_target
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_head_has_the_fields_of_get(
    server: Server, rules: dict[str, list[Rule]], endpoint: str, target: str, accept: str
) -> None:
    if "GET" not in methods(rules, endpoint):
        return
    get = ask(server, "GET", target, Accept=accept)
    head = ask(server, "HEAD", target, Accept=accept)
    assert head.status == get.status
    assert head.body == b""
    for response in (get, head):  # the length may be left out, but not differ
        length = response.fields.pop("content-length", None)
        assert length in {None, str(len(get.body))}
    common = [
        {k: v for k, v in response.fields.items() if k not in PER_RESPONSE | PER_CONNECTION}
        for response in (get, head)
    ]
    assert common[0] == common[1]


@each_target
def test_a_response_that_depends_on_a_field_varies_by_it(
    server: Server, rules: dict[str, list[Rule]], endpoint: str, target: str
) -> None:
    if "GET" not in methods(rules, endpoint):
        return
    responses = [ask(server, "GET", target, Accept=accept) for accept in ACCEPTS]
    kinds = {(r.status, r.fields.get("content-type"), r.fields.get("location")) for r in responses}
    if len(kinds) > 1:
        for response in responses:
            assert "Accept" in response.members("vary"), response
    plain = ask(server, "GET", target)
    packed = ask(server, "GET", target, Accept_Encoding="gzip")
    if "content-encoding" in packed.fields:
        assert packed.fields["content-encoding"] == "gzip"
        assert "Accept-Encoding" in packed.members("vary")
        assert "Accept-Encoding" in plain.members("vary")
        tags = plain.fields.get("etag"), packed.fields.get("etag")
        assert tags[0] is None or tags[0].startswith("W/") or tags[0] != tags[1]


@each_target
def test_304_has_the_fields_of_200(
    server: Server, rules: dict[str, list[Rule]], endpoint: str, target: str
) -> None:
    """RFC 9110 §15.4.5."""
    first = ask(server, "GET", target, Accept="*/*")
    if "etag" not in first.fields:
        return
    second = ask(server, "GET", target, Accept="*/*", If_None_Match=first.fields["etag"])
    assert (second.status, second.body) == (304, b"")
    for name in ("etag", "cache-control", "vary", "access-control-allow-origin"):
        assert second.fields.get(name) == first.fields.get(name), name


PROBLEMS_OF_PAGES: list[tuple[str, str, dict[str, str], int]] = [
    ("GET", "/nowhere", {}, 404),
    ("GET", "/id/%00", {}, 404),
    ("GET", "/id/%zz%ff", {}, 404),
    ("GET", "/doc/id/CDMO_0000001", {"Accept": "image/png"}, 406),
    ("GET", "/.well-known/void", {"Accept": "image/png"}, 406),
]
PROBLEMS_OF_THE_SERVER: list[tuple[str, str, dict[str, str], int]] = [
    ("GET", "//id/CDMO_0000001", {}, 404),
    ("GET", ROWS, {"Accept": "image/png"}, 406),
    ("POST", "/sparql", {"Content-Type": "text/csv"}, 415),
    ("POST", "/sparql", {"Content-Length": "99999999"}, 413),
    ("GET", "/", {"Accept": "x" * 20_000}, 431),
    ("GET", "/sparql?query=SELECT*FROM%3Cx%3E%7B%7D", {}, 403),
    ("GET", "/sparql?query=%FF", {}, 400),
    ("PUT", "/sparql", {}, 405),
    ("BREW", "/sparql", {}, 405),
]
"""Problems that are raised outside the Flask application."""

each_problem = pytest.mark.parametrize(
    ("method", "target", "fields", "status"), [*PROBLEMS_OF_PAGES, *PROBLEMS_OF_THE_SERVER]
)


@each_problem
def test_a_problem_has_the_common_fields(
    server: Server, method: str, target: str, fields: dict[str, str], status: int
) -> None:
    response = ask(server, method, target, **{"Accept": "*/*", **fields})
    assert response.status == status, response
    assert "Accept" in response.members("vary")
    check_fields(response)


@each_problem
def test_a_problem_shown_as_a_page_has_the_common_fields(
    server: Server, method: str, target: str, fields: dict[str, str], status: int
) -> None:
    page = "text/html, */*;q=0.1"  # with no acceptable format, a query is refused before it runs
    of_server = (method, target, fields, status) in PROBLEMS_OF_THE_SERVER
    accept = page if of_server and status not in {406, 431} else fields.get("Accept", page)
    response = ask(server, method, target, **{**fields, "Accept": accept})
    assert response.status == status, response
    check_fields(response)


def test_the_server_as_a_whole_has_options(server: Server) -> None:
    response = ask(server, "OPTIONS", "*")
    assert response.status == 204
    assert "QUERY" in response.members("allow")
    assert response.fields["access-control-allow-origin"] == "*"


PROXIED = {"Host": "kb.example.org", "Accept": "application/n-triples", "X_Forwarded_For": "::2"}


@pytest.mark.parametrize("scheme", ["http", "https", "gopher"])
def test_behind_a_tls_proxy_the_endpoint_names_itself_by_https(server: Server, scheme: str) -> None:
    """A kept answer for one scheme is not sent for the other."""
    response = ask(server, "GET", "/sparql", X_Forwarded_Proto=scheme, **PROXIED)
    expected = scheme if scheme == "https" else "http"
    assert f"<{expected}://kb.example.org/sparql>".encode() in response.body


def test_fields_of_an_untrusted_proxy_are_ignored(small_release: Release) -> None:
    with running(small_release.path, trusted_proxies="192.0.2.0/24") as server:
        response = ask(server, "GET", "/sparql", X_Forwarded_Proto="https", **PROXIED)
        assert b"<http://kb.example.org/sparql>" in response.body
