"""HTTP/1.1 on an event loop: the connections, and the requests on them.

Messages are parsed by llhttp (``httptools``), strictly. What is added here is what an endpoint that
never lies needs and no server's interface gives: an answer that fails half way breaks the
connection, so that no parser takes the part for the whole; who leaves is told of at once; and
nobody takes for ever to send or to read. RFC 9112, without TLS: that is a proxy's.
"""

import asyncio
import re
import resource
import socket
import struct
import time
from collections.abc import Callable, Coroutine
from email.utils import formatdate
from functools import partial
from typing import Any, cast
from urllib.parse import unquote_to_bytes

import httptools

from service.problems import (
    BadRequest,
    FieldsTooLarge,
    MethodUnknown,
    Problem,
    RequestTimeout,
    TargetTooLong,
    VersionNotSupported,
)
from service.site.exchange import Exchange, GoneError

MAX_TARGET = 1 << 16
MAX_HEAD = 1 << 17
MAX_FIELDS = 100
SLICE = 1 << 12
"""So much of a head, or of chunks, is parsed at once."""
PARTS = 8
"""So many are parsed before others have their turn."""
MAX_UNREAD = 1 << 16
"""Bytes that a client may send ahead; what follows is not received."""
MAX_CONNECTIONS = 1 << 13
MAX_HELD = 1 << 28
"""Bytes that all clients together may have us hold: answers not read, contents not complete."""
HEAD_SECONDS = 30
"""A request's line and fields arrive within this."""
IDLE_SECONDS = 75
"""A connection without a request is kept for so long."""
STUCK_SECONDS = 60
"""A client that takes nothing for so long has gone."""
LINGER_SECONDS = 2
"""So long what a client still sends is read after the last answer, or it might not see that."""
GRACE_SECONDS = 2
"""So long answers may take when the service ends."""
LOOK_SECONDS = 1
SPARE_DESCRIPTORS = 128
"""Files that a process opens beside its connections."""

_END = b"\r\n\r\n"
"""Ends every head, and every content in chunks."""
_RESET, _FINISH = struct.pack("ii", 1, 0), struct.pack("ii", 0, 0)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S+ HTTP/1\.[01]\r\n")


