"""Facets: lists of statements and of terms narrowed to a modality, a section, a vocabulary.

The state of a narrowed list stands in its address and is parsed once, into a :class:`Filter`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass

from service.library import Claim, Library, Term
from service.problems import UnknownResource
from service.site.addresses import iri_at, quoted, with_parameters

TITLES = {"modality": "How sure", "section": "Section", "vocabulary": "Mapped to"}
"""The facets by their names in an address, each with its heading."""

Values = Mapping[str, Collection[str]]
"""What one statement or term has of each facet."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; an empty value narrows nothing.

    :param modality: the name of a modality.
    :param section: the local name of a section at the top of the document.
    :param vocabulary: the prefix of a vocabulary.
    :param narrowed: the local name of a term that qualifies the statements.
    :param start: how many statements precede the first one shown.
    """

    modality: str = ""
    section: str = ""
    vocabulary: str = ""
    narrowed: str = ""
    start: int = 0

    def address(self, path: str) -> str:
        """Return the address of the list at ``path`` with this filter."""
        return with_parameters(path, asdict(self))

    def choose(self, name: str, value: str) -> "Filter":
        """Return the filter with another value of one facet, at the first page of its list."""
        return Filter(**{**asdict(self), name: value, "start": 0})

    def chosen(self, *, but: str = "") -> dict[str, str]:
        """Return the values of the facets that narrow something, without those of one facet."""
        values = {name: getattr(self, name) for name in TITLES if name != but}
        return {name: value for name, value in values.items() if value}

    def admits(self, values: Values, *, but: str = "") -> bool:
        """Tell whether a statement or term with these values is in the list.

        :param but: a facet to leave out of account.
        """
        return all(v in values.get(name, ()) for name, v in self.chosen(but=but).items())


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet.

    :param address: of the list with this value chosen, or taken off if it is chosen.
    """

    words: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet with the values that narrow a list further."""

    title: str
    options: tuple[Option, ...]


def parse_filter(library: Library, arguments: Mapping[str, str], names: Collection[str]) -> Filter:
    """Return the filter in the parameters of a request.

    :param names: the parameters that the page takes; all others are ignored.
    :raises UnknownResource: if a value is none of this release.
    """
    values = {name: arguments.get(name, "") for name in names}
    for name in TITLES:
        value = values.get(name)
        if value and value not in _words(library, name):
            raise UnknownResource(f"No list is narrowed to a {name} called {quoted(value)}.")
    term = values.get("narrowed")
    if term and not library.knows(iri_at(f"/id/{term}")):
        raise UnknownResource(f"This release has no term called {quoted(term)}.")
    start = values.pop("start", "")
    return Filter(**values, start=int(start) if start.isdecimal() and len(start) < 10 else 0)


def values_of_claim(claim: Claim) -> Values:
    """Return the modality of a claim and the sections in which the document makes it."""
    sections = {c.passage.section.top for c in claim.citations if c.passage.section}
    return {"modality": {claim.modality.name}, "section": {_local(iri) for iri in sections}}


def values_of_term(library: Library, term: Term) -> Values:
    """Return what the claims of a term have, and the vocabularies that it is mapped to."""
    claims = [values_of_claim(c) for c in library.claims_of_term.get(term.ref.iri, ())]
    curies = [m.target.curie for m in library.mapped.get(term.ref.iri, ())]
    return {
        **{name: {v for c in claims for v in c[name]} for name in ("modality", "section")},
        "vocabulary": {curie.partition(":")[0] for curie in curies if curie},
    }


def facets(
    library: Library,
    path: str,
    filtered: Filter,
    things: Iterable[Values],
    names: Iterable[str] = tuple(TITLES),
) -> list[Facet]:
    """Return the facets of a list, each counted as if it alone were not yet chosen.

    :param path: of the page with the list.
    :param things: the values of each statement or term before it is narrowed.
    """
    things = list(things)
    return [_facet(library, path, filtered, things, name) for name in names]


def _facet(library: Library, path: str, filtered: Filter, things: list[Values], name: str) -> Facet:
    admitted = (values for values in things if filtered.admits(values, but=name))
    counts = Counter(value for values in admitted for value in values.get(name, ()))
    current = getattr(filtered, name)
    options = [
        Option(
            words,
            counts[value],
            filtered.choose(name, "" if value == current else value).address(path),
            value == current,
        )
        for value, words in _words(library, name).items()
        if counts[value]
    ]
    return Facet(TITLES[name], tuple(options))


def chips(library: Library, path: str, filtered: Filter) -> list[tuple[str, str]]:
    """Return the chosen values in words, each with the address of the list without it."""
    return [
        (_words(library, name)[value], filtered.choose(name, "").address(path))
        for name, value in filtered.chosen().items()
    ]


def _words(library: Library, name: str) -> dict[str, str]:
    """Return the values of a facet, in the order of pages, with their words."""
    if name == "modality":
        return {m.name: m.words for m in library.modalities.values()}
    if name == "section":
        sections = library.sections.items()
        return {_local(iri): s.ref.label for iri, s in sections if s.top == iri}
    return {prefix: prefix for prefix in sorted(library.names.prefixes)}


def _local(iri: str) -> str:
    return iri.rpartition("/")[2]
