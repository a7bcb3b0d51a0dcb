"""Which formats each page comes in; a request for others alone is refused.

To give a page another format: a row here, and ``wanted(OFFERS[request.endpoint], …)`` in its view.
"""

from collections.abc import Mapping

from flask import Response, request

from service.formats import HTML, LISTS, Format
from service.site.addresses import wanted

PAGE = (HTML,)

OFFERS: Mapping[str, tuple[Format, ...]] = {
    "home.home": PAGE,
    "about.about": PAGE,
    "about.changes": PAGE,
    "about.recipes": PAGE,
    "api.page": PAGE,
    "browse.kinds": PAGE,
    "browse.kind": LISTS,
    "browse.diagnosis": PAGE,
    "comparison.compare": PAGE,
    "disagreements.tensions": LISTS,
    "downloads.downloads": PAGE,
    "find.search": PAGE,
    "find.terms": LISTS,
    "lists.mappings": LISTS,
    "lists.passages": LISTS,
    "lists.questions": LISTS,
    "lists.sources": PAGE,
    "lists.statements": LISTS,
    "matrix.matrix": PAGE,
    "problems.index": PAGE,
    "problems.problem": PAGE,
    "query.query": PAGE,
    "reconcile.preview": PAGE,
}
"""The formats of each page, by the name of its route, in our order of preference."""


def refuse_other_formats() -> None:
    """Answer 406 to a client that takes a page in none of its formats.

    :raises NotAcceptable: naming the formats.
    """
    if (offers := OFFERS.get(request.endpoint or "")) and not _is_named():
        wanted(offers, "This page")


def _is_named() -> bool:
    """Tell whether the address of a list names its format."""
    is_list = OFFERS.get(request.endpoint or "") is LISTS
    return is_list and bool("suffix" in (request.view_args or {}) or request.args.get("format"))


def vary(response: Response) -> Response:
    """Say that the response depends on ``Accept``."""
    if request.endpoint in OFFERS and (not _is_named() or response.status_code >= 400):
        response.vary.add("Accept")
    return response
