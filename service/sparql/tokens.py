r"""The tokens of a query, as far as references and hints need them (SPARQL 1.1 Query §19.8).

Letters inside an IRI, a string, a comment or a name are never mistaken for a keyword. This is no
parser: "<" counts as the beginning of an IRI wherever one could stand, see :func:`is_doubtful`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
"""The words that begin a query, after its prologue."""

_FUNCTIONS = """
    STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN
    UCASE LCASE ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS
    MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG
    STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC REGEX SUBSTR REPLACE COUNT SUM MIN MAX
    AVG SAMPLE GROUP_CONCAT LANGDIR HASLANG HASLANGDIR STRLANGDIR TRIPLE ISTRIPLE SUBJECT PREDICATE
    OBJECT ADJUST
"""
_OTHERS = """
    BASE PREFIX SELECT DISTINCT REDUCED AS CONSTRUCT WHERE DESCRIBE ASK FROM NAMED GROUP BY
    HAVING ORDER ASC DESC LIMIT OFFSET VALUES OPTIONAL GRAPH SERVICE SILENT BIND UNDEF MINUS
    UNION FILTER NOT IN EXISTS SEPARATOR TRUE FALSE A LATERAL
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
"""The functions of SPARQL and of the engine."""

KEYWORDS = FUNCTIONS | frozenset(_OTHERS.split())
"""Every word of SPARQL and of the engine."""

HEX = "[0-9A-Fa-f]"
IRI = rf'<(?:[^<>"{{}}|^`\\\x00-\x20]|\\u{HEX}{{4}}|\\U{HEX}{{8}})*+>'
SPACE = r"(?:[ \t\r\n]++|\#[^\r\n]*+)"
# A string with an invalid escape is not a string.
_ESCAPED = (
    rf"\\(?:[tbnrf\"'\\]|u(?![dD][89a-fA-F]){HEX}{{4}}"
    rf"|U(?!0000[dD][89a-fA-F])(?:0010|000{HEX}){HEX}{{4}})"
)
_CHARACTER = r"\w\-\u00B7\u0300-\u036F\u203F\u2040"
_LOCAL = rf"(?:[{_CHARACTER}:]|%{HEX}{{2}}|\\[_~.\-!$&'()*+,;=/?#@%])++"
_TOKEN = re.compile(
    rf"""(?P<space>{SPACE})
    |(?P<string>
        "{{3}}(?:[^"\\]|{_ESCAPED}|"(?!""))*+"{{3}} | "(?:[^"\\\r\n]|{_ESCAPED})*+"
        |'{{3}}(?:[^'\\]|{_ESCAPED}|'(?!''))*+'{{3}} | '(?:[^'\\\r\n]|{_ESCAPED})*+')
    |(?P<iri>{IRI})
    |(?P<variable>[?$]\w++)
    |(?P<blank>_:[{_CHARACTER}]++)
    |(?P<name>(?:[^\W\d_][{_CHARACTER}]*+(?:\.++[{_CHARACTER}]++)*+)?+:(?:{_LOCAL}(?:\.++{_LOCAL})?+)?+)
    |(?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<word>\w[\w-]*+)
    |(?P<sign>\\?.)""",
    re.VERBOSE | re.DOTALL,
)  # fmt: skip
_CODE_POINT = re.compile(r"\\(?:\\|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")


class Token(NamedTuple):
    """One token.

    :param kind: iri, string, variable, blank, name, language, word or sign; a number is a word.
    :param start: offset of its first character in the query.
    """

    kind: str
    text: str
    start: int

    @property
    def keyword(self) -> str:
        """The word in capitals, or "" if the token is no word."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def prefix(self) -> str:
        """The prefix of a name, else ""."""
        return self.text.partition(":")[0] if self.kind == "name" else ""

    @property
    def is_doubtful(self) -> bool:
        """Whether the engine may read this IRI as "<", an operand, and a comment or a string.

        It cannot if ``://`` follows a scheme: a name and two signs are no operand.
        """
        if self.kind != "iri" or not ("#" in self.text or "'" in self.text):
            return False
        return not re.match(r"<[A-Za-z][A-Za-z0-9+.\-]*://", self.text)


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """Yield the tokens of a query without white space and comments.

    For a text that the engine refuses, the tokens may differ from the engine's.

    :param start: offset to begin at.
    """
    for match in _TOKEN.finditer(text, start):
        kind = match.lastgroup or "sign"
        if kind != "space":
            yield Token(kind, match.group(), match.start())


def unescape_local(local: str) -> str:
    """Return the local part of a name without its backslashes (Query §19.8, ``PN_LOCAL_ESC``)."""
    return re.sub(r"\\(.)", r"\1", local)


def unescape(text: str) -> str:
    r"""Replace code point escapes (Query §19.2).

    Those of quotes, brackets and the like stay: the engine reads them, in strings and IRIs alone.

    >>> unescape(r"\u0053ELECT ?x { }")
    'SELECT ?x { }'
    """

    def character(match: re.Match[str]) -> str:
        point = int(match[1] or match[2] or "0", 16)
        stays = point <= 0x20 or point > 0x10FFFF or 0xD800 <= point <= 0xDFFF
        return match[0] if stays or chr(point) in "\"'\\<>{}|^`#\x7f" else chr(point)

    return _CODE_POINT.sub(character, text) if "\\" in text else text
