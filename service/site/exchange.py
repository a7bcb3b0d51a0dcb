"""A request as it has come over a connection, and the one answer that it gets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from service.problems import BadRequest, BodyTooLarge, Problem, RequestTimeout

if TYPE_CHECKING:
    from service.site.http1 import Connection

Fields = list[tuple[str, str]]
"""Names and values of header fields, in the order in which they are sent."""

BODY_SECONDS = 30
"""A request's content arrives within this."""

_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}


class GoneError(Exception):
    """The client closed the connection, or takes nothing any more."""


class Exchange:
    """A request and its answer.

    :ivar path: of the target, percent-decoded.
    :ivar query_string: of the target, as it was sent.
    :ivar version: of HTTP: ``1.0`` or ``1.1``.
    :ivar fields: by names in lower case; the lines of one as one (RFC 9110 §5.3).
    :ivar size: how many bytes of the content have come.
    :ivar fault: why there is no request that could be answered.
    """

    __slots__ = (
        "_body",
        "_broken",
        "_connection",
        "_ends",
        "_limit",
        "_waiter",
        "answered",
        "complete",
        "fault",
        "fields",
        "keep",
        "method",
        "path",
        "query_string",
        "size",
        "version",
    )

    def __init__(self, connection: "Connection") -> None:
        self.method = "GET"
        self.path = self.query_string = ""
        self.version = "1.1"
        self.fields: dict[str, str] = {}
        self.fault: Problem | None = None
        self.keep = False
        self.complete = False
        self.answered = False
        self._connection = connection
        self._body = bytearray()
        self.size = 0
        self._limit = connection.server.max_body
        self._broken: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._ends: list[Callable[[], object]] = []

    @property
    def client(self) -> str:
        """The address of who asks."""
        return self._connection.peer[0]

    @property
    def server(self) -> tuple[str, int]:
        """The address and port that was asked."""
        return self._connection.local

    # -- the request's content ------------------------------------------------------------

    @property
    def missing(self) -> int:
        """How many bytes of the content are still to come; 0 if that is not known."""
        return max(0, int(self.fields.get("content-length", 0)) - self.size)

    @property
    def held(self) -> int:
        """How many bytes of the content are kept."""
        return len(self._body)

    async def body(self) -> bytes:
        """Return the request's content.

        :raises BodyTooLarge: as soon as it is over the limit, whatever its length field says.
        :raises RequestTimeout: if it does not come.
        :raises BadRequest: if it breaks off, or its chunks are not valid.
        :raises GoneError: if the client goes away.
        """
        if self.fields.get("transfer-encoding", "chunked").strip().lower() != "chunked":
            raise BadRequest("Of all transfer codings only 'chunked' is known here.")
        announced = int(self.fields.get("content-length", 0))
        large = max(self.size, announced) > self._limit
        if not self.complete and not large and not self._broken:
            expects = self.fields.get("expect", "").lower() == "100-continue"
            if expects and self.version != "1.0":  # RFC 9110 §10.1.1
                self._connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            late = RequestTimeout(f"The request's content did not come within {BODY_SECONDS} s.")
            limit = loop.call_later(BODY_SECONDS, self.break_off, late)
            await self._waiter
            limit.cancel()
        if large or self.size > self._limit:
            raise BodyTooLarge(
                f"A request may have {self._limit} bytes of content.", limit_bytes=self._limit
            )
        if self._broken:
            raise self._broken
        return bytes(self._body)

    def take(self, data: bytes) -> None:
        """Take a part of the content."""
        self.size += len(data)
        if self.size <= self._limit:
            self._body += data
        else:
            self._body.clear()
            self._wake()

    def end(self) -> None:
        """Take note that the content is complete."""
        self.complete = True
        self._wake()

    def break_off(self, why: Exception) -> None:
        """Take note that no more of the content comes."""
        if not self.complete and not self._broken:
            self._broken = why
            self.keep = False
            self._wake()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    # -- a client that goes away ----------------------------------------------------------

    def when_gone(self, end: Callable[[], object]) -> None:
        """Have something ended if the client goes away before it has its answer."""
        if self.answered:  # a thread may tell it late
            return
        if self._connection.gone:
            end()
        else:
            self._ends.append(end)

    def forget(self) -> None:
        """Let what :meth:`when_gone` was told be: it has ended itself."""
        self._ends.clear()

    def leave(self) -> None:
        """Take note that the client goes away."""
        ends, self._ends = self._ends, []
        for end in ends:
            end()

    # -- the answer -----------------------------------------------------------------------

    def respond(
        self, status: int, fields: Fields, body: bytes = b"", *, length: int | None = None
    ) -> None:
        """Send a whole answer; to HEAD, and with 204 and 304, without its content.

        :param fields: of the answer; its date and length are added.
        :param length: of the content, if that is not given because it is not to be sent.
        """
        head = self._head(status, fields)
        if status not in {204, 304}:
            head += f"Content-Length: {len(body) if length is None else length}\r\n"
        if status in {204, 304} or self.method == "HEAD":
            body = b""
        data = f"{head}\r\n".encode("latin-1")
        self._connection.write(data + body if body else data)
        self._finish()

    async def stream(self, fields: Fields, chunks: AsyncIterator[bytes]) -> None:
        """Send an answer of unknown length as it comes; if it fails, reset the connection.

        :raises GoneError: if the client went away.
        :raises Problem: if the chunks end in one.
        """
        chunked = self.version != "1.0"
        self.keep = self.keep and chunked
        coding = "Transfer-Encoding: chunked\r\n" if chunked else ""
        pending = f"{self._head(200, fields)}{coding}\r\n".encode("latin-1")
        if self.method == "HEAD":
            self._connection.write(pending)
            self._finish()
            return
        try:
            if not chunked:  # only the end of the connection is the end of the answer
                self._connection.expect_reset(True)
            async for chunk in chunks:
                if chunk:
                    framed = b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk
                    self._connection.write(pending + framed)
                    pending = b""
                    await self._connection.drained()
            self._connection.write(pending + (b"0\r\n\r\n" if chunked else b""))
            if not chunked:
                await self._connection.flushed()
                self._connection.expect_reset(False)
        except BaseException:
            self.answered = True
            self._connection.reset()
            raise
        self._finish()

    def _head(self, status: int, fields: Fields) -> str:
        assert not self.answered, "a request has one answer"
        if not self.complete or self._connection.server.stopping:
            self.keep = False
        lines = "".join([f"{name}: {value}\r\n" for name, value in fields])
        if lines.count("\n") != len(fields) or lines.count("\r") != len(fields):
            raise ValueError("a header field with a line break")
        manner = ""
        if not self.keep:
            manner = "Connection: close\r\n"
        elif self.version == "1.0":
            manner = "Connection: keep-alive\r\n"
        return f"{_LINES[status]}{self._connection.server.date()}{lines}{manner}"

    def _finish(self) -> None:
        self.answered = True
        self._ends.clear()
        self._connection.finished(self)
