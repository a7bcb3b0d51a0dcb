"""Pages about the site: what it is, what each release changed, and code that uses it."""

from collections import Counter

from flask import Blueprint, Response, render_template

from service import iris
from service.changes import CHANGES, SECTIONS, from_json
from service.site.addresses import host_address
from service.site.home import counts
from service.site.site import site

bp = Blueprint("about", __name__)

MAX_CHANGES = 100
"""Changes of one kind that the page of changes lists; the file in the release has all."""


@bp.get("/about")
def about() -> str:
    """Say what this is, how sure it is, its licence, and how to cite it."""
    library, manifest = site().library, site().release.manifest
    used = Counter(c.standing.ref.iri for c in library.claims.values())
    most = max(used.values(), default=1)
    return render_template(
        "about.html",
        shares=[
            (s, used[iri], round(100 * used[iri] / most)) for iri, s in library.standings.items()
        ],
        counts=counts(library),
        documents=[
            (ref, *(library.value(ref.iri, p) for p in (iris.DESCRIPTION, iris.LENGTH)))
            for ref in library.sources
        ],
        repository=library.value(iris.ONTOLOGY, iris.CODE_REPOSITORY),
        manners=list(library.manners.values()),
        standings=list(library.standings.values()),
        citation=library.value(iris.ONTOLOGY, iris.CITATION_TEXT)
        or f"{manifest.title} (CDMO), version {manifest.version}. {iris.ONTOLOGY}",
    )


@bp.get("/changes")
def changes() -> Response:
    """Show what each release changed since the one before, and what this one holds."""
    library, release = site().library, site().release
    digest = release.manifest.files.get(CHANGES)
    history = from_json(release.dump(CHANGES).read_text(encoding="utf-8")) if digest else []
    changed = {c.iri for entry in history for changes in entry.sections.values() for c in changes}
    response = Response(
        render_template(
            "changes.html",
            counts=counts(library),
            obsolete=[t for t in library.terms.values() if t.obsolete],
            history=history,
            sections=SECTIONS,
            limit=MAX_CHANGES,
            documents={iri: library.names.document(iri) for iri in changed if library.knows(iri)},
            log=CHANGES if digest else None,
        )
    )
    # Two releases may hold the same dataset and yet have another past.
    response.set_etag(site().etag(f"changes-{(digest or '')[:12]}"), weak=True)
    return response


@bp.get("/recipes/", strict_slashes=False)
def recipes() -> str:
    """Show recipes: everyday needs of applications, in code that asks this host."""
    return render_template("recipes.html", host=host_address().rstrip("/"))
