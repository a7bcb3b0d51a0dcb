"""The files of the release.

A file whose name ends in ``.gz`` comes in two forms. Whoever names the media type of the data, as
readers of RDF by its address do, gets the data, in the coding ``gzip`` if they accept it; everybody
else gets the file as it is, to which its digest belongs. Without ``.gz`` at its end the address is
that of the data.

Of a file a range of bytes may be asked for (RFC 9110 §14); what else is asked for is ignored, as a
server may. Werkzeug refuses requests for several ranges, in other units, or that are malformed.
"""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Response, render_template, request, send_file

from service import formats, iris
from service.cards import SORTS, Filter
from service.formats import Format
from service.problems import UnknownResource
from service.site.addresses import wanted
from service.site.listing import address
from service.site.schema_org import downloads_schema
from service.site.site import site

bp = Blueprint("downloads", __name__)

BY_SUFFIX = {f".{f.extension}": f for f in formats.GRAPHS}
"""Formats by suffix; the media types of other files are guessed."""

_ONE_RANGE = re.compile(r"(?i:bytes)=(?:([0-9]{1,18})-([0-9]{0,18})|-[0-9]{1,18})")

PIECE_BYTES = 1 << 16
"""Of unpacked data at once."""


@bp.get("/downloads")
def downloads() -> str:
    """List the files of the release with size and digest."""
    release = site().release
    digests = release.manifest.files
    sizes = {name: release.dump(name).stat().st_size for name in sorted(digests)}
    description = site().library.value(iris.ONTOLOGY, iris.DESCRIPTION)
    return render_template(
        "downloads.html",
        release_files=[
            (name, _size(size), digests[name], _folder(name)) for name, size in sizes.items()
        ],
        tables=[(name, address(name, Filter(), "csv")) for name in SORTS] if site().source else (),
        schema_org=downloads_schema(release.manifest, description, sizes),
    )


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _size(count: int) -> str:
    return f"{count / 1024:.0f} kB" if count >= 1024 else f"{count} B"


@bp.get("/downloads/<path:name>")
def download(name: str) -> Response:
    """Send a file of the release, piece by piece from the disk.

    :raises UnknownResource: if the release has no such file.
    :raises NotAcceptable: if a client takes neither a packed file nor its data.
    """
    release = site().release
    files = release.manifest.files
    stored = name if name in files else f"{name}.gz"
    if stored not in files:
        raise UnknownResource(f"The release has no file {name[:100]!r}. See /downloads.")
    path = release.dump(stored)
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    fmt = BY_SUFFIX.get(plain.suffix)
    if path.suffix != ".gz" or fmt is None:
        media_type = fmt.media_type if fmt else None
        return send_file(path, mimetype=media_type, as_attachment=True, etag=files[stored])
    is_data = stored != name
    chosen = fmt if is_data else wanted((formats.GZIP, fmt), "This file")
    response = _data(path, fmt, files[stored]) if chosen is fmt else _packed(path, files[stored])
    if not is_data:
        response.vary.add("Accept")
    return response


def _packed(path: Path, digest: str) -> Response:
    return send_file(path, mimetype=formats.GZIP.media_type, as_attachment=True, etag=digest)


def _data(path: Path, fmt: Format, digest: str) -> Response:
    """Return the data in a packed file: as it is packed to those who accept that, else unpacked."""
    accepts = request.accept_encodings.quality("gzip") > 0
    response = Response(_pieces(path, unpack=not accepts), content_type=fmt.content_type)
    if accepts:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{digest}-data", weak=True)
    return response


def _pieces(path: Path, *, unpack: bool) -> Iterator[bytes]:
    with gzip.open(path) if unpack else path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def ignore_other_ranges() -> None:
    """Remove a ``Range`` field that does not ask for one range of bytes."""
    one = _ONE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if one is None or (one[2] and int(one[1]) > int(one[2])):
        request.environ.pop("HTTP_RANGE", None)
