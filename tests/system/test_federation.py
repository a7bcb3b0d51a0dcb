"""``SERVICE`` calls only the endpoints that the operator allows.

The endpoint under test may call a second one (``peer``) and a server that records its requests
(``allowed``), but not another such server (``forbidden``).
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from service.pipeline.foreign import load
from service.release import Release

from .server import Server, running

PEER = b"""\
<http://e.org/a> <http://e.org/knows> <http://e.org/b> .
<http://e.org/c> <http://e.org/knows> <http://e.org/d> .
"""
OURS = b"""\
<http://e.org/a> <http://www.w3.org/2000/01/rdf-schema#label> "A" .
<http://e.org/b> <http://www.w3.org/2000/01/rdf-schema#label> "B" .
"""
REDIRECTS = (301, 302, 303, 307, 308)
RESULT = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"literal","value":"s"}}]}}'

NONSENSE = {
    "html": b"<html>Welcome</html>",
    "nothing": b"",
    "object": b"{}",
    "array": b"[]",
    "boolean": b'{"head":{},"boolean":true}',
    "binary": bytes(range(256)),
    "half": RESULT[:-20],
    "iri": RESULT.replace(b"literal", b"uri").replace(b':"s"}', b':"no iri"}'),
    "type": RESULT.replace(b"literal", b"thing"),
    "variable": RESULT.replace(b'["s"]', b'["t"]'),
}
"""Responses of an endpoint that are no results, by name."""


@dataclass
class Recorder:
    """An HTTP server that records every connection and the path of every request.

    ``/elsewhere…`` redirects to another port, ``/silent`` never responds, ``/broken`` fails,
    ``/nonsense-…`` sends no result.
    """

    port: int
    log: list[str] = field(default_factory=list)
    redirect_port: int = 0

    def url(self, path: str = "/sparql") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def recorder() -> Iterator[Recorder]:
    end = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.log.append(self.path)
            body = NONSENSE.get(self.path.removeprefix("/nonsense-"), RESULT)
            if self.path.startswith("/elsewhere"):
                self.send_response(int(self.path[-3:]))
                self.send_header("Location", f"http://127.0.0.1:{server.redirect_port}/sparql")
                body = b""
            elif self.path == "/broken":
                self.send_response(500)
            else:
                if self.path == "/silent":
                    end.wait(60)
                self.send_response(200)
            self.send_header("Content-Type", "application/sparql-results+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the name is the library's

        def log_message(self, *_: object) -> None:
            pass

    class Listener(ThreadingHTTPServer):
        def get_request(self) -> tuple[socket.socket, object]:
            server.log.append("connection")
            return super().get_request()

        def handle_error(self, *_: object) -> None:
            pass  # a client may close its connection

    with Listener(("127.0.0.1", 0), Handler) as listener:
        server = Recorder(listener.server_port)
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            end.set()
            listener.shutdown()
            thread.join()


def release_of(folder: Path, name: str, content: bytes) -> Release:
    """Return a release with the data of one file."""
    file = folder / name
    file.write_bytes(content)
    target = folder / f"{name}-release"
    target.mkdir()
    return load({f"urn:file:{name}": file}, target)


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(release_of(tmp_path_factory.mktemp("peer"), "peer.nt", PEER).path) as server:
        yield server


@pytest.fixture(scope="module")
def allowed_server() -> Iterator[Recorder]:
    with recorder() as server:
        yield server


@pytest.fixture(scope="module")
def forbidden_server() -> Iterator[Recorder]:
    with recorder() as server:
        yield server


@pytest.fixture
def allowed(allowed_server: Recorder) -> Recorder:
    """A server that queries may call."""
    allowed_server.log.clear()
    return allowed_server


@pytest.fixture
def forbidden(forbidden_server: Recorder, allowed: Recorder) -> Iterator[Recorder]:
    """A server that queries may not call; no request may reach it."""
    forbidden_server.log.clear()
    allowed.redirect_port = forbidden_server.port
    yield forbidden_server
    assert forbidden_server.log == []


@pytest.fixture(scope="module")
def endpoint(
    tmp_path_factory: pytest.TempPathFactory, peer: Server, allowed_server: Recorder
) -> Iterator[Server]:
    paths = ["/sparql", "/silent", "/broken", *(f"/elsewhere-{status}" for status in REDIRECTS)]
    paths += [f"/nonsense-{name}" for name in NONSENSE]
    addresses = [peer.url, *map(allowed_server.url, paths)]
    release = release_of(tmp_path_factory.mktemp("ours"), "ours.nt", OURS)
    with running(release.path, service_allowed="  ".join(addresses), query_seconds="3") as server:
        yield server


@pytest.fixture(scope="module")
def without_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An endpoint with the same data that may call no other."""
    with running(release_of(tmp_path_factory.mktemp("closed"), "ours.nt", OURS).path) as server:
        yield server


