"""Content codings: negotiation, and streams that can be unpacked."""

import gzip
import sys

import pytest

from service.server.compression import CODINGS, compressor, negotiate

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNPACK = {"gzip": gzip.decompress, "zstd": zstd.decompress}


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, ""),
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZip;Q=1", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),  # Chrome and Firefox
        ("gzip, deflate", "gzip"),  # requests, Safari
        ("zstd;q=0.5, gzip", "gzip"),
        ("zstd;q=0, gzip;q=0", ""),
        ("*", "zstd"),
        ("*;q=0", ""),
        ("gzip;q=0.2, *;q=0", "gzip"),
        ("zstd;q=0, *", "gzip"),
        ("gzip;q=0.5, identity", ""),
        ("gzip, identity;q=0.5", "gzip"),
        ("gzip;q=much, zstd;q=-1", ""),
        ("br", ""),
    ],
)
def test_the_preferred_coding_is_chosen(header: str | None, coding: str) -> None:
    assert negotiate(header) == coding


@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_stream_unpacks_to_the_same_bytes(coding: str) -> None:
    data = b"calcium " * 1000
    stream = compressor(coding)
    packed = stream.compress(data) + stream.flush()
    assert len(packed) < len(data) // 10
    assert UNPACK[coding](packed) == data
