"""The terminals of SPARQL 1.1, and what can be said of a query from its tokens alone.

The engine parses; this room answers what the engine's parser does not tell: which form a query
has, whether it calls out (``SERVICE``) or names graphs (``FROM``), and which token stands at a
position. It reads tokens (SPARQL 1.1 Query §19.8), so that letters inside an IRI, a string, a
comment or a prefixed name are never mistaken for a keyword.
"""

import marshal
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pyoxigraph as ox

_HEX = "[0-9A-Fa-f]"
_IRI = rf'<(?:[^<>"{{}}|^`\\\x00-\x20]|\\u{_HEX}{{4}}|\\U{_HEX}{{8}})*+>'
_PN_BASE = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_PN_CHARS = _PN_BASE + r"_\-0-9\u00B7\u0300-\u036F\u203F-\u2040"
_VARIABLE = _PN_BASE + r"_0-9\u00B7\u0300-\u036F\u203F-\u2040"
_PN_PREFIX = rf"[{_PN_BASE}][{_PN_CHARS}]*+(?:\.++[{_PN_CHARS}]++)*+"
_PLX = rf"%{_HEX}{{2}}|\\[_~.\-!$&'()*+,;=/?#@%]"
# The engine takes dots in one place of a local name; what follows the next is another token.
_PN_LOCAL = (
    rf"(?:[{_PN_BASE}_:0-9]|{_PLX})(?:[{_PN_CHARS}:]|{_PLX})*+"
    rf"(?:\.++(?:[{_PN_CHARS}:]|{_PLX})++)?+"
)
_SPACE = r"(?:[ \t\r\n]++|\#[^\r\n]*+)"
_NAME = rf"(?P<name>(?:{_PN_PREFIX})?+:(?:{_PN_LOCAL})?+)|"
_NUMBER = (
    r"(?:[0-9]++(?:\.[0-9]*+)?(?=[eE][+-]?[0-9])|[0-9]*\.[0-9]++|[0-9]++)(?:[eE][+-]?[0-9]++)?+"
)
# An escape that is none makes a string none.
_ESCAPED = (
    rf"\\(?:[tbnrf\"'\\]|u(?![dD][89a-fA-F]){_HEX}{{4}}"
    rf"|U(?!0000[dD][89a-fA-F])(?:0010|000{_HEX}){_HEX}{{4}})"
)


@cache  # each takes a few milliseconds to compile, and most queries need none of them
def _terminals(names: bool, less: bool) -> re.Pattern[str]:
    return re.compile(
        rf"""(?P<space>{_SPACE})
        |{"" if less else f"(?P<iri>{_IRI})|"}
        (?P<variable>[?$][{_VARIABLE}]++)
        |(?P<blank>_:[{_PN_BASE}_0-9][{_PN_CHARS}]*+(?:\.++[{_PN_CHARS}]++)*+)
        |{_NAME if names else ""}
        (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
        |(?P<number>{_NUMBER})
        |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
        |(?P<sign>\^\^|&&|\|\||!=|<=|{"" if less else "<<|>>|"}>=|.)""",
        re.VERBOSE | re.DOTALL,
    )


@cache
def _run() -> re.Pattern[str]:
    return re.compile(rf"[{_PN_BASE}][{_PN_CHARS}.]*+")


@cache
def _string(quote: str) -> re.Pattern[str]:
    """Return what is between three quotes, or a string between single ones."""
    if len(quote) == 3:
        return re.compile(rf"(?:[^{quote[0]}\\]++|{_ESCAPED}|{quote[0]}(?!{quote[1:]}))*+")
    return re.compile(rf"{quote}(?:[^{quote}\\\r\n]++|{_ESCAPED})*+{quote}")


UPDATES = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}
)
"""The words with which an update begins (SPARQL 1.1 Update §19.8)."""

FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
"""The words with which a query begins, after its prologue."""

