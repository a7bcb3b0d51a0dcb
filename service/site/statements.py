"""The statements of the document, in its order, narrowed by facets."""

from dataclasses import replace

from flask import Blueprint, render_template

from service.iris import TERM
from service.site.facets import chips, facet, parse_filter, values_of_claim
from service.site.site import site

bp = Blueprint("statements", __name__)

PAGE_SIZE = 100
"""Statements on one page."""


@bp.get("/statements/")
def statements() -> str:
    """Show a page of the statements.

    :raises UnknownResource: if a filter names what the release does not have.
    """
    library = site().library
    current = parse_filter(library, ("modality", "section", "narrowed", "start"))
    term = TERM + current.narrowed if current.narrowed else ""
    pairs = library.qualified_by(term) if term else []
    qualified = {claim.ref.iri for _, claim in pairs} if term else set(library.claims)
    values = {iri: values_of_claim(c) for iri, c in library.claims.items() if iri in qualified}
    claims = [library.claims[iri] for iri in values if current.admits(values[iri])]
    start, end = current.start, current.start + PAGE_SIZE
    earlier = replace(current, start=max(0, start - PAGE_SIZE)).address()
    later = replace(current, start=end).address()
    return render_template(
        "statements.html",
        claims=claims[start:end],
        count=len(claims),
        total=len(library.claims),
        narrowing=library.ref(term) if term and qualified else None,
        earlier=earlier if start else None,
        later=later if end < len(claims) else None,
        facets=[facet(library, current, values.values(), name) for name in ("modality", "section")],
        chosen=chips(library, current),
    )
