"""All terms by name, of our release or of other people's data."""

from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from service.cards import Filter
from service.site import resources
from service.site.browse import statements_of
from service.site.listing import TITLES, facets, one_page, requested
from service.site.site import site

bp = Blueprint("all_terms", __name__)


@bp.get("/terms/", strict_slashes=False)
@bp.get("/terms.<suffix>")
def terms(suffix: str | None = None) -> str | Response:
    """Show a page of all terms by name, or send them as data.

    A kind of terms has a page of its own. Terms of other people's data are listed elsewhere.
    """
    if not site().source:
        return resources.terms(suffix)
    current = requested("terms", suffix)
    library, lists = site().library, site().lists
    if iri := current["kind"]:
        path = url_for("browse.kind", name=library.kinds[iri].name)
        rest = current.choose("kind", "").at(current.start, current.limit)
        others = urlencode(rest.parameters(lists.named))
        return redirect(f"{path}?{others}" if others else path, 303)
    part, shown = one_page("terms", current)
    fitting = lists.behind(current)
    listed = (library.terms[iri] for iri in part.iris)
    return render_template(
        "all_terms.html",
        terms=[(term, len(fitting & statements_of(library, term))) for term in listed],
        total=len(lists.select("terms", Filter())),
        facets=facets("terms", current, *TITLES),
        **shown,
    )
