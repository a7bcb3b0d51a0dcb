"""The parameters of lists: the filters of each list, and how an address is read.

One table serves pages, lists as data and their documentation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from service.cards.named import NamedValues, Takes
from service.cards.objects import SORTS
from service.problems import BadRequest

MAX_VALUE = 2_000
"""The most characters of a value; the longest IRI of a release has some hundred."""

MAX_NUMBER = 10**7
"""Numbers in addresses are lower; no list has as many things."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the address of a list.

    :param takes: the sort of its value; see :class:`NamedValues`.
    :param about: its effect, in a sentence for those who write applications.
    :param lists: the lists that take it.
    """

    name: str
    takes: Takes
    about: str
    lists: tuple[str, ...]


ALL = tuple(SORTS)
"""The lists."""


def _parameter(name: str, takes: Takes, lists: str, about: str) -> Parameter:
    return Parameter(name, takes, about, tuple(lists.split()))


PARAMETERS: tuple[Parameter, ...] = (
    _parameter("subject", "term", "statements", "The term that a statement is about."),
    _parameter("object", "object", "statements", "The term or value that it says of its subject."),
    _parameter("term", "term", "statements", "The subject or the object of a statement."),
    _parameter("relation", "relation", "statements", "The relation, or a wider one."),
    _parameter("polarity", "polarity", "statements", "Whether the document says so or denies it."),
    _parameter("narrowed", "term", "statements", "A term among the qualifiers of a statement."),
    _parameter("kind", "kind", "terms statements", "The kind of a term, or of a subject."),
    _parameter("vocabulary", "vocabulary", "terms mappings",
        "The vocabulary of a mapping, by its prefix or its name."),
    _parameter("standing", "standing", "statements terms",
        "How a statement is put: by the section or the document, if one is given."),
    _parameter("section", "section", "statements terms passages tensions",
        "The section of a passage, or one around it."),
    _parameter("source", "source", "statements terms passages tensions questions",
        "The document that says so, or that it is about."),
    _parameter("code", "words", "mappings", "A code or a part of a name, of either side."),
    _parameter("term", "mapped", "mappings", "Our term."),
    _parameter("predicate", "predicate", "mappings", "How the two compare."),
    _parameter("q", "words", "questions", "Words to search for."),
    _parameter("keywords", "keyword", "questions", "One of the keywords of a question."),
    _parameter("term", "term", "tensions", "A term that is at issue, or one above it."),
    _parameter("tensionKind", "tensionKind", "tensions", "In which way two places disagree."),
    _parameter("term", "term", "passages", "A term that the claims of a passage name."),
    _parameter("passageKind", "passageKind", "passages", "Sentence, list item and the like."),
    Parameter("start", "number", "How many things to leave out at the beginning.", ALL),
    Parameter("limit", "number", "How many things to send at most; all, if it is absent.", ALL),
    _parameter("order", "order", "terms", "By name; a page has the hierarchy of a kind else."),
    Parameter("format", "format", "The format, like a suffix of the address.", ALL),
)  # fmt: skip
"""Every parameter. A name may mean something else in another list, but only once in each."""


def parameters_of(name: str) -> dict[str, Parameter]:
    """Return the parameters of a list by name."""
    return {p.name: p for p in PARAMETERS if name in p.lists}


@dataclass(frozen=True, slots=True)
class Filter:
    """The filter of a list, and the part of it that is wanted.

    :param values: parameter to value: an IRI, or a text without one, such as words of a search.
    :param start: the number of things before the first.
    :param limit: the most things wanted; None for all.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    start: int = 0
    limit: int | None = None

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def choose(self, name: str, value: str) -> "Filter":
        """Return the filter with another value, or without one for "", at the first part."""
        others = {n: v for n, v in self.values.items() if n != name}
        return Filter({**others, name: value} if value else others, 0, self.limit)

    def at(self, start: int, limit: int | None = None) -> "Filter":
        """Return the filter for another part of the same list."""
        return replace(self, start=max(0, start), limit=limit)

    def parameters(self, named: NamedValues) -> dict[str, str]:
        """Return it as parameters of an address, with short values."""
        values = {name: named.short(value) for name, value in self.values.items()}
        numbers = {"start": self.start or None, "limit": self.limit}
        return values | {name: str(n) for name, n in numbers.items() if n is not None}


def parse(named: NamedValues, name: str, pairs: Iterable[tuple[str, str]]) -> Filter:
    """Return the filter that the parameters of an address ask for; an empty value asks nothing.

    :param name: of the list.
    :param pairs: names and values, as an address has them.
    :raises BadRequest: with extras ``field`` and ``known``, if the list has no such parameter,
        or one comes twice, or its value is none that the release has.
    """
    known = parameters_of(name)
    values: dict[str, str] = {}
    numbers: dict[str, int] = {}
    seen: set[str] = set()
    for parameter, text in pairs:
        if parameter not in known:
            message = f"This list has no parameter {parameter[:100]!r}."
            raise _refused(message, parameter[:100], sorted(known))
        if parameter in seen:
            raise _refused(f"The parameter {parameter} comes twice.", parameter)
        seen.add(parameter)
        if not (text := text.strip()):
            continue
        if len(text) > MAX_VALUE or not text.isprintable():
            message = f"{parameter} takes up to {MAX_VALUE} characters, and no control characters."
            raise _refused(message, parameter)
        takes = known[parameter].takes
        if takes == "number":
            numbers[parameter] = _number(parameter, text)
        elif takes != "format":
            values[parameter] = named.read(parameter, takes, text)
    return Filter(values, numbers.get("start", 0), numbers.get("limit"))


def _number(parameter: str, text: str) -> int:
    least = 1 if parameter == "limit" else 0
    fits = text.isascii() and text.isdecimal() and len(text) < len(str(MAX_NUMBER))
    if not fits or int(text) < least:
        message = f"{parameter} takes a whole number from {least} to {MAX_NUMBER - 1}."
        raise _refused(message, parameter)
    return int(text)


def _refused(message: str, parameter: str, known: list[str] | None = None) -> BadRequest:
    extras: dict[str, Any] = {"known": known} if known else {}
    more = f" It takes {', '.join(known)}." if known else ""
    return BadRequest(message + more, field=parameter, **extras)
