"""HTTP/1.1 as it is spoken here, byte by byte over real sockets, with an application in little."""

import asyncio
import contextlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Iterator
from http.client import HTTPConnection, IncompleteRead

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from service.problems import Problem, ResultTooLarge
from service.site import exchange, http1
from service.site.exchange import Exchange, GoneError
from service.site.http1 import Server

from .server import connected, wait_until

LIMIT = 1000
SOON = 10
ECHO = b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"
CLOSE = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


POST_CHUNKS = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


class Application:
    """Says what it was asked; some paths do what goes wrong."""

    def __init__(self) -> None:
        self.left: list[str] = []
        self.produced = 0
        self.asked = 0

    async def __call__(self, asked: Exchange) -> None:
        self.asked += 1
        try:
            if asked.fault:
                raise asked.fault
            await getattr(self, asked.path.strip("/"), self.echo)(asked)
        except Problem as problem:
            asked.respond(problem.status, [], problem.slug.encode())
        except GoneError:
            self.left.append(asked.path)

    async def echo(self, asked: Exchange) -> None:
        body = await asked.body() if asked.method == "POST" else b""
        said = {
            "method": asked.method,
            "path": asked.path,
            "query": asked.query_string,
            "version": asked.version,
            "fields": asked.fields,
            "body": body.decode("latin-1"),
        }
        asked.respond(200, [("Content-Type", "application/json")], json.dumps(said).encode())

    async def big(self, asked: Exchange) -> None:
        await asyncio.sleep(0)
        asked.respond(200, [], b"x" * 100_000)

    async def unchanged(self, asked: Exchange) -> None:
        asked.respond(304, [("ETag", '"x"')])

    async def slow(self, asked: Exchange) -> None:
        asked.when_gone(lambda: self.left.append(asked.path))
        await asyncio.sleep(0.3)
        asked.respond(200, [], b"slow")

    async def stream(self, asked: Exchange) -> None:
        await asked.stream([], self._parts(int(asked.query_string)))

    async def fail(self, asked: Exchange) -> None:
        with contextlib.suppress(ResultTooLarge):
            await asked.stream([], self._parts(3, fail=True))

    async def silent(self, asked: Exchange) -> None:
        """Forget to answer."""

    async def crash(self, asked: Exchange) -> None:
        raise ZeroDivisionError

    async def split(self, asked: Exchange) -> None:
        asked.respond(200, [("X", "a\r\nSet-Cookie: b")])

    async def _parts(self, count: int, *, fail: bool = False) -> AsyncIterator[bytes]:
        for _ in range(count):
            self.produced += 1
            yield b"part " * 2000
        if fail:
            raise ResultTooLarge("on purpose")


