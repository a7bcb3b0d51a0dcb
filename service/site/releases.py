"""The release itself: what it changed, and its files."""

from flask import Blueprint, Response, render_template, send_file

from service import formats, iris
from service.changes import CHANGES, SECTIONS, Changes, from_json
from service.library import Library
from service.problems import UnknownResource
from service.site.addresses import quoted
from service.site.home import annotation, counts
from service.site.schema_org import downloads_schema
from service.site.site import site

bp = Blueprint("releases", __name__)

MAX_CHANGES = 100
"""Changes of one kind that the page of changes lists; the file in the release has all."""


@bp.get("/changes")
def changes() -> Response:
    """Show what each release changed since the one before, and what this one holds."""
    library, release = site().library, site().release
    digest = release.manifest.files.get(CHANGES)
    history = from_json(release.dump(CHANGES).read_text(encoding="utf-8")) if digest else []
    response = Response(
        render_template(
            "changes.html",
            counts=counts(library),
            obsolete=[t for t in library.terms.values() if t.deprecated],
            history=history,
            sections=SECTIONS,
            limit=MAX_CHANGES,
            documents=_documents(library, history),
            log=CHANGES if digest else None,
        )
    )
    # Two releases may hold the same dataset and yet have another past.
    response.set_etag(site().etag(f"changes-{(digest or '')[:12]}"), weak=True)
    return response


def _documents(library: Library, history: list[Changes]) -> dict[str, str | None]:
    """Return the path of the document of everything that changed and is still there."""
    changed = {c.iri for entry in history for changes in entry.sections.values() for c in changes}
    return {iri: library.names.document(iri) for iri in changed if library.knows(iri)}


@bp.get("/downloads")
def downloads() -> str:
    """List the files of the release with size and digest."""
    release = site().release
    digests = release.manifest.files
    sizes = {name: release.dump(name).stat().st_size for name in sorted(digests)}
    description = annotation(site().library, iris.DESCRIPTION)
    return render_template(
        "downloads.html",
        files=[(name, _size(size), digests[name]) for name, size in sizes.items()],
        schema_org=downloads_schema(release.manifest, description, sizes),
    )


def _size(count: int) -> str:
    return f"{count / 1024:.0f} kB" if count >= 1024 else f"{count} B"


@bp.get("/downloads/<name>")
def download(name: str) -> Response:
    """Send a file of the release, a piece at a time from the disk."""
    release = site().release
    if name not in release.manifest.files:
        raise UnknownResource(f"The release has no file {quoted(name)}. See /downloads.")
    path = release.dump(name)
    media_types = {f".{f.extension}": f.media_type for f in formats.DOCUMENTS}
    return send_file(
        path,
        mimetype=media_types.get(path.suffix),
        as_attachment=True,
        etag=release.manifest.files[name],
    )
