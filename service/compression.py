"""Content codings: how an answer is compressed, and how client and service agree on it."""

import sys
import zlib
from functools import lru_cache
from typing import Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CODINGS = ("zstd", "gzip")
"""In our order of preference: zstd is several times as fast, and smaller."""

SMALL_BYTES = 1400
"""Below this, compression costs more than it saves."""


class Compressor(Protocol):
    """What compresses a stream."""

    def compress(self, data: bytes, /) -> bytes:
        """Take some bytes and return what is ready."""

    def flush(self) -> bytes:
        """Return the end of the stream."""


@lru_cache(maxsize=256)
def negotiate(accept_encoding: str | None) -> str:
    """Choose the coding that a client likes best (RFC 9110 §12.5.3); empty for none.

    Of those it likes equally well ours come in the order of :data:`CODINGS`. No coding at all
    is chosen if the client gives it a higher weight, or accepts none of ours.

    >>> negotiate("gzip, deflate, br, zstd")
    'zstd'
    >>> negotiate("zstd;q=0.5, gzip")
    'gzip'
    """
    weights: dict[str, float] = {}
    for element in (accept_encoding or "").lower().split(","):
        coding, _, parameter = element.partition(";")
        name, _, quality = parameter.partition("=")
        try:
            weight = float(quality) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0  # an unreadable weight promises nothing
        weights[coding.strip().removeprefix("x-")] = weight if 0 <= weight <= 1 else 0.0
    rest = weights.get("*", 0.0)
    best = max(CODINGS, key=lambda coding: weights.get(coding, rest))
    weight = weights.get(best, rest)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else ""


def compressor(coding: str) -> Compressor:
    """Return a new compressor of one of :data:`CODINGS`, set for speed."""
    if coding == "zstd":
        return zstd.ZstdCompressor(level=1)
    return zlib.compressobj(1, zlib.DEFLATED, 31)


def compressed(data: bytes, coding: str) -> bytes:
    """Return all of a content in a coding."""
    stream = compressor(coding)
    return stream.compress(data) + stream.flush()
