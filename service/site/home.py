"""The home page: what this is and for whom, and the ways in."""

from flask import Blueprint, render_template

from service import iris
from service.library import SORTS, Library, limits_of_treatment, statement_groups
from service.site.addresses import host_address
from service.site.browse import summarise
from service.site.overview import overview
from service.site.schema_org import site_schema
from service.site.site import site

bp = Blueprint("home", __name__)

MAX_EXAMPLES = 6
"""Disagreements and questions that the home page names."""


def counts(library: Library) -> dict[str, int]:
    """Return how many there are of everything that pages count; obsolete terms do not count."""
    return {
        "terms": sum(not (t.obsolete or t.is_ours) for t in library.terms.values()),
        "ours": sum(t.is_ours for t in library.terms.values()),
        "claims": len(library.claims),
        "passages": len(library.passages),
        "sections": len(library.sections),
        "documents": len(library.sources),
        "tensions": len(library.tensions),
        "questions": len(library.questions),
        "mappings": sum(len(targets) for targets in library.matches.values()),
    }


def others_home() -> str:
    """Return the home page of other people's data: what it is, and its terms from the top."""
    vocabulary, manifest = site().vocabulary, site().release.manifest
    headers = vocabulary.headers
    described = vocabulary.resource(headers[0].iri) if len(headers) == 1 else None
    counts = vocabulary.catalogue.counts()
    sorts = [sort for sort in SORTS if sort in counts and sort not in ("collection", "individual")]
    return render_template(
        "data.html",
        headers=headers,
        described=described,
        facts=vocabulary.facts(headers[0].iri) if described else [],
        counts=counts,
        complete=vocabulary.catalogue.complete,
        trees=[(sort, *vocabulary.tree(sort)) for sort in sorts],
        graphs=sorted(manifest.graphs.items()),
        host=host_address(),
    )


@bp.get("/")
def home() -> str:
    """Show three ways in and the four pillars; of other people's data, its graphs."""
    library, manifest = site().library, site().release.manifest
    if not site().source:
        return others_home()
    pillars = [summarise(library, kind) for kind in library.pillars]
    busiest = next((ref.iri for p in pillars for ref in p["examples"]), "")
    groups = {g.name: g.statements for g in statement_groups(library, busiest)}
    misleading = [t for t in library.tensions.values() if t.kind.leading]
    return render_template(
        "home.html",
        summaries=pillars,
        subject=library.terms.get(busiest),
        treatments=groups.get("treatedBy", ()),
        picture=overview(library, busiest),
        limits=limits_of_treatment(library, busiest),
        tensions=misleading[:MAX_EXAMPLES],
        asked=[q for q in library.questions if q.group == "readers"],
        misleading=len(misleading),
        unanswered=[q for q in library.questions if q.group == "not said"][:MAX_EXAMPLES],
        others=[
            (kind, count)
            for kind in library.kinds.values()
            if kind not in library.pillars and (count := len(library.terms_of(kind.ref.iri)))
        ],
        counts=counts(library),
        documents=library.sources if library.is_of_several else (),
        schema_org=site_schema(manifest, library.value(iris.ONTOLOGY, iris.DESCRIPTION)),
    )
