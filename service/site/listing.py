"""Lists as data: the same things as on their page, as JSON, JSON Lines or CSV.

A view of a page asks :func:`requested` what its list is narrowed to; whoever wants data gets the
list itself instead of the page.
"""

import json
from collections.abc import Iterable
from urllib.parse import urlencode

from flask import Response, request

from service import formats
from service.cards import Filter, Part, parse, release_object, table
from service.formats import Format
from service.iris import LICENCE
from service.problems import UnknownResource
from service.site.addresses import CONTEXT_LINK, host_address, wanted
from service.site.facets import here
from service.site.site import site

SUFFIXES = {f.extension: f for f in formats.LISTS}
"""The formats of lists by the suffix of an address."""

PAGE_SIZE = 100
"""Statements, terms or passages on one page, if its address names no other limit."""

FROM_ELSEWHERE = ("utm_", "fbclid", "gclid")
"""What other sites add to the addresses that they link."""


def requested(
    name: str, suffix: str | None = None, fixed: Iterable[tuple[str, str]] = ()
) -> Filter | Response:
    """Return what the list of a page is narrowed to, or the list for those who want data.

    :param name: of the list.
    :param suffix: of the address; None if the client's ``Accept`` decides.
    :param fixed: parameters that the path of the page stands for.
    :raises BadRequest: if a parameter or its value is unknown.
    :raises UnknownResource: if lists do not come with the suffix.
    """
    if suffix is not None and suffix not in SUFFIXES:
        known = ", ".join(f".{known}" for known in SUFFIXES)
        raise UnknownResource(f"Lists come as {known}, and without a suffix.")
    given = request.args.items(multi=True)
    pairs = [pair for pair in given if not pair[0].startswith(FROM_ELSEWHERE)]
    current = parse(site().lists.named, name, [*fixed, *pairs])
    chosen = _format(suffix)
    if chosen is formats.HTML:
        return current
    return _data(name, current, chosen, negotiated=suffix is None)


def one_page(name: str, current: Filter) -> tuple[Part, dict[str, str | None]]:
    """Return the part of a list that one page shows, and the addresses of its neighbours.

    :return: the part, and ``earlier`` and ``later`` for ``_pager.html``, each None at an end.
    """
    size = current.limit or PAGE_SIZE
    part = site().lists.part(name, current.at(current.start, size))
    earlier = here(current.at(current.start - size, current.limit)) if current.start else None
    later = here(current.at(part.next.start, current.limit)) if part.next else None
    return part, {"earlier": earlier, "later": later}


def wants_page(suffix: str | None) -> bool:
    """Tell whether a request asks for the page of a list."""
    return _format(suffix) is formats.HTML


def _format(suffix: str | None) -> Format:
    offers = (SUFFIXES[suffix],) if suffix else formats.LISTS
    return wanted(offers, "This list", request.args.get("format", "").strip() or suffix)


def address(name: str, current: Filter, suffix: str = "") -> str:
    """Return the address of a list, narrowed by a filter."""
    parameters = urlencode(current.parameters(site().lists.named))
    path = f"/{name}.{suffix}" if suffix else f"/{name}/"
    return f"{path}?{parameters}" if parameters else path


def files(name: str, current: Filter) -> list[tuple[str, str, str]]:
    """Return label, media type and address of a whole list in each format but that of pages."""
    whole = current.at(0)
    return [
        (fmt.label, fmt.media_type, address(name, whole, fmt.extension))
        for fmt in formats.LISTS
        if fmt is not formats.HTML
    ]


def _data(name: str, current: Filter, chosen: Format, *, negotiated: bool) -> Response:
    part = site().lists.part(name, current)
    following = None
    if part.next:
        following = host_address() + address(name, part.next, chosen.extension)[1:]
    body = _body(name, part, chosen, following)
    response = Response(body, content_type=chosen.content_type)
    response.headers["Link"] = ", ".join(_links(name, current, chosen, following))
    if negotiated:
        response.headers["Content-Location"] = address(name, current, chosen.extension)
    response.set_etag(site().etag(f"list-{chosen.extension}"), weak=True)
    return response


def _body(name: str, part: Part, chosen: Format, following: str | None) -> bytes:
    lists = site().lists
    cards = [lists.card(name, iri) for iri in part.iris]
    if chosen is formats.CSV:
        return table(name, map(json.loads, cards))
    if chosen is formats.JSON_LINES:
        return b"".join(card + b"\n" for card in cards)
    release = json.dumps(release_object(site().release.manifest))
    head = f'{{"total": {part.total}, "next": {json.dumps(following)}, "items": ['
    tail = f'], "release": {release}}}\n'
    items = b"\n" + b",\n".join(cards) + b"\n" if cards else b""
    return head.encode() + items + tail.encode()


def _links(name: str, current: Filter, chosen: Format, following: str | None) -> list[str]:
    """Return the members of the ``Link`` field: the next part, other formats, licence, context."""
    links = [f'<{following}>; rel="next"'] if following else []
    for fmt in formats.LISTS:
        # PyLD cannot load by its address what has several alternates.
        if fmt is not chosen and chosen is not formats.CARD:
            suffix = "" if fmt is formats.HTML else fmt.extension
            target = address(name, current, suffix)
            links.append(f'<{target}>; rel="alternate"; type="{fmt.media_type}"')
    links.append(f'<{LICENCE}>; rel="license"')
    return [*links, CONTEXT_LINK] if chosen is formats.CARD else links