_PROLOGUE = re.compile(
    rf"""{_SPACE}*+(?:
        (?i:(?P<based>BASE)|PREFIX{_SPACE}*+(?P<prefix>(?:{_PN_PREFIX})?+):){_SPACE}*+<(?P<iri>{_IRI[1:-1]})>
        |(?i:VERSION){_SPACE}*+(?:{_string("'").pattern}|{_string('"').pattern})
    )""",
    re.VERBOSE,
)
_UNNAMED = re.sub(r"\(\?P<\w+>", "(?:", _PROLOGUE.pattern)
_BEGINNING = re.compile(rf"(?:{_UNNAMED})*+{_SPACE}*+(?P<word>[A-Za-z]*+)", re.VERBOSE)
"""A prologue and the word after it."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_ANY_IRI = re.compile(_IRI)
_NOWHERE = "urn:x-none:"
_VOLATILE = re.compile(r"(?:now|rand|uuid|bnode)\s*[(#]")
_GLUED_FROM = re.compile(r"(?:ASK|CONSTRUCT)?FROM(NAMED)?", re.IGNORECASE)
HOPELESS = 5_000
"""Brackets nested so deep that nothing else of a query matters."""
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

_DESCRIBE_ENDS = frozenset(
    {"WHERE", "FROM", "ORDER", "LIMIT", "OFFSET", "GROUP", "HAVING", "VALUES"}
)

_EXPRESSION, _TERMS, _GROUP, _SELECT, _UNSURE = "expression", "terms", "group", "select", "unsure"
"""What a bracket holds. It says what "<" is: behind an operand of an expression a sign, and
anywhere else the beginning of an IRI."""


class Token(NamedTuple):
    """One terminal.

    :param kind: iri, string, variable, blank, name, language, number, word or sign; ``doubtful``
        for a sign that begins an IRI if a prefix is declared or not.
    :param start: offset of its first character in the query.
    """

    kind: str
    text: str
    start: int

    @property
    def keyword(self) -> str:
        """The word in capitals, or nothing if it is no word."""
        return self.text.upper() if self.kind == "word" else ""


class Outline(NamedTuple):
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


class Reading(NamedTuple):
    """All that is known of a query from its tokens.

    :param text: the query, its code point escapes replaced.
    :param prefixes: those that it declares with absolute IRIs, if its result is a graph.
    :param described: the IRIs that a DESCRIBE names itself; None if it names none.
    :param select: a SELECT of what it describes besides.
    """

    text: str
    outline: Outline
    prefixes: dict[str, str]
    described: tuple[str, ...] | None = None
    select: str | None = None

    def to_bytes(self) -> bytes:
        """Return it as it goes from a worker to a web process."""
        return marshal.dumps((self.text, tuple(self.outline), *self[2:]))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Reading":
        """Return what :meth:`to_bytes` wrote."""
        text, outline, *others = marshal.loads(data)  # noqa: S302 - from our own workers
        return cls(text, Outline(*outline), *others)


class _Brackets:
    """The brackets that are open and what each of them holds."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self._last = self._before = Token("sign", "", 0)

    @property
    def inner(self) -> str:
        return self.open[-1] if self.open else _SELECT

    def compares(self) -> bool:
        """Say whether "<" is a sign if it comes now: an operand of an expression has ended."""
        if self.inner not in {_EXPRESSION, _UNSURE}:
            return False
        kind, text, _ = self._last
        if kind == "word":
            return text.endswith(("true", "false"))
        return kind not in {"sign", "doubtful"} or text in {")", "]", "}"}

    def take(self, token: Token) -> None:
        """Note the next token."""
        text = token.text
        if token.kind == "sign":
            if text == "(":
                self.open.append(self._parenthesis())
            elif text == "{":
                self.open.append(_GROUP)
            elif text in {"[", "<<"}:
                self.open.append(_TERMS)
            elif self.open and text in {")", "}", "]", ">>"}:
                self.open.pop()
        elif self._last.text == "{" and token.keyword.startswith("SELECT") and self.open:
            self.open[-1] = _SELECT
        self._before, self._last = self._last, token

    def _parenthesis(self) -> str:
        """Return what a parenthesis holds that opens now; terms are a list, a row or a path."""
        inner, last = self.inner, self._last
        if last.text == "<<" or inner == _TERMS:
            return _TERMS
        if inner in {_EXPRESSION, _UNSURE}:
            return inner
        if word := last.keyword:
            return _TERMS if last.text == "a" or word.endswith("VALUES") else _EXPRESSION
        if inner == _SELECT:
            return _EXPRESSION
        if last.kind in {"iri", "name"} and self._before.keyword.endswith("FILTER"):
            return _EXPRESSION
        # FILTERe:f(1<2) is a filter if e: is declared, or begins a triple if FILTERe: is.
        return _UNSURE if last.kind == "name" and "FILTER" in last.text.upper() else _TERMS


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """Yield the terminals of a query; white space and comments are passed over.

    They are those that the engine finds, whose parser has none apart from its grammar: nothing
    in ``FILTER(1<2)#>`` is an IRI. What the engine refuses may be cut otherwise.
    The time taken grows with the length alone, whatever the text: where no prefix or no string
    can begin any more, none is tried again.

    :param start: offset to begin at, outside of all brackets.
    """
    at, nameless, strings = start, 0, True
    long_from = {"'": 0, '"': 0}
    brackets = _Brackets()
    while at < len(text):
        first = text[at]
        compares = first == "<" and brackets.compares()
        if first in long_from:
            end = _string_end(text, at, long_from) if strings else 0
            strings = end > 0  # if this one is not closed, no later quote means anything
            kind, end = ("string", end) if strings else ("sign", at + 1)
        else:
            match = _terminals(at >= nameless, compares).match(text, at)
            assert match, "its last alternative takes any character"
            kind, end = match.lastgroup or "sign", match.end()
            if kind == "space":
                at = end
                continue
            if kind in {"word", "sign"} and at >= nameless and (run := _run().match(text, at)):
                nameless = run.end()  # no colon follows these letters
        if compares and brackets.inner == _UNSURE and (iri := _ANY_IRI.match(text, at)):
            kind = "doubtful" if "#" in iri.group() or "'" in iri.group() else kind
        token = Token(kind, text[at:end], at)
        brackets.take(token)
        yield token
        at = end


