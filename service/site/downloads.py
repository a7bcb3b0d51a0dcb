"""The files of the release."""

from flask import Blueprint, Response, render_template, send_file

from service import formats, iris
from service.problems import UnknownResource
from service.site.schema_org import downloads_schema
from service.site.site import site

bp = Blueprint("downloads", __name__)

MEDIA_TYPES = {f".{f.extension}": f.media_type for f in formats.DOCUMENTS}
"""Media types by suffix; those of other files are guessed."""


@bp.get("/downloads")
def downloads() -> str:
    """List the files of the release with size and digest."""
    release = site().release
    digests = release.manifest.files
    sizes = {name: release.dump(name).stat().st_size for name in sorted(digests)}
    description = site().annotation(iris.DESCRIPTION)
    return render_template(
        "downloads.html",
        files=[(name, _size(size), digests[name]) for name, size in sizes.items()],
        schema_org=downloads_schema(release.manifest, description, sizes),
    )


def _size(count: int) -> str:
    return f"{count / 1024:.0f} kB" if count >= 1024 else f"{count} B"


@bp.get("/downloads/<name>")
def download(name: str) -> Response:
    """Send a file of the release, piece by piece from the disk."""
    release = site().release
    digest = release.manifest.files.get(name)
    if digest is None:
        raise UnknownResource(f"The release has no file {name[:100]!r}. See /downloads.")
    path = release.dump(name)
    media_type = MEDIA_TYPES.get(path.suffix)
    return send_file(path, mimetype=media_type, as_attachment=True, etag=digest)
