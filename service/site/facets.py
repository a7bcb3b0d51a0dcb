"""Facets: lists of statements and of terms narrowed to a standing, a section, a vocabulary.

The state of a narrowed list stands in its address and is parsed once, into a :class:`Filter`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass

from flask import request, url_for

from service.library import Claim, Library, Term
from service.problems import UnknownResource
from service.site.addresses import iri_at

TITLES = {"standing": "How sure", "section": "Section", "vocabulary": "Mapped to"}
"""The facets by their names in an address, each with its heading."""

Values = Mapping[str, Collection[str]]
"""What one statement or term has of each facet."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; an empty value narrows nothing.

    :param standing: the name of a standing.
    :param section: the local name of a section at the top of the document.
    :param vocabulary: the prefix of a vocabulary.
    :param narrowed: the local name of a term that qualifies the statements.
    :param start: how many statements precede the first one shown.
    """

    standing: str = ""
    section: str = ""
    vocabulary: str = ""
    narrowed: str = ""
    start: int = 0

    def address(self) -> str:
        """Return the address of the same list with this filter."""
        assert request.endpoint, "a list has a page"
        values = {name: value for name, value in asdict(self).items() if value}
        return url_for(request.endpoint, **(request.view_args or {}), **values)

    def choose(self, name: str, value: str) -> "Filter":
        """Return the filter with another value of one facet, at the first page of its list."""
        return Filter(**{**asdict(self), name: value, "start": 0})

    def admits(self, values: Values) -> bool:
        """Tell whether a statement or term with these values is in the list."""
        chosen = ((name, getattr(self, name)) for name in TITLES)
        return all(value in values.get(name, ()) for name, value in chosen if value)


Facet = tuple[str, list[tuple[str, int, str, bool]]]
"""The title of a facet and its values that narrow a list further: words, count, address of the list
with the value chosen, or taken off if it is chosen, and whether it is."""


def parse_filter(library: Library, names: Iterable[str]) -> Filter:
    """Return the filter in the parameters of the request.

    :param names: the parameters that the page takes; all others are ignored.
    :raises UnknownResource: if a value is none of this release.
    """
    values = {name: request.args.get(name, "") for name in names}
    for name in TITLES:
        value = values.get(name)
        if value and value not in _words(library, name):
            raise UnknownResource(f"No list is narrowed to a {name} called {value[:100]!r}.")
    term = values.get("narrowed")
    if term and not library.knows(iri_at(f"/id/{term}")):
        raise UnknownResource(f"This release has no term called {term[:100]!r}.")
    start = values.pop("start", "")
    return Filter(**values, start=int(start) if start.isdecimal() and len(start) < 10 else 0)


def values_of_claim(claim: Claim) -> Values:
    """Return the standing of a claim and the sections in which the document makes it."""
    sections = {c.passage.section.top for c in claim.citations if c.passage.section}
    return {"standing": {claim.standing.name}, "section": {_local(iri) for iri in sections}}


def values_of_term(library: Library, term: Term) -> Values:
    """Return what the claims of a term have, and the vocabularies that it is mapped to."""
    claims = [values_of_claim(c) for c in library.claims_of_term.get(term.ref.iri, ())]
    curies = [m.target.curie for m in library.matches.get(term.ref.iri, ())]
    return {
        **{name: {v for c in claims for v in c[name]} for name in ("standing", "section")},
        "vocabulary": {curie.partition(":")[0] for curie in curies if curie},
    }


def facet(library: Library, current: Filter, items: Iterable[Values], name: str) -> Facet:
    """Return one facet of a list, counted as if it alone were not yet chosen.

    :param items: the values of each statement or term before the list is narrowed.
    """
    unchosen, chosen = current.choose(name, ""), getattr(current, name)
    counts = Counter(v for item in items if unchosen.admits(item) for v in item.get(name, ()))
    options = []
    for value, words in _words(library, name).items():
        if counts[value]:
            other = unchosen if value == chosen else current.choose(name, value)
            options.append((words, counts[value], other.address(), value == chosen))
    return TITLES[name], options


def chips(library: Library, current: Filter) -> list[tuple[str, str]]:
    """Return the chosen values in words, each with the address of the list without it."""
    return [
        (_words(library, name)[value], current.choose(name, "").address())
        for name in TITLES
        if (value := getattr(current, name))
    ]


def _words(library: Library, name: str) -> dict[str, str]:
    """Return the values of a facet, in the order of pages, with their words."""
    if name == "standing":
        return {s.name: s.words for s in library.standings.values()}
    if name == "section":
        tops = (s for iri, s in library.sections.items() if s.top == iri)
        return {_local(section.ref.iri): section.ref.label for section in tops}
    return {prefix: prefix for prefix in sorted(library.names.prefixes)}


def _local(iri: str) -> str:
    return iri.rpartition("/")[2]
