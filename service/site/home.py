"""The home page, and the page that says what this is."""

from collections import Counter
from dataclasses import dataclass

from flask import Blueprint, render_template

from service import iris
from service.library import Library
from service.rdf.terms import text
from service.site.addresses import host_address
from service.site.browse import summarise
from service.site.schema_org import site_schema
from service.site.site import site

bp = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are of everything that pages count."""

    terms: int
    claims: int
    passages: int
    sections: int
    tensions: int
    questions: int
    mappings: int


def counts(library: Library) -> Counts:
    """Count what a release holds; obsolete terms do not count."""
    return Counts(
        sum(not t.deprecated for t in library.terms.values()),
        len(library.claims),
        len(library.passages),
        len(library.sections),
        len(library.instances("Tension")),
        len(library.questions),
        sum(len(targets) for targets in library.mapped.values()),
    )


def annotation(library: Library, predicate: str) -> str:
    """Return what the header of the ontology has for a predicate, or ""."""
    values = library.values(iris.ONTOLOGY, predicate)
    return text(values[0]) if values else ""


@bp.get("/")
def home() -> str:
    """Show what this is, the four pillars with their numbers, and ways to read."""
    library, manifest = site().library, site().release.manifest
    if not site().ours:
        graphs = sorted(manifest.graphs.items())
        return render_template("data.html", graphs=graphs, host=host_address())
    pillars = [summarise(library, kind) for kind in library.pillars]
    used = Counter(c.modality.ref.iri for c in library.claims.values())
    most = max(used.values(), default=1)
    return render_template(
        "home.html",
        pillars=pillars,
        subject=pillars[0].examples[0] if pillars and pillars[0].examples else None,
        others=[
            (kind, count)
            for kind in library.kinds.values()
            if kind not in library.pillars and (count := len(library.terms_of(kind.ref.iri)))
        ],
        modalities=[
            (modality, used[iri], round(100 * used[iri] / most))
            for iri, modality in library.modalities.items()
            if used[iri]
        ],
        counts=counts(library),
        schema_org=site_schema(manifest, annotation(library, iris.DESCRIPTION)),
    )


@bp.get("/about")
def about() -> str:
    """Say what this is, how sure it is, its licence, and how to cite it."""
    library, manifest = site().library, site().release.manifest
    return render_template(
        "about.html",
        counts=counts(library),
        modalities=list(library.modalities.values()),
        citation=annotation(library, iris.CITATION_TEXT)
        or f"{manifest.title} (CDMO), version {manifest.version}. {iris.ONTOLOGY}",
    )
