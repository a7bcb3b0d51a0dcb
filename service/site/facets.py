"""Facets: what narrows a list of statements or of terms further, with how much it would leave.

What a list is narrowed to stands in its address, see :mod:`service.cards.parameters`.
"""

from urllib.parse import urlencode

from flask import request, url_for

from service.cards import Filter, Lists
from service.library import Library
from service.site.site import site

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


def here(current: Filter) -> str:
    """Return the address of the page of the request, narrowed by a filter."""
    assert request.endpoint, "a list has a page"
    path = {part: value for part, value in (request.view_args or {}).items() if part != "suffix"}
    parameters = current.parameters(site().lists.named)
    if "name" in path:  # the path tells the kind
        parameters.pop("kind", None)
    address = url_for(request.endpoint, **path)
    return f"{address}?{urlencode(parameters)}" if parameters else address


def facets(lists: Lists, name: str, current: Filter, *parameters: str) -> list[Facet]:
    """Return facets of a list; that of documents is left out where there is one."""
    several = lists.library.is_of_several
    return [facet(lists, name, current, p) for p in parameters if p != "source" or several]


def facet(lists: Lists, name: str, current: Filter, parameter: str) -> Facet:
    """Return one facet of a list, counted as if it alone were not yet chosen.

    Standings and sections count statements, vocabularies count terms.

    :param name: of the list.
    """
    options = []
    library, source = lists.library, current["source"]
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


def chips(lists: Lists, current: Filter) -> list[tuple[str, str]]:
    """Return the chosen values in words, each with the address of the list without it."""
    return [
        (_in_words(lists.library, name, value), here(current.choose(name, "")))
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
