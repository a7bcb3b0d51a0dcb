"""The home page: what this is, the numbers, and ways to read."""

from collections import Counter

from flask import Blueprint, render_template

from service import iris
from service.library import Library
from service.site.addresses import host_address
from service.site.browse import summarise
from service.site.schema_org import site_schema
from service.site.site import site

bp = Blueprint("home", __name__)


def counts(library: Library) -> dict[str, int]:
    """Return how many there are of everything that pages count; obsolete terms do not count."""
    return {
        "terms": sum(not (t.obsolete or t.is_ours) for t in library.terms.values()),
        "ours": sum(t.is_ours for t in library.terms.values()),
        "claims": len(library.claims),
        "passages": len(library.passages),
        "sections": len(library.sections),
        "tensions": len(library.tensions),
        "questions": len(library.questions),
        "mappings": sum(len(targets) for targets in library.matches.values()),
    }


@bp.get("/")
def home() -> str:
    """Show the four pillars and ways to read; of other people's data, its graphs."""
    library, manifest = site().library, site().release.manifest
    if not site().source:
        graphs = sorted(manifest.graphs.items())
        return render_template("data.html", graphs=graphs, host=host_address())
    pillars = [summarise(library, kind) for kind in library.pillars]
    used = Counter(c.standing.ref.iri for c in library.claims.values())
    most = max(used.values(), default=1)
    return render_template(
        "home.html",
        summaries=pillars,
        subject=next(iter(pillars[0]["examples"]), None) if pillars else None,
        others=[
            (kind, count)
            for kind in library.kinds.values()
            if kind not in library.pillars and (count := len(library.terms_of(kind.ref.iri)))
        ],
        standings=[
            (standing, used[iri], round(100 * used[iri] / most))
            for iri, standing in library.standings.items()
            if used[iri]
        ],
        counts=counts(library),
        schema_org=site_schema(manifest, site().annotation(iris.DESCRIPTION)),
    )
