"""The content of a cell: RDF terms as text, and back.

A cell holds the values of one property. Several stand between bars, ``a | b``; a bar or backslash
of a value has a backslash before it. A value whose language or datatype is not the one of its
column is written as Turtle has it, ``"Kalk"@de``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pyoxigraph as ox

from service import iris
from service.names import Names
from service.rdf.terms import Term, is_iri

Kind = Literal["iri", "text", "string", "boolean", "integer", "date"]

DATATYPES = {
    "string": iris.XSD_STRING,
    "boolean": iris.XSD_BOOLEAN,
    "integer": iris.XSD_INTEGER,
    "date": iris.XSD + "date",
}
_TURTLE = r'"(?:[^"\\]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^(?:<[^>]*>|[\w.-]*:[\w.-]+))?'
_IS_TURTLE = re.compile(_TURTLE, re.DOTALL)
_PART = re.compile(rf"\s*({_TURTLE}(?=\s*(?:\||\Z))|(?:\\.|[^|\\])*)(\||\Z)", re.DOTALL)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00a0\u00ad\u200b-\u200f\u2028\u2029\ufeff]"
)


class CellError(ValueError):
    """A cell that cannot be read, with a hint on how to mend it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True)
class Values:
    """How the values of a property stand in cells.

    :param kind: the kind of values that is not marked in the cell.
    :param single: whether bars are no more than characters.
    """

    kind: Kind
    single: bool = False

    def cell(self, terms: Iterable[Term], names: Names) -> str:
        """Return the cell of some values; blank nodes have no form and are left out."""
        terms = [term for term in terms if not isinstance(term, ox.BlankNode)]
        values = [self._text(term, names) for term in terms]
        if self.single and len(values) > 1:
            quoted = (
                v if _IS_TURTLE.fullmatch(v) else str(t) for v, t in zip(values, terms, strict=True)
            )
            return " | ".join(quoted)
        return " | ".join(values)

    def terms(self, cell: str, names: Names) -> list[Term]:
        """Return the values of a cell.

        :raises CellError: if one has no meaning here.
        """
        if not cell.strip():
            return []
        if self.single and not cell.startswith('"'):
            return [self._term(cell, names)]
        parts = [match[1].strip() for match in _PART.finditer(cell.strip())]
        parts = parts[:-1] if not parts[-1] else parts
        if not all(parts):
            raise CellError("has nothing between two bars", "Write: a | b")
        return list(dict.fromkeys(self._term(part, names, escaped=True) for part in parts))

    def _text(self, term: Term, names: Names) -> str:
        if isinstance(term, ox.NamedNode):
            curie = names.curie(term.value) if self.kind == "iri" else None
            return curie if curie and names.iri(curie) == term.value else f"<{term.value}>"
        assert isinstance(term, ox.Literal)
        text = term.value
        if self.kind == "text":
            plain = term.language == "en"
        else:
            plain = not term.language and term.datatype.value == DATATYPES.get(self.kind)
        if (
            not plain
            or not text.strip()
            or text[0] in '"<'
            or (not self.single and text != text.strip())
        ):
            return str(term)
        return text if self.single else re.sub(r"([\\|])", r"\\\1", text)

    def _term(self, part: str, names: Names, *, escaped: bool = False) -> Term:
        if _IS_TURTLE.fullmatch(part):
            return _parsed(part, names)
        if part.startswith("<") and part.endswith(">") and is_iri(part[1:-1]):
            return ox.NamedNode(part[1:-1])
        text = re.sub(r"\\(.)", r"\1", part) if escaped else part
        if bad := _INVISIBLE.search(text):
            message = f"has the character U+{ord(bad[0]):04X}, which nobody sees"
            raise CellError(message, "Type the cell again.")
        if self.kind == "iri":
            iri = names.iri(text)
            if iri is None or not is_iri(iri):
                raise CellError(f"'{text}' is no identifier", "Write a CURIE, as CDMO:0000001.")
            return ox.NamedNode(iri)
        if self.kind == "text":
            return ox.Literal(text, language="en")
        return ox.Literal(_lexical(text, self.kind), datatype=ox.NamedNode(DATATYPES[self.kind]))


def _lexical(text: str, kind: Kind) -> str:
    """Return the lexical form of a value, or refuse it."""
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise CellError(f"'{text}' is neither true nor false", "Write true or false.")
        return text.lower()
    if kind == "integer" and not re.fullmatch(r"[+-]?[0-9]+", text):
        raise CellError(f"'{text}' is no whole number")
    if kind == "date":
        try:
            date.fromisoformat(text)
        except ValueError:
            raise CellError(f"'{text}' is no date", "Write it as 2026-11-22.") from None
    return text


def _parsed(part: str, names: Names) -> Term:
    prefixes = "".join(f"@prefix {p}: <{n}> .\n" for p, n in names.prefixes.items())
    try:
        quad = next(iter(ox.parse(f"{prefixes}<x:s> <x:p> {part} .", ox.RdfFormat.TURTLE)))
    except SyntaxError:
        raise CellError(f"{part} is no literal of Turtle", 'Write it as "text"@en.') from None
    assert isinstance(quad, ox.Quad)
    return quad.object