class Connection(asyncio.Protocol):
    """One client's connection. Its requests are read and answered one after the other."""

    def __init__(self, server: "Server") -> None:
        self.server = server
        self.gone = False  # nothing comes any more
        self.peer: tuple[str, int] = ("", 0)
        self.local: tuple[str, int] = ("", 0)
        self.held, self.moved = 0, 0.0  # bytes that wait for the client, and since when as many
        self._transport: asyncio.Transport
        self._parser = httptools.HttpRequestParser(self)
        self._deadline = 0.0  # by then something comes; 0: it is not the client's turn
        self._reading = True
        self._closing = False  # what comes is of no interest any more
        self._lost = False
        self._unread = b""
        self._drain: asyncio.Future[None] | None = None
        self._paused = False
        # The request that is parsed and answered.
        self._in_head = False
        self._line = False  # its first line is not complete
        self._tail = b""  # the last bytes before those that come
        self._head_size = self._count = self._overhead = 0
        self._url = b""
        self._fields: dict[str, str] = {}
        self._current: Exchange | None = None  # as soon as its head is complete
        self._begun = False  # somebody answers it

    # -- what the event loop tells --------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless there are too many."""
        self._transport = cast(asyncio.Transport, transport)
        if not self.server.admit(self):
            self.gone = True
            self._transport.abort()
            return
        self.peer = (transport.get_extra_info("peername") or ("", 0))[:2]
        self.local = (transport.get_extra_info("sockname") or ("", 0))[:2]
        self._deadline = time.monotonic() + HEAD_SECONDS

    def data_received(self, data: bytes) -> None:
        """Parse what has come, if it is its turn."""
        if not self._closing:
            self._unread = self._unread + data if self._unread else data
            self._parse()

    def eof_received(self) -> bool:
        """Take note that the client sends no more; what is asked is still answered."""
        self.gone = True
        if self._current:
            self._current.leave()
        self._see_end()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of all that was done for the client."""
        self.gone = self._closing = self._lost = True
        self._deadline, self._unread = 0, b""
        self.server.forget(self)
        self.resume_writing()
        if self._current:
            self._current.break_off(GoneError())
            self._current.leave()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on."""
        self._paused = False
        if self._drain and not self._drain.done():
            self._drain.set_result(None)
        if self._current and not self._begun:
            asyncio.get_running_loop().call_soon(self._parse)

    # -- requests -------------------------------------------------------------------------

    def _parse(self) -> None:
        """Parse on, to the end of a request at most; have it answered."""
        data, at, parts = self._unread, 0, 0
        while at < len(data) and self._wants_more and parts < PARTS:
            if not (self._in_head or self._current):
                if data[at] in b"\r\n":  # RFC 9112 §2.2
                    at = len(data) - len(data[at:].lstrip(b"\r\n"))
                    continue
                self._deadline = time.monotonic() + HEAD_SECONDS
                self._line, self._tail = True, b""
            end = self._cut(data, at)
            self._feed(data[at:end])
            at = end
            parts += 1
        self._unread = b"" if self._closing else data[at:]
        more = bool(self._unread) and self._wants_more
        if more:
            asyncio.get_running_loop().call_soon(self._parse)
        # Who sends and sends and reads no answer gets no other.
        if self._current and not (self._begun or self._paused or self._lost):
            self._begun, self._deadline = True, 0
            _Run(self.server.handle(self._current), partial(self._handled, self._current))
        self._read_on(not more and len(self._unread) < MAX_UNREAD)
        if self.gone:
            self._see_end()

    @property
    def _wants_more(self) -> bool:
        return not (self._closing or (self._current and self._current.complete))

    def _read_on(self, wanted: bool) -> None:
        if wanted != self._reading and not self._transport.is_closing():
            self._reading = wanted
            (self._transport.resume_reading if wanted else self._transport.pause_reading)()

    def _see_end(self) -> None:
        """See whether the client has broken off, or has sent all that it had to."""
        if self._unread:
            return
        if self._current:
            self._current.break_off(BadRequest("The request's content broke off."))
        else:
            self._transport.close()

    def _cut(self, data: bytes, at: int) -> int:
        """Return where a part ends that has no more than the rest of a head or of a content."""
        if self._current and (missing := self._current.missing):
            return min(len(data), at + missing)
        last = min(len(data), at + SLICE)
        if self._tail:  # the end may have been cut itself
            found = (self._tail + data[at : at + len(_END)]).find(_END)
            if found >= 0:
                return at + found + len(_END) - len(self._tail)
        found = data.find(_END, at, last)
        return last if found < 0 else found + len(_END)

    def _feed(self, data: bytes) -> None:
        whole = self._line
        if self._line:
            self._line = b"\n" not in data
            data = _with_ascii_line(data)
        before = self._current.size if self._current else 0
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._stay()
        except httptools.HttpParserError as error:
            self._fail(error, data if whole else b"")
        else:
            self._tail = (self._tail + data[1 - len(_END) :])[1 - len(_END) :]
            self._check_size(len(data), before)

    def _stay(self) -> None:
        """Go on in HTTP/1.1 with who asked for something else (RFC 9110 §7.8).

        The parser takes what follows for another protocol; a new one takes it for the content.
        """
        assert self._current
        self._parser = httptools.HttpRequestParser(self)
        known = self._current.fields
        framing = (name for name in ("content-length", "transfer-encoding") if name in known)
        fields = "".join(f"{name}: {known[name]}\r\n" for name in framing)
        self._parser.feed_data(f"POST / HTTP/1.1\r\n{fields}\r\n".encode("latin-1"))

    # -- what the parser tells ------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Take note that a request begins."""
        if self._current:
            # Behind a whole one there is none, as parts are cut; if there were it would be lost.
            self._closing = self._closing or self._current.complete
        else:
            self._in_head = True
            self._head_size = self._count = self._overhead = 0
            self._url, self._fields = b"", {}

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        if not self._current:
            self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field; a trailer is passed over."""
        if self._current:
            return
        self._count += 1
        if self._count > MAX_FIELDS:
            return
        key, text = name.lower().decode("latin-1"), value.decode("latin-1").rstrip(" \t")
        known = self._fields.get(key)
        self._fields[key] = text if known is None else f"{known}, {text}"

    def on_headers_complete(self) -> None:
        """Take a request, the content of which may follow."""
        if self._current:
            return
        exchange = self._current = Exchange(self)
        self._begun = False
        exchange.method = self._parser.get_method().decode()
        exchange.version = self._parser.get_http_version()
        exchange.fields = self._fields
        exchange.keep = self._parser.should_keep_alive()
        try:
            self._judge(exchange)
        except Problem as problem:
            exchange.fault = problem
            exchange.keep = False
        self._in_head = False

    def on_body(self, data: bytes) -> None:
        """Take a part of the content."""
        assert self._current
        self._current.take(data)

    def on_message_complete(self) -> None:
        """Take note that the request is complete."""
        assert self._current
        if not self._parser.should_upgrade():
            self._current.end()

    def _judge(self, exchange: Exchange) -> None:
        if exchange.version not in {"1.0", "1.1"}:
            exchange.version = "1.1"
            raise VersionNotSupported("HTTP/1.1 and HTTP/1.0 are spoken here.")
        if self._count > MAX_FIELDS:
            raise FieldsTooLarge(
                f"A request may have {MAX_FIELDS} header fields.", limit=MAX_FIELDS
            )
        if len(self._url) > MAX_TARGET:
            raise _too_long()
        if exchange.version == "1.0" and "transfer-encoding" in exchange.fields:
            raise BadRequest("HTTP/1.0 has no transfer codings (RFC 9112 §6.1).")
        target = self._url
        if b"#" in target:
            raise BadRequest("A request's target has no fragment (RFC 9112 §3.2).")
        if not target.startswith(b"/"):
            target = _origin_form(target)
        path, _, query_string = target.partition(b"?")
        if b"%" in path:
            path = unquote_to_bytes(path)
        exchange.path = path.decode("utf-8", "replace")
        exchange.query_string = query_string.decode("latin-1")

    def _check_size(self, more: int, before: int) -> None:
        """Refuse a head that does not end, and chunks that have hardly any content.

        :param more: bytes that have been parsed.
        :param before: the size of the content before.
        """
        if self._in_head:
            self._head_size += more
            if len(self._url) > MAX_TARGET:
                self._refuse(_too_long())
            elif self._head_size > MAX_HEAD:
                self._refuse(_too_large())
        elif self._current and not self._current.complete:
            self._overhead += more - (self._current.size - before)
            if self._overhead > MAX_HEAD + 8 * self._current.size:
                self._closing = True
                self._current.break_off(BadRequest("The request's chunks have hardly any content."))

    def _fail(self, error: Exception, data: bytes) -> None:
        """Answer what is no HTTP.

        :param data: in which the failing request begins; empty if it began before.
        """
        self._closing = True
        if self._current:
            if self._current.complete:  # it has said that nothing follows
                return
            self._current.break_off(BadRequest(f"The request's content is not valid: {error}."))
        elif _REQUEST_LINE.match(data) and isinstance(
            error, httptools.HttpParserInvalidMethodError
        ):
            method = data.partition(b" ")[0][:20].decode()
            self._refuse(MethodUnknown(f"Nothing here has the method {method}."))
        else:
            self._refuse(BadRequest(f"The request is not valid HTTP/1.1: {error}."))

    def _refuse(self, problem: Problem) -> None:
        """Have what is no request answered; what comes after it is not read."""
        self._current = Exchange(self)
        self._current.fault = problem
        self._begun, self._in_head, self._closing = False, False, True

    # -- answers --------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send bytes, or keep them until the client reads."""
        if not self._transport.is_closing():
            self._transport.write(data)

    async def drained(self) -> None:
        """Wait until the client has read most of what was written.

        :raises GoneError: if it goes away.
        """
        if self._paused and not self._transport.is_closing():
            self._drain = asyncio.get_running_loop().create_future()
            await self._drain
        if self._transport.is_closing():
            raise GoneError

    async def flushed(self) -> None:
        """Wait until nothing that was written is kept here; no more is to be written.

        :raises GoneError: if the client goes away.
        """
        self._transport.set_write_buffer_limits(0)
        await self.drained()

    def expect_reset(self, wanted: bool) -> None:
        """Have the system reset the connection if this process ends, or not any more."""
        found = self._transport.get_extra_info("socket")
        if found is not None and not self._lost:
            lingers = _RESET if wanted else _FINISH
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, lingers)

    def reset(self) -> None:
        """Break the connection, so that nobody takes what was sent for a whole."""
        self.expect_reset(True)
        self._transport.abort()

    def finished(self, exchange: Exchange) -> None:
        """Go on with the next request, or close."""
        self._current = None
        if not exchange.keep or self._closing or self.server.stopping:
            self._close()
            return
        self._deadline = time.monotonic() + (HEAD_SECONDS if self._unread else IDLE_SECONDS)
        if self._unread or self.gone:
            asyncio.get_running_loop().call_soon(self._parse)

    def _handled(self, exchange: Exchange) -> None:
        if not exchange.answered:
            self.reset()  # whoever was to answer has failed

    def _close(self) -> None:
        """End our side, and read what still comes for a while (RFC 9112 §9.6)."""
        self._closing, self._unread = True, b""
        if self._transport.is_closing():
            return
        if self.gone:  # nothing can come any more
            self._transport.close()
            return
        self._transport.write_eof()
        self._read_on(True)
        self._deadline = time.monotonic() + LINGER_SECONDS

    # -- time -----------------------------------------------------------------------------

    def look(self, now: float) -> int:
        """End what takes too long; return how many bytes are held for the client."""
        unsent = self._transport.get_write_buffer_size()
        held = unsent + len(self._unread) + (self._current.held if self._current else 0)
        if held != self.held or not unsent:
            self.held, self.moved = held, now
        elif now - self.moved > STUCK_SECONDS:
            self.reset()
        if self._deadline and now > self._deadline and not self._current and not unsent:
            if self._in_head and not self._closing:
                self._refuse(RequestTimeout(f"The request took more than {HEAD_SECONDS} s."))
                self._parse()
            else:
                self._transport.abort()
        return held

    @property
    def idle(self) -> bool:
        """Whether nothing is asked, and nothing waits to be read."""
        return not self._current and not self.held

    def stop(self) -> None:
        """Close, as soon as what is under way is answered."""
        if not self._current:
            self._transport.close()


