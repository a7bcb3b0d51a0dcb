"""``SERVICE`` goes to the endpoints that the operator allows, and to nobody else.

Two servers of ours, of which the first may ask the second, and one that only notes who comes.
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
ANSWER = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"literal","value":"told"}}]}}'


@dataclass
class Witness:
    """An HTTP server that notes every request, and every connection.

    ``/elsewhere…`` leads to another port, ``/silent`` never answers, ``/broken`` fails.
    """

    port: int
    seen: list[str] = field(default_factory=list)
    elsewhere: int = 0

    def url(self, path: str = "/sparql") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def witness() -> Iterator[Witness]:
    leave = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            noted.seen.append(self.path)
            body = ANSWER
            if self.path.startswith("/elsewhere"):
                self.send_response(int(self.path[-3:]))
                self.send_header("Location", f"http://127.0.0.1:{noted.elsewhere}/sparql")
                body = b""
            elif self.path == "/broken":
                self.send_response(500)
            else:
                if self.path == "/silent":
                    leave.wait(60)
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
            noted.seen.append("connection")
            return super().get_request()

        def handle_error(self, *_: object) -> None:
            pass  # the other side is free to hang up

    with Listener(("127.0.0.1", 0), Handler) as server:
        noted = Witness(server.server_port)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield noted
        finally:
            leave.set()
            server.shutdown()
            thread.join()


def data(folder: Path, name: str, content: bytes) -> Release:
    file = folder / name
    file.write_bytes(content)
    room = folder / f"{name}-release"
    room.mkdir()
    return load({f"urn:file:{name}": file}, room)


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(data(tmp_path_factory.mktemp("peer"), "peer.nt", PEER).path) as found:
        yield found


@pytest.fixture(scope="module")
def friend() -> Iterator[Witness]:
    """One whose addresses are allowed."""
    with witness() as found:
        yield found


@pytest.fixture(scope="module")
def _stranger() -> Iterator[Witness]:
    with witness() as found:
        yield found


@pytest.fixture
def stranger(_stranger: Witness, friend: Witness) -> Iterator[Witness]:
    """One who is not allowed, and so must see nobody."""
    _stranger.seen.clear()
    friend.elsewhere = _stranger.port
    yield _stranger
    assert _stranger.seen == []


@pytest.fixture(scope="module")
def ours(
    tmp_path_factory: pytest.TempPathFactory, peer: Server, friend: Witness
) -> Iterator[Server]:
    allowed = [peer.url]
    allowed += [friend.url(p) for p in ("/sparql", "/silent", "/broken")]
    allowed += [friend.url(f"/elsewhere-{status}") for status in (301, 302, 303, 307, 308)]
    release = data(tmp_path_factory.mktemp("ours"), "ours.nt", OURS)
    with running(release.path, service_allowed="  ".join(allowed), query_seconds="3") as found:
        yield found


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same without the setting."""
    with running(data(tmp_path_factory.mktemp("closed"), "ours.nt", OURS).path) as found:
        yield found


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
def test_an_allowed_endpoint_is_asked_and_its_answer_joined(
    ours: Server, peer: Server, before: str, name: str
) -> None:
    query = f"{before} {JOIN % name}"
    query = query.replace("URL", peer.url).replace("ROOT", peer.url.removesuffix("sparql"))
    response, body = ours.get(query, "text/csv")
    assert response.status == 200, body
    assert body.split() == [b"from,to", b"A,B"]
    # It may answer otherwise tomorrow.
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


def _filled(query: str, stranger: Witness, friend: Witness) -> str:
    values = {"URL": stranger.url(), "ROOT": stranger.url("/"), "OKAY": friend.url()}
    for name, value in {**values, "GOOD": friend.url("/")}.items():
        query = query.replace(name, value)
    return query


@pytest.mark.parametrize("query", CALLS)
def test_another_endpoint_is_refused_and_hears_nothing(
    ours: Server, stranger: Witness, friend: Witness, query: str
) -> None:
    friend.seen.clear()
    response, body = ours.get(_filled(query, stranger, friend))
    assert response.status == 403, body
    assert json.loads(body)["type"] == "/problems/service-refused"
    assert friend.seen == []  # nothing is begun


@pytest.mark.parametrize("query", CALLS)
def test_without_the_setting_nobody_is_called(
    closed: Server, stranger: Witness, friend: Witness, query: str
) -> None:
    friend.seen.clear()
    for target in (query, query.replace("URL", "OKAY").replace("ROOT", "GOOD")):
        response, body = closed.get(_filled(target, stranger, friend))
        assert response.status == 403, body
        assert json.loads(body)["type"] == "/problems/service-refused"
    assert friend.seen == []


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
def test_an_address_is_allowed_as_it_is_written(
    ours: Server, friend: Witness, change: Callable[[str], str]
) -> None:
    friend.seen.clear()
    response, _ = ours.get(f"SELECT * {{ SERVICE <{change(friend.url())}> {{ ?s ?p ?o }} }}")
    assert response.status == 403
    assert friend.seen == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("silent", ["", "SILENT"])
def test_an_allowed_endpoint_cannot_send_us_elsewhere(
    ours: Server, stranger: Witness, friend: Witness, status: int, silent: str
) -> None:
    friend.seen.clear()
    address = friend.url(f"/elsewhere-{status}")
    response, body = ours.get(f"SELECT * {{ SERVICE {silent} <{address}> {{ ?s ?p ?o }} }}")
    assert friend.seen == ["connection", f"/elsewhere-{status}"]
    if silent:
        assert (response.status, json.loads(body)["results"]["bindings"]) == (200, [{}])
    else:
        assert response.status >= 400
    assert stranger.seen == []


def test_an_allowed_endpoint_that_is_silent_costs_no_more_than_the_limit(
    ours: Server, friend: Witness
) -> None:
    address = friend.url("/silent")
    response, body = ours.get(f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}", timeout="1")
    assert response.status == 503
    assert json.loads(body)["type"] == "/problems/query-timeout"
    assert ours.get("ASK {}")[0].status == 200


def test_an_allowed_endpoint_that_fails_is_an_error_unless_silent(
    ours: Server, friend: Witness
) -> None:
    query = "SELECT * { SERVICE%s <" + friend.url("/broken") + "> { ?s ?p ?o } }"
    response, body = ours.get(query % "")
    assert response.status >= 400
    assert json.loads(body)["detail"]
    response, body = ours.get(query % " SILENT")
    assert (response.status, json.loads(body)["results"]["bindings"]) == (200, [{}])