JOIN = """\
SELECT ?from ?to {
  ?a <http://www.w3.org/2000/01/rdf-schema#label> ?from .
  SERVICE %s { ?a <http://e.org/knows> ?b }
  ?b <http://www.w3.org/2000/01/rdf-schema#label> ?to .
}"""


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("", "<URL>"),
        ("", "SILENT <URL>"),
        ("PREFIX peer: <ROOT>", "peer:sparql"),
        ("PREFIX service: <ROOT>", "service:sparql"),
        ("BASE <ROOTdoc/x>", "<../sparql>"),
    ],
)
def test_the_result_of_an_allowed_endpoint_is_joined(
    endpoint: Server, peer: Server, before: str, name: str
) -> None:
    query = f"{before} {JOIN % name}"
    query = query.replace("URL", peer.url).replace("ROOT", peer.url.removesuffix("sparql"))
    response, body = endpoint.get(query, "text/csv")
    assert response.status == 200, body
    assert body.split() == [b"from,to", b"A,B"]
    # The result may change.
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


CALLS = [
    "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <URL> { ?s ?p ?o } }",
    "PREFIX x: <ROOT> SELECT * { SERVICE x:sparql { ?s ?p ?o } }",
    "PREFIX x: <GOOD> PREFIXx:<ROOT> SELECT * { SERVICE x:sparql { ?s ?p ?o } }",
    "PREFIX x: <ROOT> SELECT * { SERVICEx:sparql { ?s ?p ?o } }",
    "PREFIX SILENTx: <GOOD> PREFIX x: <ROOT> SELECT * { SERVICE SILENTx:sparql { ?s ?p ?o } }",
    "BASE <ROOT> SELECT * { SERVICE <sparql> { ?s ?p ?o } }",
    "BASE <GOOD> BASE<ROOT> SELECT * { SERVICE <sparql> { ?s ?p ?o } }",
    "SELECT * { { SELECT ?s { OPTIONAL { SERVICE <URL> { ?s ?p ?o } } } } }",
    "SELECT * { ?a ?b ?c FILTER EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * { VALUES ?x { <URL> } SERVICE ?x { ?s ?p ?o } }",
    "SELECT * { BIND(<URL> AS ?x) SERVICE SILENT $x { ?s ?p ?o } }",
    "SELECT * { SERVICE <OKAY> { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * { SERVICE <OKAY> { ?s ?p ?o } SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { BIND(1<'>' AS ?z) SERVICE <URL> { ?a ?b ?c } BIND('' AS ?y) }",
    "SELECT * { VALUES ?z { '''#' } SERVICE <URL> { ?a ?b ?c } }",
    "SELECT * { FILTER(1<2)SERVICE#>\n<URL> { ?s ?p ?o } }",
    r"SELECT * { \u0053ERVICE <URL> { ?s ?p ?o } }",
    "CONSTRUCT { ?s ?p ?o } { SERVICE <URL> { ?s ?p ?o } }",
    "ASK { SERVICE <URL> { ?s ?p ?o } }",
    "DESCRIBE ?s { SERVICE <URL> { ?s ?p ?o } }",
]


