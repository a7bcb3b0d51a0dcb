"""The terminals of SPARQL 1.1, and what can be said of a query from its tokens alone.

The engine parses; this room answers what the engine's parser does not tell: which form a query
has, whether it calls out (``SERVICE``) or names graphs (``FROM``), and which token stands at a
position. It reads tokens (SPARQL 1.1 Query §19.8), so that letters inside an IRI, a string, a
comment or a prefixed name are never mistaken for a keyword.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin

_IRI = r'<(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>'
_PN_BASE = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_PN_CHARS = _PN_BASE + r"_\-0-9\u00B7\u0300-\u036F\u203F-\u2040"
_VARIABLE = _PN_BASE + r"_0-9\u00B7\u0300-\u036F\u203F-\u2040"
_PN_PREFIX = rf"[{_PN_BASE}](?:[{_PN_CHARS}.]*[{_PN_CHARS}])?"
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_PN_LOCAL = (
    rf"(?:[{_PN_BASE}_:0-9]|{_PLX})(?:(?:[{_PN_CHARS}.:]|{_PLX})*(?:[{_PN_CHARS}:]|{_PLX}))?"
)

_NAME = rf"(?P<name>(?:{_PN_PREFIX})?:(?:{_PN_LOCAL})?)|"
_STRING = r"""(?P<string>\"{3}(?:"{0,2}(?:[^"\\]|\\.))*\"{3}|\'{3}(?:'{0,2}(?:[^'\\]|\\.))*\'{3}
        |"(?!"")(?:[^"\\\r\n]|\\.)*"|'(?!'')(?:[^'\\\r\n]|\\.)*')|"""


@cache  # each takes a few milliseconds to compile, and most queries need none of them
def _terminals(names: bool, strings: bool) -> re.Pattern[str]:
    return re.compile(
        rf"""(?P<space>[ \t\r\n]+|\#[^\r\n]*)
        |(?P<iri>{_IRI})
        |{_STRING if strings else ""}
        (?P<variable>[?$][{_VARIABLE}]+)
        |(?P<blank>_:[{_PN_CHARS}][{_PN_CHARS}.]*)
        |{_NAME if names else ""}
        (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
        |(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
        |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
        |(?P<sign>\^\^|&&|\|\||!=|<=|>=|"{{3}}|'{{3}}|.)""",
        re.VERBOSE | re.DOTALL,
    )


@cache
def _run() -> re.Pattern[str]:
    return re.compile(rf"[{_PN_BASE}][{_PN_CHARS}.]*")


UPDATES = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}
)
"""The words with which an update begins (SPARQL 1.1 Update §19.8)."""

FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
"""The words with which a query begins, after its prologue."""

_PROLOGUE = re.compile(
    rf"(?:[ \t\r\n]+|#[^\r\n]*|(?i:BASE)\s*{_IRI}|(?i:PREFIX)\s*(?:{_PN_PREFIX})?:\s*{_IRI})*"
    r"(?P<word>[A-Za-z]+)?"
)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\\]*")
_CHANGING = ("now", "rand", "uuid", "bnode", "service")
_VOLATILE = re.compile(r"(?:now|rand|uuid|bnode)\s*[(#]|service")
# After an expression "<" may be a sign: FILTER(1<2)SERVICE#>, and the rest on the next line.
_SWALLOWED = re.compile(r"\).*service.*#", re.IGNORECASE)
HOPELESS = 5_000
"""Brackets nested so deep that nothing else of a query matters."""
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