class _Run:
    """A coroutine that is begun at once and goes on as soon as what it waits for is there.

    A :class:`asyncio.Task` does the same in later turns of the event loop, and costs as much as
    the reading of a request. Nothing here is cancelled or asks for the current task.
    """

    __slots__ = ("_coroutine", "_then")

    def __init__(self, coroutine: Coroutine[Any, Any, None], then: Callable[[], None]) -> None:
        self._coroutine = coroutine
        self._then = then
        self._go_on()

    def _go_on(self, _: object = None) -> None:
        try:
            waited = self._coroutine.send(None)
        except StopIteration:
            self._then()
        except BaseException:
            self._then()
            raise
        else:
            if waited is None:  # asyncio.sleep(0)
                asyncio.get_running_loop().call_soon(self._go_on)
                return
            waited._asyncio_future_blocking = False  # as a task says that it has seen to it
            waited.add_done_callback(self._go_on)


class Server:
    """Answers the connections of a listening socket.

    :param handle: answers one request; what it does not answer is broken off.
    :param max_body: bytes of content that a request may have.
    """

    def __init__(
        self, handle: Callable[[Exchange], Coroutine[Any, Any, None]], max_body: int
    ) -> None:
        self.handle = handle
        self.max_body = max_body
        self.stopping = False
        self._connections: dict[Connection, None] = {}  # the oldest first
        self._look: asyncio.TimerHandle | None = None
        self._date, self._second = "", 0
        self._most = min(max(_descriptors() - SPARE_DESCRIPTORS, 16), MAX_CONNECTIONS)

    async def serve(self, listener: socket.socket, end: asyncio.Event) -> None:
        """Serve until the end; what is under way then has a little time."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(self), sock=listener, backlog=1024)
        await end.wait()
        self.stopping = True
        server.close()
        for connection in list(self._connections):
            connection.stop()
        last = loop.time() + GRACE_SECONDS
        while self._connections and loop.time() < last:
            await asyncio.sleep(0.02)
        for connection in list(self._connections):
            connection.reset()
        await asyncio.sleep(0)

    def admit(self, connection: Connection) -> bool:
        """Take a connection; if there are too many, in place of an idle one. Say whether."""
        if len(self._connections) >= self._most:
            idle = next((other for other in self._connections if other.idle), None)
            if idle is None:
                return False
            self.forget(idle)
            idle.reset()
        self._connections[connection] = None
        if not self._look:
            self._look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look_around)
        return True

    def forget(self, connection: Connection) -> None:
        """Let go of a connection that is closed."""
        self._connections.pop(connection, None)

    def date(self) -> str:
        """Return the Date field's line (RFC 9110 §6.6.1)."""
        now = int(time.time())
        if now != self._second:
            self._date, self._second = f"Date: {formatdate(now, usegmt=True)}\r\n", now
        return self._date

    def _look_around(self) -> None:
        self._look = None
        now = time.monotonic()
        held = sum([connection.look(now) for connection in list(self._connections)])
        for connection in sorted(self._connections, key=lambda one: one.held, reverse=True):
            if held <= MAX_HELD:
                break
            held -= connection.held
            connection.reset()
        if self._connections:
            self._look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look_around)


