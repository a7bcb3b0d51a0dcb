"""Compression: which clients get it, and which responses are compressed."""

import gzip
from random import Random

import brotli
import pytest

from service.server.compression import SMALL_BYTES, Compression, coding

from .asgi_client import Response, application, http_scope, request

TEXT = b"calcium " * 1000


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZip;Q=1", "gzip"),
        ("gzip, deflate, br, zstd", "br"),  # Chrome and Firefox
        ("gzip, deflate", "gzip"),  # Python requests
        ("br;q=0.5, gzip;q=0.2", "br"),
        ("br;q=0.2, gzip;q=0.5", "gzip"),
        ("br, gzip;q=0", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip; q = 0.00", None),
        ("gzip;q=x", None),
        ("*", "gzip"),
        ("*;q=0", None),
        ("gzip;q=0.2, *;q=0", "gzip"),
        ("gzip;q=0, *", None),
        ("br", "br"),
        ("zstd", None),
    ],
)
def test_a_client_gets_the_coding_that_it_prefers(header: str | None, expected: str | None) -> None:
    assert coding(header) == expected


def ask(*parts: bytes, status: int = 200, accepts: str = "gzip", **fields: str) -> Response:
    """Return the response that passes the layer."""
    fields = {"content_type": "text/csv; charset=utf-8"} | fields
    app = Compression(application(status, *parts, **fields))
    return request(app, http_scope(accept_encoding=accepts) if accepts else http_scope())


def test_a_whole_response_is_compressed_and_has_its_new_length() -> None:
    response = ask(TEXT)
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["content-length"] == str(len(response.body))
    assert gzip.decompress(response.body) == TEXT
    assert response.complete


def test_a_streamed_response_is_compressed_as_it_comes() -> None:
    noise = Random(1)
    parts = [noise.randbytes(10_000).hex().encode() for _ in range(20)]
    response = ask(*parts)
    assert response.headers["content-encoding"] == "gzip"
    assert "content-length" not in response.headers
    assert gzip.decompress(response.body) == b"".join(parts)
    assert len(response.parts) > 2
    assert response.complete


@pytest.mark.parametrize("parts", [(TEXT,), (TEXT, TEXT[::-1], TEXT)], ids=["whole", "stream"])
def test_brotli_decompresses_to_the_same_bytes(parts: tuple[bytes, ...]) -> None:
    response = ask(*parts, accepts="gzip, br", accept_ranges="bytes")
    assert response.headers["content-encoding"] == "br"
    assert "accept-ranges" not in response.headers  # they would be those of the plain bytes
    assert brotli.decompress(response.body) == b"".join(parts)
    assert response.complete


def test_a_stream_that_begins_small_is_compressed_too() -> None:
    response = ask(b"a", b"b", b"c")
    assert gzip.decompress(response.body) == b"abc"


@pytest.mark.parametrize("size", [0, 1, SMALL_BYTES])
def test_a_small_response_is_sent_as_it_is(size: int) -> None:
    response = ask(b"x" * size, etag='"1"')
    assert response.body == b"x" * size
    assert "content-encoding" not in response.headers
    assert response.headers["etag"] == '"1"'


@pytest.mark.parametrize(
    "media_type",
    [
        "application/sparql-results+json",
        "application/ld+json",
        "application/rdf+xml",
        "application/n-triples",
        "application/n-quads",
        "application/trig",
        "text/html; charset=utf-8",
        "text/javascript",
        "image/svg+xml",
    ],
)
def test_every_textual_media_type_is_compressed(media_type: str) -> None:
    assert ask(TEXT, content_type=media_type).headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("media_type", ["image/png", "application/gzip", "font/woff2", ""])
def test_other_media_types_are_not(media_type: str) -> None:
    response = ask(TEXT, content_type=media_type)
    assert response.body == TEXT
    assert "vary" not in response.headers


def test_a_part_of_a_representation_is_sent_as_it_is() -> None:
    response = ask(TEXT, status=206, content_range="bytes 0-7999/9000")
    assert (response.body, response.headers["content-length"]) == (TEXT, "8000")
    assert "content-encoding" not in response.headers


def test_a_response_that_is_compressed_already_is_sent_as_it_is() -> None:
    packed = gzip.compress(TEXT)
    assert ask(packed, content_encoding="gzip").body == packed


@pytest.mark.parametrize("status", [204, 304])
def test_a_response_without_content_stays_without(status: int) -> None:
    response = ask(status=status, etag='W/"1"')
    assert (response.status, response.body) == (status, b"")
    assert "content-encoding" not in response.headers


@pytest.mark.parametrize("accepts", ["gzip", "br", ""])
@pytest.mark.parametrize(
    ("vary", "expected"),
    [
        ("", "Accept-Encoding"),
        ("Accept", "Accept, Accept-Encoding"),
        ("Accept-Encoding", "Accept-Encoding"),
    ],
)
def test_a_response_that_may_be_compressed_varies_by_the_coding(
    vary: str, expected: str, accepts: str
) -> None:
    assert ask(TEXT, accepts=accepts, vary=vary).headers["vary"] == expected


@pytest.mark.parametrize(("etag", "packed"), [('"1"', 'W/"1"'), ('W/"1"', 'W/"1"')])
def test_the_tag_of_a_compressed_response_is_weak(etag: str, packed: str) -> None:
    """Its bytes are not those of the strong tag (RFC 9110 §8.8.3.3)."""
    assert ask(TEXT, etag=etag).headers["etag"] == packed
    assert ask(TEXT, etag=etag, accepts="").headers["etag"] == etag
