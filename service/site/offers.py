"""Which formats each page comes in; a request for others alone is refused.

To give a page another format: a row here, and ``wanted(OFFERS[request.endpoint], …)`` in its view.
"""

from collections.abc import Mapping

from flask import Response, request

from service.formats import HTML, Format
from service.site.addresses import wanted

PAGE = (HTML,)

OFFERS: Mapping[str, tuple[Format, ...]] = {
    "home.home": PAGE,
    "about.about": PAGE,
    "about.changes": PAGE,
    "browse.kinds": PAGE,
    "browse.kind": PAGE,
    "comparison.compare": PAGE,
    "disagreements.tensions": PAGE,
    "downloads.downloads": PAGE,
    "find.search": PAGE,
    "lists.mappings": PAGE,
    "lists.questions": PAGE,
    "lists.statements": PAGE,
    "matrix.matrix": PAGE,
    "diagnosis.diagnosis": PAGE,
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
    if offers := OFFERS.get(request.endpoint or ""):
        wanted(offers, "This page")


def vary(response: Response) -> Response:
    """Say that the response depends on ``Accept``."""
    if request.endpoint in OFFERS:
        response.vary.add("Accept")
    return response