def with_addresses(query: str, forbidden: Recorder, allowed: Recorder) -> str:
    values = {"URL": forbidden.url(), "ROOT": forbidden.url("/"), "OKAY": allowed.url()}
    for name, value in {**values, "GOOD": allowed.url("/")}.items():
        query = query.replace(name, value)
    return query


@pytest.mark.parametrize("query", CALLS)
def test_a_call_to_another_endpoint_is_refused_before_the_query_runs(
    endpoint: Server, forbidden: Recorder, allowed: Recorder, query: str
) -> None:
    response, body = endpoint.get(with_addresses(query, forbidden, allowed))
    assert response.status == 403, body
    assert json.loads(body)["type"] == "/problems/service-refused"
    assert allowed.log == []


@pytest.mark.parametrize("query", CALLS)
def test_without_the_setting_every_call_is_refused(
    without_services: Server, forbidden: Recorder, allowed: Recorder, query: str
) -> None:
    for target in (query, query.replace("URL", "OKAY").replace("ROOT", "GOOD")):
        response, body = without_services.get(with_addresses(target, forbidden, allowed))
        assert response.status == 403, body
        assert json.loads(body)["type"] == "/problems/service-refused"
    assert allowed.log == []


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url + "/",
        lambda url: url + "2",
        lambda url: url + "?x",
        lambda url: url + "#x",
        lambda url: url.replace("/sparql", "/./sparql"),
        lambda url: url.replace("/sparql", "/%73parql"),
        lambda url: url.replace("//", "//user@"),
        lambda url: url.replace("127.0.0.1", "127.1"),
        lambda url: url.replace("http:", "HTTP:"),
        lambda url: url.removesuffix("sparql"),
        lambda url: url.replace("http://127.0.0.1:", "http://127.0.0.1:0"),
    ],
)
def test_addresses_are_compared_character_by_character(
    endpoint: Server, allowed: Recorder, change: Callable[[str], str]
) -> None:
    response, _ = endpoint.get(f"SELECT * {{ SERVICE <{change(allowed.url())}> {{ ?s ?p ?o }} }}")
    assert response.status == 403
    assert allowed.log == []


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("silent", ["", "SILENT"])
def test_redirects_of_an_allowed_endpoint_are_not_followed(
    endpoint: Server, forbidden: Recorder, allowed: Recorder, status: int, silent: str
) -> None:
    address = allowed.url(f"/elsewhere-{status}")
    response, body = endpoint.get(f"SELECT * {{ SERVICE {silent} <{address}> {{ ?s ?p ?o }} }}")
    assert allowed.log == ["connection", f"/elsewhere-{status}"]
    if silent:
        assert (response.status, json.loads(body)["results"]["bindings"]) == (200, [{}])
    else:
        assert response.status >= 400
    assert forbidden.log == []


def test_the_time_limit_holds_while_an_allowed_endpoint_does_not_respond(
    endpoint: Server, allowed: Recorder
) -> None:
    address = allowed.url("/silent")
    response, body = endpoint.get(f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}", timeout="1")
    assert response.status == 503
    assert json.loads(body)["type"] == "/problems/query-timeout"
    assert endpoint.get("ASK {}")[0].status == 200


def test_a_failure_of_an_allowed_endpoint_is_a_problem_unless_silent(
    endpoint: Server, allowed: Recorder
) -> None:
    query = "SELECT * { SERVICE%s <" + allowed.url("/broken") + "> { ?s ?p ?o } }"
    response, body = endpoint.get(query % "")
    assert response.status >= 400
    assert json.loads(body)["detail"]
    response, body = endpoint.get(query % " SILENT")
    assert (response.status, json.loads(body)["results"]["bindings"]) == (200, [{}])


@pytest.mark.parametrize("name", NONSENSE)
def test_an_answer_that_is_no_result_is_a_bad_gateway(
    endpoint: Server, allowed: Recorder, name: str
) -> None:
    address = allowed.url(f"/nonsense-{name}")
    response, body = endpoint.get(f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}")
    assert response.status == 502, body
    assert json.loads(body)["type"] == "/problems/service-failed"