def _with_ascii_line(data: bytes) -> bytes:
    """Escape what is not ASCII in a request line: people write such targets, browsers do too.

    The parser takes none; decoded, it is the same.
    """
    if data.isascii():
        return data
    line, end, rest = data.partition(b"\n")
    return _NOT_ASCII.sub(lambda found: b"%%%02X" % found[0][0], line) + end + rest


def _origin_form(target: bytes) -> bytes:
    """Return path and query of a target in another form (RFC 9112 §3.2).

    :raises BadRequest: if it has none.
    """
    if target == b"*":
        return target
    scheme, _, rest = target.partition(b"://")
    if scheme.lower() not in {b"http", b"https"} or not rest:
        raise BadRequest("A request's target is a path, or an address with http:// or https://.")
    begin = re.search(rb"[/?]|$", rest)
    assert begin, "the end at least"
    return b"/" + rest[begin.start() :].removeprefix(b"/")


def _too_long() -> TargetTooLong:
    return TargetTooLong(
        f"A request's target may have {MAX_TARGET} characters. Send long queries by POST.",
        limit_bytes=MAX_TARGET,
    )


def _too_large() -> FieldsTooLarge:
    return FieldsTooLarge(f"A request's fields may have {MAX_HEAD} bytes.", limit_bytes=MAX_HEAD)


def _descriptors() -> int:
    """Return how many files this process may open, after asking for as many as it may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 1 << 16 if hard == resource.RLIM_INFINITY else min(hard, 1 << 16)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft
