"""A client's connection, for answers that a server's own interface cannot give honestly.

No interface of the server breaks a connection: a body that fails half way is ended as if it were
whole. A long answer is therefore written here, on the connection itself, with back-pressure; if
the query fails, the connection is reset and no parser can take the part for the whole.
HTTP/1 without TLS only, which is all we serve; the connection is not used again.
"""

import asyncio
import os
import socket
import stat
import struct
import sys
from collections.abc import AsyncIterator, Iterable
from email.utils import formatdate
from http import HTTPStatus

_DESCRIPTORS = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"
_RESET = struct.pack("ii", 1, 0)
SEND_SECONDS = 60
"""A client that takes nothing for so long has gone."""


class GoneError(Exception):
    """The client closed the connection, or takes nothing any more."""


def find(peer: str) -> socket.socket | None:
    """Return a handle of the connection from ``peer``, or None.

    :param peer: ``address:port`` of the client, an IPv6 address in brackets.
    """
    address, _, port = peer.rpartition(":")
    wanted = (address.strip("[]"), int(port)) if port.isdigit() else None
    for name in os.listdir(_DESCRIPTORS):  # noqa: PTH208 - names are numbers, not paths
        handle = _socket(int(name))
        if handle is None:
            continue
        try:
            found = handle.getpeername()
        except OSError:
            found = ("", 0)  # not connected
        if (found[0].removeprefix("::ffff:"), found[1]) == wanted:
            return handle
        handle.close()
    return None


def _socket(descriptor: int) -> socket.socket | None:
    """Return a handle of an Internet socket of this process, or None if it is none."""
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return None
        copy = os.dup(descriptor)
    except OSError:
        return None  # closed meanwhile
    handle = socket.socket(fileno=copy)
    if handle.family in (socket.AF_INET, socket.AF_INET6):
        return handle
    handle.close()
    return None


async def send(
    handle: socket.socket,
    fields: Iterable[tuple[str, str]],
    chunks: AsyncIterator[bytes],
    *,
    chunked: bool,
) -> None:
    """Send a whole response of unknown length, then close our side; or reset the connection.

    :param handle: of the connection; it is closed.
    :param chunked: whether the client knows chunked coding (HTTP/1.1).
    :raises GoneError: if the client went away.
    """
    loop = asyncio.get_running_loop()
    handle.setblocking(False)
    lines = [f"HTTP/1.1 {HTTPStatus.OK.value} OK", f"Date: {formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in fields]
    lines.append("Connection: close")
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    pending = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    try:
        async for chunk in chunks:
            if chunk:
                framed = b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk
                await _send_all(loop, handle, pending + framed)
                pending = b""
        await _send_all(loop, handle, pending + (b"0\r\n\r\n" if chunked else b""))
        handle.shutdown(socket.SHUT_WR)
    except BaseException as error:
        _reset(handle)
        if isinstance(error, ConnectionError | TimeoutError):
            raise GoneError from None
        raise
    finally:
        handle.close()


async def _send_all(loop: asyncio.AbstractEventLoop, handle: socket.socket, data: bytes) -> None:
    stuck = loop.call_later(SEND_SECONDS, _reset, handle)
    try:
        await loop.sock_sendall(handle, data)
    finally:
        stuck.cancel()


def _reset(handle: socket.socket) -> None:
    """Have the connection reset once all its handles are closed, and wake the server's."""
    try:
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        handle.shutdown(socket.SHUT_RD)
    except OSError:
        pass  # it is gone already