@dataclass(frozen=True, slots=True)
class Token:
    """One terminal.

    :param kind: iri, string, variable, blank, name, language, number, word or sign.
    :param start: offset of its first character in the query.
    """

    kind: str
    text: str
    start: int

    @property
    def keyword(self) -> str:
        """The word in capitals, or nothing if it is no word."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass(frozen=True, slots=True)
class Outline:
    """What the tokens of a query say of it.

    :param form: SELECT, ASK, CONSTRUCT or DESCRIBE; empty if it begins with none of them.
    :param update: the update keyword it begins with, or empty.
    :param services: IRIs or variables that ``SERVICE`` is asked of.
    :param default_graphs: IRIs of ``FROM``.
    :param named_graphs: IRIs of ``FROM NAMED``.
    :param depth: how deep its brackets nest.
    :param volatile: whether asking again may give another answer (``NOW()``, fresh blank nodes).
    """

    form: str = ""
    update: str = ""
    services: tuple[str, ...] = ()
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    depth: int = 0
    volatile: bool = False

    @property
    def kind(self) -> str:
        """The kind of result: solutions, boolean or graph."""
        return {"SELECT": "solutions", "ASK": "boolean"}.get(self.form, "graph")


def tokens(text: str) -> Iterator[Token]:
    """Yield the terminals of a query; white space and comments are passed over.

    The time taken grows with the length alone, whatever the text: where no prefix or no string
    can begin any more, none is tried again.
    """
    at, nameless, strings = 0, 0, True
    while match := _terminals(at >= nameless, strings).match(text, at):
        kind = match.lastgroup or "sign"
        if kind != "space":
            found = match.group()
            yield Token(kind, found, at)
            if kind in {"word", "sign"}:
                if found[0] in "\"'":
                    strings = False  # it is not closed: no later quote means anything
                elif at >= nameless and (run := _run().match(text, at)):
                    nameless = run.end()  # no colon follows these letters
        at = match.end()


def unescape(text: str) -> str:
    r"""Replace code point escapes that stand outside strings and IRIs (SPARQL 1.1 Query §19.2).

    The engine reads those inside itself.

    >>> unescape(r"\u0053ELECT ?x { }")
    'SELECT ?x { }'
    """
    if "\\u" not in text and "\\U" not in text:
        return text
    parts, end = [], 0
    for token in tokens(text):
        if token.start < end or token.text != "\\":
            continue
        if match := _ESCAPE.match(text, token.start):
            point = int(match.group(1) or match.group(2), 16)
            if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
                continue
            parts += [text[end : token.start], chr(point)]
            end = match.end()
    return "".join((*parts, text[end:]))


def outline(text: str, base: str = "") -> Outline:
    """Say what the tokens of a query tell; it need not be a valid one.

    :param base: the base IRI, where the query gives none.
    """
    begin = _PROLOGUE.match(text)
    word = ((begin and begin.group("word")) or "").upper()
    # The engine's keywords need no space after them: ASKWHERE{} is a query.
    form = next((f for f in FORMS if word.startswith(f)), "")
    update = word if word in UPDATES else ""
    lower = text.lower()  # substrings are found much faster than patterns
    volatile = (
        any(name in lower for name in _CHANGING) and _VOLATILE.search(lower) is not None
    ) or (form == "CONSTRUCT" and _invents(text))
    brackets = text.count("{") + text.count("(") + text.count("[")
    if (form or update) and brackets < 100 and not ("service" in lower or "from" in lower):
        return Outline(form, update, volatile=volatile, depth=brackets)
    return _outline(text, form, update, volatile, base)


def _invents(text: str) -> bool:
    """Say whether a CONSTRUCT may make blank nodes, new ones each time."""
    if "_:" in text or "[" in text:
        return True
    depth = 0
    for token in tokens(text):
        if token.kind == "sign":
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            if depth and token.text in {"(", "<", "~", "|"}:  # lists, reifiers, annotations
                return True
            if token.text == "}" and not depth:
                break
    return False


def _outline(text: str, form: str, update: str, volatile: bool, base: str) -> Outline:  # noqa: PLR0912
    prefixes: dict[str, str] = {}
    services: list[str] = []
    default_graphs: list[str] = []
    named_graphs: list[str] = []
    wanted: list[str] | None = None  # where the next IRI, name or variable belongs
    depth = deepest = 0
    before: list[Token] = []
    for token in tokens(text):
        last = before[-1].keyword if before else ""
        word = token.keyword
        if token.text in {"{", "(", "["}:
            if token.text == "{" and before and before[-1].kind == "name":
                _glued(before, depth, services, default_graphs)
            wanted = None
            depth += 1
            deepest = max(deepest, depth)
            if depth > HOPELESS:
                break
        elif token.text in {"}", ")", "]"}:
            depth -= 1
        elif not form and not update and word in FORMS:
            form = word
        elif not form and not update and word in UPDATES:
            update = word
        elif token.kind == "iri" and last == "BASE":
            base = _join(base, token.text[1:-1])
        elif token.kind == "iri" and len(before) > 1 and before[-2].keyword == "PREFIX":
            prefixes[before[-1].text[:-1]] = _join(base, token.text[1:-1])
        if "SERVICE" in word:
            wanted = services
        elif word.endswith("NAMED") and (word != "NAMED" or last.endswith("FROM")):
            wanted = named_graphs
        elif word.endswith("FROM"):
            wanted = default_graphs
        elif token.kind in {"iri", "name", "variable"} and wanted is not None:
            wanted.append(_resolve(token, prefixes, base))
            wanted = None
        if token.kind == "iri" and _SWALLOWED.search(token.text):
            services.append(token.text)
        before = [*before[-1:], token]
    return Outline(
        form,
        update,
        tuple(services),
        tuple(default_graphs),
        tuple(named_graphs),
        deepest,
        volatile,
    )


def _glued(before: list[Token], depth: int, services: list[str], graphs: list[str]) -> None:
    """Note a keyword without a space after it: to the engine ``SERVICE:x {`` calls ``:x``."""
    text = before[-1].text
    last = before[0].keyword if len(before) > 1 else ""
    if "service" in text.lower() and not last.endswith("GRAPH"):
        services.append(text)
    elif "from" in text.lower() and not depth and last != "FROM" and not last.endswith("NAMED"):
        graphs.append(text)


def declared(text: str) -> dict[str, str]:
    """Return the prefixes that a query declares with absolute IRIs."""
    begin = _PROLOGUE.match(text)
    found = list(tokens(text[: begin.end()])) if begin else []
    return {
        name.text[:-1]: iri.text[1:-1]
        for keyword, name, iri in zip(found, found[1:], found[2:], strict=False)
        if keyword.keyword == "PREFIX" and iri.kind == "iri" and _ABSOLUTE.match(iri.text, 1)
        if "\\" not in iri.text
    }


def resolved(prologue: str, names: list[Token], base: str = "") -> tuple[str, ...]:
    """Return the IRIs that IRI and prefixed-name tokens stand for after a prologue."""
    prefixes: dict[str, str] = {}
    before: list[Token] = []
    for token in tokens(prologue):
        if token.kind == "iri" and before and before[-1].keyword == "BASE":
            base = _join(base, token.text[1:-1])
        elif token.kind == "iri" and len(before) > 1 and before[-2].keyword == "PREFIX":
            prefixes[before[-1].text[:-1]] = _join(base, token.text[1:-1])
        before = [*before[-1:], token]
    return tuple(_resolve(token, prefixes, base) for token in names)


def _join(base: str, iri: str) -> str:
    """Resolve an IRI reference (RFC 3986 §5.2); an empty fragment stays."""
    if not base or re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", iri):
        return iri
    joined = urljoin(base, iri)
    return f"{joined}#" if iri.endswith("#") and not joined.endswith("#") else joined


def _resolve(token: Token, prefixes: dict[str, str], base: str) -> str:
    """Return the IRI that a token stands for; a variable stays as it is written."""
    if token.kind == "variable":
        return token.text
    if token.kind == "iri":
        iri = _ESCAPE.sub(lambda m: chr(int(m.group(1) or m.group(2), 16)), token.text[1:-1])
        return _join(base, iri)
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, prefix + ":") + re.sub(r"\\(.)", r"\1", local)
