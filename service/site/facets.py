"""Facets: lists of statements and of terms narrowed to a standing, a section, a vocabulary.

The state of a narrowed list stands in its address and is parsed once, into a :class:`Filter`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass

from flask import request, url_for

from service.library import Claim, Library, Term
from service.problems import UnknownResource
from service.site.addresses import iri_at

TITLES = {
    "standing": "Statements by how they are put",
    "section": "Statements by section",
    "vocabulary": "Terms with a code in",
}
"""The facets by their names in an address, each with its heading."""


@dataclass(frozen=True, slots=True)
class Values:
    """What one statement or one term has of each facet.

    :param statements: the statements by IRI, each with its standing by the local name of each
        section that makes it, and by "" its standing in the whole document.
    :param vocabularies: the prefixes of the vocabularies that a term is mapped to.
    """

    statements: Mapping[str, Mapping[str, str]]
    vocabularies: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; an empty value narrows nothing.

    :param standing: the name of a standing.
    :param section: the local name of a section at the top of the document.
    :param vocabulary: the prefix of a vocabulary.
    :param narrowed: the local name of a term that qualifies the statements.
    :param order: how the list is ordered: "name", or "" for the order of its page.
    :param start: how many statements precede the first one shown.
    """

    standing: str = ""
    section: str = ""
    vocabulary: str = ""
    narrowed: str = ""
    order: str = ""
    start: int = 0

    def address(self) -> str:
        """Return the address of the same list with this filter."""
        assert request.endpoint, "a list has a page"
        values = {name: value for name, value in asdict(self).items() if value}
        return url_for(request.endpoint, **(request.view_args or {}), **values)

    def choose(self, name: str, value: str) -> "Filter":
        """Return the filter with another value of one facet, at the first page of its list."""
        return Filter(**{**asdict(self), name: value, "start": 0})

    def statements(self, values: Values) -> set[str]:
        """Return the IRIs of the statements that fit.

        Where a section is chosen, a statement has the standing that this section gives it.
        """
        standings = ((iri, by.get(self.section)) for iri, by in values.statements.items())
        return {iri for iri, s in standings if s and (not self.standing or s == self.standing)}

    def admits(self, values: Values) -> bool:
        """Tell whether a statement, or a term with a statement that fits, is in the list."""
        if self.vocabulary and self.vocabulary not in values.vocabularies:
            return False
        return not (self.standing or self.section) or bool(self.statements(values))


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
    if values.get("order", "") not in ("", "name"):
        raise UnknownResource("A list is ordered by name, or as its page orders it.")
    term = values.get("narrowed")
    if term and not library.knows(iri_at(f"/id/{term}")):
        raise UnknownResource(f"This release has no term called {term[:100]!r}.")
    start = values.pop("start", "")
    return Filter(**values, start=int(start) if start.isdecimal() and len(start) < 10 else 0)


def values_of_claims(claims: Iterable[Claim]) -> Values:
    """Return the standings of claims in each section and in the whole document."""
    statements = {}
    for claim in claims:
        best = {"": claim.standing}
        for citation in claim.citations:
            if citation.passage.section:
                section, standing = _local(citation.passage.section.top), citation.standing
                best[section] = max(best.get(section, standing), standing, key=lambda s: s.level)
        statements[claim.ref.iri] = {section: s.name for section, s in best.items()}
    return Values(statements)


def values_of_term(library: Library, term: Term) -> Values:
    """Return what the claims of a term have, and the vocabularies that it is mapped to."""
    statements = values_of_claims(library.claims_of_term.get(term.ref.iri, ())).statements
    curies = [m.target.curie for m in library.matches.get(term.ref.iri, ())]
    return Values(statements, {curie.partition(":")[0] for curie in curies if curie})


def facet(library: Library, current: Filter, items: Collection[Values], name: str) -> Facet:
    """Return one facet of a list, counted as if it alone were not yet chosen.

    Standings and sections count statements, vocabularies count terms.

    :param items: the values of each statement or term before the list is narrowed.
    """
    options = []
    for value, words in _words(library, name).items():
        narrowed = current.choose(name, value)
        admitted = [item for item in items if narrowed.admits(item)]
        count = len(admitted)
        if name != "vocabulary":
            count = len(set().union(*map(narrowed.statements, admitted)))
        if count:
            chosen = value == getattr(current, name)
            other = current.choose(name, "") if chosen else narrowed
            options.append((words, count, other.address(), chosen))
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
    names = {prefix: library.vocabulary_name(prefix) for prefix in library.names.prefixes}
    return dict(sorted(names.items(), key=lambda item: item[1].lower()))


def _local(iri: str) -> str:
    return iri.rpartition("/")[2]
