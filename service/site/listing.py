"""Lists: as data, in parts, and what narrows them further.

A view of a page asks :func:`requested` what its list is narrowed to; whoever wants data gets the
list itself instead of the page, as JSON, JSON Lines or CSV. What a list is narrowed to stands in
its address, see :mod:`service.cards.parameters`.
"""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, request, url_for

from service import formats
from service.cards import Filter, Part, parse, release_object, table
from service.formats import Format
from service.iris import LICENCE
from service.library import Library
from service.problems import UnknownResource
from service.site.addresses import CONTEXT_LINK, host_address, wanted
from service.site.site import site

SUFFIXES = {f.extension: f for f in formats.LISTS}
"""The formats of lists by the suffix of an address."""

PAGE_SIZE = 100
"""Statements, terms or passages on one page, if its address names no other limit."""

FROM_ELSEWHERE = ("utm_", "fbclid", "gclid")
"""What other sites add to the addresses that they link."""

TITLES = {
    "standing": "Statements by how they are put",
    "source": "Statements by document",
    "section": "Statements by section",
    "vocabulary": "Terms with a code in",
}
"""The facets by the names of their parameters, each with its heading."""

SAID_ELSEWHERE = frozenset({"narrowed", "order", "code", "q"})
"""Parameters that a page shows in its heading or its form."""

Facet = tuple[str, list[tuple[str, int, str, bool]]]
"""The title of a facet and its values that narrow a list further: words, count, address of the list
with the value chosen, or taken off if it is chosen, and whether it is."""


def requested(
    name: str, suffix: str | None = None, fixed: Iterable[tuple[str, str]] = ()
) -> Filter:
    """Return what the list of a page is narrowed to; answer those who want data with the list.

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
    if chosen is not formats.HTML:
        abort(_data(name, current, chosen, negotiated=suffix is None))
    return current


def one_page(name: str, current: Filter) -> tuple[Part, dict[str, Any]]:
    """Return the part of a list that one page shows, and what every such page shows beside it.

    ``earlier`` and ``later`` are the addresses of its neighbours, each None at an end.
    """
    size = current.limit or PAGE_SIZE
    part = site().lists.part(name, current.at(current.start, size))
    return part, {
        "count": part.total,
        "chosen": chips(current),
        "files": files(name, current),
        "earlier": here(current.at(current.start - size, current.limit)) if current.start else None,
        "later": here(current.at(part.next.start, current.limit)) if part.next else None,
    }


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


def here(current: Filter) -> str:
    """Return the address of the page of the request, narrowed by a filter."""
    assert request.endpoint, "a list has a page"
    path = {part: value for part, value in (request.view_args or {}).items() if part != "suffix"}
    parameters = current.parameters(site().lists.named)
    if "name" in path:  # the path tells the kind
        parameters.pop("kind", None)
    address = url_for(request.endpoint, **path)
    return f"{address}?{urlencode(parameters)}" if parameters else address


def facets(name: str, current: Filter, *parameters: str) -> list[Facet]:
    """Return facets of a list; that of documents is left out where there is one."""
    several = site().library.is_of_several
    return [facet(name, current, p) for p in parameters if p != "source" or several]


def facet(name: str, current: Filter, parameter: str) -> Facet:
    """Return one facet of a list, counted as if it alone were not yet chosen.

    Standings and sections count statements, vocabularies count terms.

    :param name: of the list.
    """
    options = []
    library, lists, source = site().library, site().lists, current["source"]
    for value, words in _words(library, parameter).items():
        if parameter == "section" and source not in ("", library.sections[value].source.iri):
            continue
        narrowed = current.choose(parameter, value)
        if name == "terms" and parameter != "vocabulary":
            count = len(lists.behind(narrowed))
        else:
            count = len(lists.select(name, narrowed))
        if count:
            chosen = value == current[parameter]
            other = current.choose(parameter, "") if chosen else narrowed
            options.append((words, count, here(other), chosen))
    return TITLES[parameter], options


def chips(current: Filter) -> list[tuple[str, str]]:
    """Return the chosen values in words, each with the address of the list without it."""
    return [
        (_in_words(site().library, name, value), here(current.choose(name, "")))
        for name, value in current.values.items()
        if name not in SAID_ELSEWHERE and not (name == "kind" and request.endpoint == "browse.kind")
    ]


def _in_words(library: Library, name: str, value: str) -> str:
    if name in TITLES:
        return _words(library, name).get(value) or library.ref(value).label
    label = library.ref(value).label if "://" in value else value
    return f"{name}: {label}"


def _words(library: Library, name: str) -> dict[str, str]:
    """Return the values of a facet, in the order of pages, with their words."""
    if name == "standing":
        return {iri: s.words for iri, s in library.standings.items()}
    if name == "source":
        return {ref.iri: library.in_short(ref) for ref in library.sources}
    if name == "section":
        return {
            iri: f"{s.ref.label} ({library.in_short(s.source)})"
            if library.is_of_several
            else s.ref.label
            for iri, s in library.sections.items()
            if s.top == iri
        }
    names = {prefix: library.vocabulary_name(prefix) for prefix in library.names.prefixes}
    return dict(sorted(names.items(), key=lambda item: item[1].lower()))
