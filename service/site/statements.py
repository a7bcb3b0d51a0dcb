"""The statements of the document, in its order, narrowed by facets."""

from dataclasses import replace

from flask import Blueprint, render_template, request, url_for

from service.iris import TERM
from service.site.facets import chips, facets, parse_filter, values_of_claim
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
    parameters = ("modality", "section", "narrowed", "start")
    filtered = parse_filter(library, request.args, parameters)
    term = TERM + filtered.narrowed if filtered.narrowed else ""
    qualified = library.narrowed_by(term) if term else library.claims
    values = {iri: values_of_claim(c) for iri, c in library.claims.items() if iri in qualified}
    claims = [library.claims[iri] for iri in values if filtered.admits(values[iri])]
    path, start = url_for("statements.statements"), filtered.start
    earlier, later = max(0, start - PAGE_SIZE), start + PAGE_SIZE
    return render_template(
        "statements.html",
        claims=claims[start:later],
        count=len(claims),
        total=len(library.claims),
        term_narrowing=library.ref(term) if term and qualified else None,
        earlier=replace(filtered, start=earlier).address(path) if start else None,
        later=replace(filtered, start=later).address(path) if later < len(claims) else None,
        facets=facets(library, path, filtered, values.values(), ("modality", "section")),
        chosen=chips(library, path, filtered),
    )