def _string_end(text: str, at: int, long_from: dict[str, int]) -> int:
    """Return where the string ends that begins here, or 0 if none does.

    :param long_from: for each quote, before which offset a long string would not be closed. What
        begins one is an empty string then, and the quote after it begins another.
    """
    quote = text[at]
    if at >= long_from[quote] and text.startswith(quote * 3, at):
        inside = _string(quote * 3).match(text, at + 3)
        assert inside, "it may be empty"
        if text.startswith(quote * 3, inside.end()):
            return inside.end() + 3
        long_from[quote] = inside.end()
    found = _string(quote).match(text, at)
    return found.end() if found else 0


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
    begin = _BEGINNING.match(text)
    assert begin, "all of it may be missing"
    word, end = begin.group("word").upper(), begin.start("word")
    # The engine's keywords need no space after them: ASKWHERE{} is a query.
    form = word if word in FORMS else next((f for f in FORMS if word.startswith(f)), "")
    update = word if word in UPDATES else ""
    lower = text.lower()  # substrings are found much faster than patterns
    may_change = (
        "now" in lower or "rand" in lower or "uuid" in lower or "bnode" in lower
    ) and _VOLATILE.search(lower) is not None
    volatile = may_change or "service" in lower or (form == "CONSTRUCT" and _invents(text))
    brackets = text.count("{") + text.count("(") + text.count("[")
    if (form or update) and brackets < 100 and not ("service" in lower or "from" in lower):
        return Outline(form, update, volatile=volatile, depth=brackets)
    base, prefixes, _ = _prologue(text[:end], base)
    return _outline(text, end, Outline(form, update, volatile=volatile), base, prefixes)


def read(text: str, base: str = "") -> Reading:
    """Say all that the tokens of a query tell; it need not be a valid one.

    :param base: the base IRI, where the query gives none.
    """
    text = unescape(text)
    found = outline(text, base)
    prefixes = declared(text) if found.kind == "graph" else {}
    described, select = _described(text, base) if found.form == "DESCRIBE" else (None, None)
    return Reading(text, found, prefixes, described, select)


def _described(text: str, base: str) -> tuple[tuple[str, ...] | None, str | None]:
    """Return the IRIs that a DESCRIBE names, and a SELECT for its variables if it has any."""
    found = list(tokens(text))
    begin = next((i for i, t in enumerate(found) if t.keyword == "DESCRIBE"), None)
    if begin is None:  # it is written without a space; the engine takes it
        return None, None
    targets = []
    end = len(text)
    for token in found[begin + 1 :]:
        if token.text == "{" or token.keyword in _DESCRIBE_ENDS:
            end = token.start
            break
        targets.append(token)
    prologue = text[: found[begin].start]
    iris = _resolved(prologue, [t for t in targets if t.kind in {"iri", "name"}], base)
    variables = [t.text for t in targets if t.kind == "variable"]
    if not variables and not any(t.text == "*" for t in targets):
        return (iris, None) if targets else (None, None)
    projected = " ".join(variables) or "*"
    return iris, f"{prologue}SELECT DISTINCT {projected} {text[end:]}"


def _invents(text: str) -> bool:
    """Say whether a CONSTRUCT may make blank nodes, new ones each time."""
    if "_:" in text or "[" in text:
        return True
    depth = 0
    for token in tokens(text):
        if token.kind == "sign":
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            if depth and token.text in {"(", "<<", "~", "|"}:  # lists, reifiers, annotations
                return True
            if token.text == "}" and not depth:
                break
    return False


