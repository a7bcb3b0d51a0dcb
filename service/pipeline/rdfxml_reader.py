"""RDF/XML of any XML, as the engine can read it.

The engine's parser reads UTF-8 alone, stumbles over comments and CDATA in text, expands entities
without limit, and does not notice a document that is cut short. Expat, the XML parser of Python,
follows XML, bounds entities, and knows lines. So Expat reads the file, and the engine reads its
elements, attributes and text.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import IO, NoReturn, cast
from xml.etree.ElementTree import canonicalize
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox

from service import iris

_NO_LANGUAGE = "x-none"
"""Stands for ``xml:lang=""``, which in XML removes a language, in the engine's input."""

_LANGUAGE_STRING = iris.RDF + "langString"
_WRAPPER = "cdmo-wrapper"
_REASONS = {
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: "it ends before its last element does",
    43: "its entities expand to too much text",
}
"""Plainer words for errors of Expat. Python has no name for the second error."""


class RdfXmlReader:
    """The triples of an RDF/XML file, read while they are iterated over.

    :param base: the IRI against which its relative IRIs are resolved.
    :ivar prefixes: the prefixes declared so far, each with its first namespace.
    """

    def __init__(self, file: IO[bytes], base: str) -> None:
        self._base = base
        self.prefixes: dict[str, str] = {}
        self._file = file
        self._parts: list[str] = []
        self._namespaces: dict[str, list[str]] = {}
        self._declared: list[list[str]] = []
        self._languages = [""]
        self._literal: int | None = None
        self._before: list[str] = []
        self._unread = BytesIO()
        self._line = self._next_line = 1
        self._at_end = False
        parser = self._parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._instruction
        parser.ExternalEntityRefHandler = self._external
        parser.SkippedEntityHandler = self._skipped

    def __iter__(self) -> Iterator[ox.Quad]:
        """Yield the triples, in the default graph.

        :raises SyntaxError: if the file is not well-formed XML or not RDF, with the line.
        """
        source = cast("IO[bytes]", self)
        try:
            for quad in ox.parse(source, ox.RdfFormat.RDF_XML, base_iri=self._base):
                value = quad.object
                if isinstance(value, ox.Literal) and value.language == _NO_LANGUAGE:
                    yield ox.Quad(quad.subject, quad.predicate, ox.Literal(value.value))
                else:
                    yield quad
        except SyntaxError as error:
            raise _fault(error.msg, error.lineno or self._line, error.offset) from None

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes from the next line; b"" at the end.

        No more than a line, so that the line of a fault in the engine is known.

        :raises SyntaxError: if the file is not well-formed XML, with the place.
        """
        while not (data := self._unread.read(size)) and not self._at_end:
            self._line = self._next_line
            self._feed(self._file.readline(1 << 16))
            if self._literal is None:
                self._unread = BytesIO("".join(self._parts).encode("utf-8"))
                self._parts = []
        return data

    def _feed(self, part: bytes) -> None:
        self._at_end = not part
        self._next_line += part.endswith(b"\n")
        try:
            self._parser.Parse(part, self._at_end)
        except expat.ExpatError as error:
            reason = _REASONS.get(error.code) or expat.ErrorString(error.code)
            message = f"not well-formed XML: {reason}"
            raise _fault(message, error.lineno, error.offset + 1) from None
        except (LookupError, ValueError) as error:
            self._refuse(f"the encoding cannot be read: {error}")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._literal is not None:
            self._declared.append([])
            self._languages.append("")
            self._parts.append(_tag(name, attributes))
            return
        declared = [key for key in attributes if key == "xmlns" or key.startswith("xmlns:")]
        self._declared.append(declared)
        for key in declared:
            self._namespaces.setdefault(key, []).append(attributes[key])
            self.prefixes.setdefault(key.partition(":")[2], attributes[key])
        self._languages.append(attributes.get("xml:lang", self._languages[-1]))
        if attributes.get("xml:lang") == "":
            attributes["xml:lang"] = _NO_LANGUAGE
        for key, value in attributes.items():
            prefix, _, local = key.rpartition(":")
            if self._namespaces.get(f"xmlns:{prefix}", [])[-1:] != [iris.RDF]:
                continue
            if local == "datatype" and value == _LANGUAGE_STRING and self._languages[-1]:
                # Some files write it beside the language, which alone makes this type.
                del attributes[key]
                break
            if local == "parseType" and value not in ("Resource", "Collection"):
                # Values that RDF/XML does not know are read as Literal, section 7.2.20.
                del attributes[key]
                if others := [k for k in attributes if not k.startswith(("xml", f"{prefix}:ID"))]:
                    self._refuse(f"beside {key} stands no {others[0]}")
                attributes[f"{prefix}:datatype"] = iris.RDF + "XMLLiteral"
                self._literal = len(self._declared)
                break
        self._parts.append(_tag(name, attributes))
        if self._literal is not None:
            self._before, self._parts = self._parts, []

    def _end(self, name: str) -> None:
        if self._literal == len(self._declared):
            literal = escape(self._canonical("".join(self._parts)))
            self._literal, self._parts = None, [*self._before, literal]
        self._languages.pop()
        for key in self._declared.pop():
            self._namespaces[key].pop()
        self._parts.append(f"</{name}>")

    def _canonical(self, content: str) -> str:
        """Return the canonical XML of a literal, without the namespaces that it does not use.

        RDF/XML, section 7.2.17: Exclusive XML Canonicalization, with comments.
        """
        scope = {key: namespaces[-1] for key, namespaces in self._namespaces.items() if namespaces}
        # The wrapper has a namespace of its own, so each inner element declares its namespaces.
        start, end = _tag(f"{_WRAPPER}:w", {f"xmlns:{_WRAPPER}": _WRAPPER}), f"</{_WRAPPER}:w>"
        try:
            whole = canonicalize(
                f"{start[:-1]}{_tag('', scope)[1:]}{content}{end}", with_comments=True
            )
        except SyntaxError as error:
            self._refuse(f"an XML literal: {error.msg}")
        return whole[len(start) : -len(end)]

    def _characters(self, text: str) -> None:
        self._parts.append(escape(text, {"\r": "&#13;"}))

    def _comment(self, text: str) -> None:
        if self._literal is not None:
            self._parts.append(f"<!--{text}-->")

    def _instruction(self, target: str, text: str) -> None:
        if self._literal is not None:
            self._parts.append(f"<?{target} {text}?>")

    def _external(
        self, _context: str, _base: str | None, system: str | None, _public: str | None
    ) -> NoReturn:
        self._refuse(f"an entity is another document, {system}, and none is ever fetched")

    def _skipped(self, name: str, _is_parameter: bool) -> None:
        self._refuse(f"the entity &{name}; is not defined in this file")

    def _refuse(self, message: str) -> NoReturn:
        parser = self._parser
        raise _fault(message, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)


def _tag(name: str, attributes: dict[str, str]) -> str:
    return f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in attributes.items())}>"


def _fault(message: str, line: int, column: int | None) -> SyntaxError:
    return SyntaxError(message, (None, line, column, None))