@contextlib.contextmanager
def serving(application: Application) -> Iterator[int]:
    """Serve in a thread; give the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        loop, end = runner.get_loop(), asyncio.Event()
        served = Server(application, LIMIT).serve(listener, end)
        thread = threading.Thread(target=runner.run, args=(served,))
        thread.start()
        try:
            yield port
        finally:
            loop.call_soon_threadsafe(end.set)
            thread.join(SOON)
            assert not thread.is_alive(), "it does not end"


@pytest.fixture(scope="module")
def application() -> Application:
    return Application()


@pytest.fixture(scope="module")
def port(application: Application) -> Iterator[int]:
    with serving(application) as found:
        yield found


def rest(client: socket.socket) -> bytes:
    """Read until the server closes."""
    found = b""
    while data := client.recv(1 << 16):
        found += data
    return found


def send(port: int, data: bytes) -> bytes:
    """Send bytes as one; return all that comes back until the server closes."""
    with connected(port) as client:
        client.sendall(data)
        return rest(client)


def statuses(answer: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d+) ", answer)]


def echoed(answer: bytes) -> list[dict[str, object]]:
    return [json.loads(found) for found in re.findall(rb"\r\n\r\n(\{.*?\}\}?)(?=HTTP|$)", answer)]


# -- requests ---------------------------------------------------------------------------------


def test_one_connection_carries_many_requests(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=SOON)
    for number in range(3):
        connection.request("POST", f"/a%20b?n={number}", body=b"x" * number)
        said = json.loads(connection.getresponse().read())
        assert (said["path"], said["query"], said["body"]) == ("/a b", f"n={number}", "x" * number)
    connection.close()


def test_what_is_sent_at_once_is_answered_in_order(port: int) -> None:
    asked = b"".join(b"GET /echo?%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in range(500))
    said = echoed(send(port, asked + CLOSE))
    assert [found["query"] for found in said] == [*map(str, range(500)), ""]


def test_what_is_sent_at_once_before_one_side_is_closed_too(port: int) -> None:
    with connected(port) as client:
        client.sendall(ECHO * 3)
        client.shutdown(socket.SHUT_WR)
        assert statuses(rest(client)) == [200] * 3


@pytest.mark.parametrize(
    ("version", "fields", "kept"),
    [
        (b"1.1", b"", True),
        (b"1.1", b"Connection: close\r\n", False),
        (b"1.0", b"", False),
        (b"1.0", b"Connection: keep-alive\r\n", True),
    ],
)
def test_a_connection_is_kept_as_the_client_wishes(
    port: int, version: bytes, fields: bytes, kept: bool
) -> None:
    asked = b"GET /echo HTTP/%b\r\nHost: x\r\n%b\r\n" % (version, fields)
    answer = send(port, asked + CLOSE)
    assert statuses(answer) == [200] * (1 + kept)
    if version == b"1.0":
        assert (b"Connection: keep-alive" in answer) == kept


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/a?b=c?d", "/a", "b=c?d"),
        (b"/%C3%A4?%C3%A4", "/\u00e4", "%C3%A4"),
        ("/\u00e4?\u00e4".encode(), "/\u00e4", "%C3%A4"),
        (b"/%FF", "/\ufffd", ""),
        (b"http://x:80/a?b", "/a", "b"),
        (b"http://x?b", "/", "b"),
        (b"HTTPS://x", "/", ""),
        (b"//a", "//a", ""),
        (b"*", "*", ""),
    ],
)
def test_a_target_is_path_and_query(port: int, target: bytes, path: str, query: str) -> None:
    said = echoed(send(port, b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % target))
    assert [(found["path"], found["query"]) for found in said] == [(path, query)]


def test_a_head_may_be_large(port: int) -> None:
    fields = b"".join(b"X-%d: %b\r\n" % (n, b"y" * 600) for n in range(90))
    line = b"GET /?%b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" % (b"z" * 60_000)
    (said,) = echoed(send(port, line + fields + b"\r\n"))
    assert said["query"] == "z" * 60_000
    assert len(str(said["fields"])) > 50_000


def test_lines_of_one_field_are_one(port: int) -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nAccept: a/b\r\naccept:  c/d \r\nConnection: close\r\n\r\n"
    (said,) = echoed(send(port, head))
    assert said["fields"] == {"host": "x", "accept": "a/b, c/d", "connection": "close"}


POST = b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("more", "status", "body"),
    [
        (b"Content-Length: 3\r\n\r\nabc", 200, "abc"),
        (b"Content-Length: 0\r\n\r\n", 200, ""),
        (b"\r\n", 200, ""),
        (
            b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nbc\r\n0\r\nT: 1\r\n\r\n",
            200,
            "abc",
        ),
        (b"Content-Length: 1000\r\n\r\n" + b"x" * 1000, 200, "x" * 1000),
        (b"Content-Length: 1001\r\n\r\n", 413, "body-too-large"),
        (b"Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001, 413, "body-too-large"),
        (b"Transfer-Encoding: chunked\r\n\r\nx\r\n", 400, "bad-request"),
        (b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400, "bad-request"),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400, "bad-request"),
        (b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, "bad-request"),
        (b"Content-Length: +3\r\n\r\nabc", 400, "bad-request"),
    ],
)
def test_content_is_whole_or_refused(port: int, more: bytes, status: int, body: str) -> None:
    answer = send(port, POST + more)
    assert statuses(answer) == [status]
    found = (
        echoed(answer)[0]["body"] if status == 200 else answer.partition(b"\r\n\r\n")[2].decode()
    )
    assert found == body


@pytest.mark.parametrize(
    "more", [b"1;" + b"x" * 400_000, b"0\r\nX: " + b"x" * 400_000, b"0\r\n" + b"a:b\r\n" * 90_000]
)
def test_chunks_that_have_hardly_any_content_are_refused(port: int, more: bytes) -> None:
    assert statuses(send(port, POST_CHUNKS + more)) == [400]


def test_chunks_of_one_byte_are_content(port: int) -> None:
    content = b"1\r\nx\r\n" * LIMIT + b"0\r\n\r\n"
    said = echoed(send(port, POST + b"Transfer-Encoding: chunked\r\n\r\n" + content))
    assert said[0]["body"] == "x" * LIMIT


@pytest.mark.parametrize(
    "more", [b"Content-Length: 9\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc"]
)
def test_content_that_breaks_off_is_refused(port: int, more: bytes) -> None:
    with connected(port) as client:
        client.sendall(POST + more)
        client.shutdown(socket.SHUT_WR)
        assert statuses(rest(client)) == [400]


def test_an_answer_is_seen_by_who_still_sends(port: int) -> None:
    """It is not lost in a connection that is reset because of what nobody read (RFC 9112 §9.6)."""
    with connected(port) as client:
        client.sendall(POST + b"Content-Length: 99000000\r\n\r\n")
        for _ in range(100):
            client.sendall(b"x" * 10_000)
        assert statuses(rest(client)) == [413]


def test_who_asks_whether_to_send_is_told(port: int) -> None:
    with connected(port) as client:
        client.sendall(POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert echoed(rest(client))[0]["body"] == "abc"
    old = POST.replace(b"1.1", b"1.0") + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"
    assert statuses(send(port, old)) == [200], "HTTP/1.0 does not know it"
    refused = send(port, POST + b"Expect: 100-continue\r\nContent-Length: 3000\r\n\r\n")
    assert statuses(refused) == [413]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 505),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"GET / HTTP/1.7\r\n\r\n", 400),
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"get / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /a b HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: x\n\n", 400),
        (b"GET / HTTP/1.1\r\nA : b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA: \x00\r\n\r\n", 400),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET /" + b"x" * 700_000, 414),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + (b"A: " + b"b" * 3000 + b"\r\n") * 50 + b"\r\n", 431),
        (b"GET /" + b"x" * 60_000 + b" HTTP/1.1\r\nA: " + b"b" * 80_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 700_000, 431),
    ],
)
def test_what_is_no_request_is_refused_and_nothing_read_behind_it(
    port: int, data: bytes, status: int
) -> None:
    assert statuses(send(port, data + ECHO)) == [status]
    assert statuses(send(port, ECHO + data + ECHO)) == [200, status]


def test_an_upgrade_is_not_made(port: int) -> None:
    asked = b"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close, upgrade\r\nUpgrade: h2c\r\n\r\n"
    answer = send(port, asked)
    assert statuses(answer) == [200]
    sent = b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
    for content in (
        b"Content-Length: 3\r\n\r\nabc",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ):
        said = echoed(send(port, ECHO + sent + content + CLOSE))
        assert [found["body"] for found in said] == ["", "abc", ""]


def test_empty_lines_before_a_request_are_passed_over(port: int) -> None:
    assert statuses(send(port, b"\r\n\r\n" + ECHO + b"\r\n" + CLOSE)) == [200, 200]


# -- answers ----------------------------------------------------------------------------------


def test_an_answer_has_date_and_length(port: int) -> None:
    head, _, body = send(port, ECHO + CLOSE).rpartition(b"\r\n\r\n")
    assert b"\r\nContent-Length: %d\r\n" % len(body) in head + b"\r\n"
    assert re.search(rb"\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n", head)


def test_an_answer_to_head_and_304_have_no_content(port: int) -> None:
    head = b"HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n"
    same = b"GET /unchanged HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = send(port, head + same + head + CLOSE)
    assert statuses(answer) == [200, 304, 200, 200]
    assert answer.count(b"{") == 2, "only the last has content"  # an object in an object
    assert b"Content-Length" not in answer.partition(b"304")[2].partition(b"\r\n\r\n")[0]


def test_a_stream_is_whole(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=SOON)
    for count in (0, 1, 30):
        connection.request("GET", f"/stream?{count}")
        assert connection.getresponse().read() == b"part " * 2000 * count
    connection.request("HEAD", "/stream?3")
    assert connection.getresponse().read() == b""
    connection.request("GET", "/echo")
    assert connection.getresponse().status == 200
    connection.close()
    old = b"GET /stream?3 HTTP/1.0\r\n\r\n"
    assert send(port, old).partition(b"\r\n\r\n")[2] == b"part " * 6000


def test_a_stream_that_fails_breaks_the_connection(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=SOON)
    connection.request("GET", "/fail")
    response = connection.getresponse()
    with pytest.raises((IncompleteRead, ConnectionResetError)):
        response.read()
    connection.close()
    with pytest.raises(ConnectionResetError):
        send(port, b"GET /fail HTTP/1.0\r\n\r\n")


@pytest.mark.parametrize("path", [b"silent", b"crash", b"split"])
def test_what_is_not_answered_is_broken_off(port: int, path: bytes) -> None:
    with pytest.raises(ConnectionResetError):
        assert send(port, b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n" % path)


def test_no_more_is_made_than_is_read(application: Application, port: int) -> None:
    with connected(port) as client:
        application.produced = 0
        client.sendall(b"GET /stream?100000 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wait_until(lambda: application.produced > 10)
        time.sleep(0.3)
        assert application.produced < 10_000, "a gigabyte waits for nobody"
    assert wait_until(lambda: "/stream" in application.left), "it goes on for who has left"


def test_who_reads_no_answer_gets_no_other(application: Application, port: int) -> None:
    """However much is asked at once; nothing is lost for who reads in the end."""
    asked = b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n"
    with connected(port) as client:
        application.asked = 0
        sender = threading.Thread(target=client.sendall, args=(asked * 2000 + CLOSE,))
        sender.start()
        time.sleep(0.5)
        assert application.asked < 500, "their answers wait for nobody"
        found = 0
        while data := client.recv(1 << 18):
            found += len(data)
        sender.join(SOON)
    assert found > 2000 * 100_000


# -- clients that leave, or are slow ----------------------------------------------------------


@pytest.mark.parametrize("more", [b"", ECHO * 100])
@pytest.mark.parametrize("how", ["close", "reset", "half"])
def test_who_leaves_is_noticed(application: Application, port: int, how: str, more: bytes) -> None:
    application.left.clear()
    with connected(port) as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n" + more)
        time.sleep(0.1)
        if how == "half":
            client.shutdown(socket.SHUT_WR)
            answers = 1 + more.count(b"GET")
            assert statuses(rest(client)) == [200] * answers, "it may still read"
        elif how == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert wait_until(lambda: application.left == ["/slow"])


def test_who_stays_is_not_taken_for_gone(application: Application, port: int) -> None:
    application.left.clear()
    asked = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
    assert statuses(send(port, asked + CLOSE)) == [200, 200]
    assert application.left == []


def test_who_has_sent_all_and_reads_late_sees_the_end(port: int) -> None:
    with connected(port) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 17)
        client.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n" * 60)
        time.sleep(0.3)
        client.shutdown(socket.SHUT_WR)
        assert len(rest(client)) > 60 * 100_000


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "BODY_SECONDS", 0.2)
    for name in ("HEAD", "IDLE", "STUCK", "LINGER", "LOOK"):
        monkeypatch.setattr(http1, f"{name}_SECONDS", 0.2)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", []),
        (b"GET / HT", [408]),
        (b"GET / HTTP/1.1\r\nHost", [408]),
        (POST + b"Content-Length: 9\r\n\r\nabc", [408]),
        (ECHO, [200]),
        (ECHO + b"GET", [200, 408]),
        (b"BREW / HTTP/1.1\r\n\r\n", [501]),
    ],
)
def test_nobody_takes_for_ever_to_send(data: bytes, status: list[int]) -> None:
    with serving(Application()) as port, connected(port) as client:
        client.sendall(data)
        assert statuses(rest(client)) == status


@pytest.mark.usefixtures("hasty")
def test_nobody_takes_for_ever_to_read() -> None:
    application = Application()
    with serving(application) as port, connected(port) as client:
        client.sendall(b"GET /stream?100000 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wait_until(lambda: application.left == ["/stream"])
        with pytest.raises(ConnectionResetError):
            rest(client)


@pytest.mark.usefixtures("hasty")
def test_who_reads_slowly_is_waited_for() -> None:
    """Longer than any limit, as long as something is read."""
    with serving(Application()) as port, connected(port) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        client.sendall(b"GET /stream?1000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        size = 0
        while data := client.recv(1 << 17):
            size += len(data)
            time.sleep(0.01)
        assert size > 10_000_000


def test_an_idle_connection_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "MAX_CONNECTIONS", 3)
    with serving(Application()) as port, contextlib.ExitStack() as clients:
        first, *others = [clients.enter_context(connected(port)) for _ in range(3)]
        for client in others:
            client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.1)
        assert statuses(send(port, CLOSE)) == [200]
        with pytest.raises(ConnectionResetError):
            rest(first)
        for client in others:
            assert client.recv(100).startswith(b"HTTP/1.1 200")


def test_the_greediest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """If too much is held for all together, who has most of it is let go of."""
    monkeypatch.setattr(http1, "MAX_HELD", 50_000)
    monkeypatch.setattr(http1, "LOOK_SECONDS", 0.1)
    application = Application()
    with serving(application) as port, connected(port) as client:
        client.sendall(b"GET /stream?100000 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wait_until(lambda: application.left == ["/stream"])


@pytest.mark.parametrize("path", [b"slow", b"stream?100000", b"echo"])
def test_it_ends_soon_whatever_is_under_way(path: bytes) -> None:
    with contextlib.ExitStack() as clients:
        with serving(Application()) as port:
            client = clients.enter_context(connected(port))
            client.sendall(b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n" % path)
            time.sleep(0.1)
        if path == b"stream?100000":
            with pytest.raises(ConnectionResetError):
                rest(client)
        if path == b"slow":
            assert statuses(rest(client)) == [200], "it had the time to answer"


# -- properties -------------------------------------------------------------------------------

MESSAGES = (
    ECHO,
    b"POST /echo?a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "GET /\u00e4 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    POST_CHUNKS + b"2\r\nab\r\n0\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n",
    POST_CHUNKS + b"2;a=b\r\nab\r\n00\r\n\r\n",
    POST_CHUNKS + b"4\r\n\r\n\r\n\r\n0;x\r\nT: 1\r\nU: 2\r\n\r\n",
    b"POST / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: a\r\nContent-Length: 2\r\n\r\nab",
    b"\r\n\r\n",
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(MESSAGES), max_size=4).map(lambda found: b"".join([*found, CLOSE])),
    st.lists(st.integers(1, 400), max_size=12, unique=True),
)
def test_it_does_not_matter_how_bytes_arrive(port: int, data: bytes, cuts: list[int]) -> None:
    """In one piece, or cut anywhere, even within a letter."""
    whole = re.sub(rb"Date: .*\r\n", b"", send(port, data))
    with connected(port) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start = 0
        for cut in [*sorted(cuts), len(data)]:
            client.sendall(data[start:cut])
            start = max(start, min(cut, len(data)))
            time.sleep(0.001)
        assert re.sub(rb"Date: .*\r\n", b"", rest(client)) == whole


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_bytes_do_harm(port: int, data: st.DataObject) -> None:
    """What is mistaken is refused or waited for; the next client is served."""
    message = bytearray(b"".join(data.draw(st.lists(st.sampled_from(MESSAGES), min_size=1))))
    for _ in range(data.draw(st.integers(0, 5))):
        at = data.draw(st.integers(0, len(message) - 1))
        message[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
        if not message:
            break
    with connected(port) as client:
        client.sendall(message)
        client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            assert {*statuses(rest(client))} <= {100, 200, 400, 413, 414, 431, 501, 505}
    assert statuses(send(port, CLOSE)) == [200]