def _outline(  # noqa: PLR0912 - one branch for each thing that a token may be
    text: str, start: int, known: Outline, base: str, prefixes: dict[str, str]
) -> Outline:
    form, update = known.form, known.update
    services: list[str] = []
    default_graphs: list[str] = []
    named_graphs: list[str] = []
    wanted: list[str] | None = None  # where the next IRI, name or variable belongs
    depth = deepest = 0
    head = True  # before the pattern, where FROM stands
    before = last = Token("sign", "", start)
    for token in tokens(text, start):
        word = token.keyword
        if token.kind == "sign":
            if token.text in {"{", "(", "["}:
                if token.text == "{" and depth and _glued_service(before, last):
                    services.append(last.text)
                elif token.text == "{" and not depth:
                    head = last.keyword.endswith("CONSTRUCT")  # a template comes before FROM
                wanted = None
                depth += 1
                deepest = max(deepest, depth)
                if depth > HOPELESS:
                    break
            elif token.text in {"}", ")", "]"}:
                depth -= 1
        elif token.kind == "doubtful":
            services.append(token.text)
        elif "SERVICE" in word:
            wanted = services
        elif word.endswith("NAMED") and (word != "NAMED" or last.keyword.endswith("FROM")):
            wanted = named_graphs
        elif word.endswith("FROM"):
            wanted = default_graphs
        elif word and not form and not update:
            form = word if word in FORMS else ""
            update = word if word in UPDATES else ""
        elif token.kind in {"iri", "name", "variable"} and wanted is not None:
            wanted.append(_resolve(token, prefixes, base))
            if wanted is services and token.text[:6].upper() == "SILENT":
                services.append(token.text)  # SERVICE SILENTe:x may call e:x
            wanted = None
        elif head and not depth and (name := _glued_from(token, form, prefixes)):
            graphs = named_graphs if name.kind == "named" else default_graphs
            graphs.append(_resolve(name, prefixes, base))
        before, last = last, token
    return Outline(
        form,
        update,
        tuple(services),
        tuple(default_graphs),
        tuple(named_graphs),
        deepest,
        known.volatile,
    )


def _glued_service(before: Token, last: Token) -> bool:
    """Say whether a call may begin without a space: to the engine ``SERVICE:x {`` calls ``:x``."""
    named = before.keyword.endswith(("GRAPH", "SERVICE", "SILENT"))
    return last.kind == "name" and "service" in last.text.lower() and not named


def _glued_from(token: Token, form: str, prefixes: dict[str, str]) -> Token | None:
    """Return the graph in ``FROMe:g`` or ``FROMNAMEDe:g``, which to the engine is ``FROM e:g``."""
    glued = _GLUED_FROM.match(token.text) if token.kind == "name" else None
    if not glued or (form == "DESCRIBE" and token.text.partition(":")[0] in prefixes):
        return None
    kind = "named" if glued.group(1) else "name"
    return Token(kind, token.text[glued.end() :], token.start + glued.end())


def _declarations(text: str) -> Iterator[tuple[str | None, str, int]]:
    """Yield prefix (None: the base), IRI reference and end of each declaration of a prologue."""
    at = 0
    while found := _PROLOGUE.match(text, at):
        at = found.end()
        yield found.group("prefix"), found.group("iri") or "", at


def _prologue(text: str, base: str) -> tuple[str, dict[str, str], int]:
    """Return the base IRI and the prefixes that a prologue declares, and where it ends."""
    prefixes: dict[str, str] = {}
    end = 0
    for prefix, reference, end in _declarations(text):  # noqa: B007 - the last end is returned
        iri = _iri(reference, base)
        if prefix is not None:
            prefixes[prefix] = iri
        elif reference:
            base = iri
    return base, prefixes, end


def declared(text: str) -> dict[str, str]:
    """Return the prefixes that a query declares with absolute IRIs."""
    return {
        prefix: iri
        for prefix, iri, _ in _declarations(text)
        if prefix is not None and _SCHEME.match(iri) and "\\" not in iri
    }


def _resolved(prologue: str, names: list[Token], base: str = "") -> tuple[str, ...]:
    """Return the IRIs that IRI and prefixed-name tokens stand for after a prologue."""
    base, prefixes, _ = _prologue(prologue, base)
    return tuple(_resolve(token, prefixes, base) for token in names)


def _iri(reference: str, base: str) -> str:
    """Return the IRI that a reference stands for, as it is written between "<" and ">"."""
    plain = _ESCAPE.sub(lambda m: chr(int(m.group(1) or m.group(2), 16)), reference)
    if not base or _SCHEME.match(plain):
        return plain
    triple = f"<{reference}> <{_NOWHERE}> <{_NOWHERE}> ."
    try:  # so that it is what the engine makes of it, which differs from RFC 3986 in the odd case
        subject = next(iter(ox.parse(triple, ox.RdfFormat.TURTLE, base_iri=base))).subject
    except (SyntaxError, ValueError):
        return plain  # and no IRI
    return subject.value if isinstance(subject, ox.NamedNode) else plain


def _resolve(token: Token, prefixes: dict[str, str], base: str) -> str:
    """Return the IRI that a token stands for; a variable stays as it is written."""
    if token.kind == "variable":
        return token.text
    if token.kind == "iri":
        return _iri(token.text[1:-1], base)
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, prefix + ":") + local.replace("\\", "")
