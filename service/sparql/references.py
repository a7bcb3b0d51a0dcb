"""What a query reaches for: other endpoints, graphs, updates.

Nothing else of a query is read before the engine reads it. Where the engine's grammar leaves a
doubt, a reference is reported that may be none: the query is then refused with a reason.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pyoxigraph as ox

from service.sparql.tokens import (
    FORMS,
    IRI,
    SPACE,
    Token,
    string_pattern,
    tokens,
    unescape_iri,
)

UPDATES = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}
)
"""The words with which an update begins (SPARQL 1.1 Update §19.8)."""

MAX_DEPTH = 2_000
"""Brackets may nest this deep; the engine's stack ends somewhere beyond."""

# Of a prefix only its end matters here: the engine refuses a query with a malformed one.
_DECLARATION = re.compile(
    rf"""{SPACE}*+(?:
        (?i:(?P<based>BASE)|PREFIX{SPACE}*+(?P<prefix>[^\s:<\#]*+):){SPACE}*+<(?P<iri>{IRI[1:-1]})>
        |(?i:VERSION){SPACE}*+(?:{string_pattern("'").pattern}|{string_pattern('"').pattern})
    )""",
    re.VERBOSE,
)
_UNNAMED = re.sub(r"\(\?P<\w+>", "(?:", _DECLARATION.pattern)
_BEGINNING = re.compile(rf"(?:{_UNNAMED})*+{SPACE}*+(?P<word>[A-Za-z]*+)", re.VERBOSE)
"""A prologue and the word after it."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_VOLATILE = re.compile(r"(?:now|rand|uuid|bnode)\s*[(#]")
_GLUED_FROM = re.compile(r"(?:ASK|CONSTRUCT)?FROM(NAMED)?", re.IGNORECASE)
_NOWHERE = "urn:x-none:"


class References(NamedTuple):
    """What a query reaches for.

    :param update: the keyword with which it begins as an update, or "".
    :param services: IRIs or variables of ``SERVICE``.
    :param default_graphs: IRIs of ``FROM``.
    :param named_graphs: IRIs of ``FROM NAMED``.
    :param depth: how deep its brackets nest, at least.
    """

    update: str = ""
    services: tuple[str, ...] = ()
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    depth: int = 0


def is_volatile(text: str) -> bool:
    """Tell whether the same query may have another result the next time.

    It may if it calls a function such as ``NOW()`` or another endpoint; a few others are taken
    for such. New labels of blank nodes are no other result.
    """
    lower = text.lower()  # substrings are found much faster than patterns
    return "service" in lower or _VOLATILE.search(lower) is not None


def form(text: str) -> str:
    """Return SELECT, ASK, CONSTRUCT or DESCRIBE, with which the query begins, or ""."""
    word = _first_word(text)
    # The engine's keywords need no space after them: ASKWHERE{} is a query.
    return next((f for f in FORMS if word.startswith(f)), "")


def _first_word(text: str) -> str:
    beginning = _BEGINNING.match(text)
    assert beginning, "all of it may be missing"
    return beginning.group("word").upper()


def references(text: str, base: str = "") -> References:
    """Return what a query reaches for; it need not be a valid one.

    :param base: the base IRI, where the query gives none.
    """
    word = _first_word(text)
    update = word if word in UPDATES else ""
    lower = text.lower()
    brackets = text.count("{") + text.count("(") + text.count("[")
    if (
        (update or form(text))
        and brackets < MAX_DEPTH
        and not ("service" in lower or "from" in lower)
    ):
        return References(update, depth=brackets)
    return _Scan(text, base, update).references()


class _Scan:
    """One pass over the tokens of a query."""

    def __init__(self, text: str, base: str, update: str) -> None:
        self.update = update
        self.form = form(text)
        self.base, self.prefixes, end = _prologue(text, base)
        self.tokens = tokens(text, end)
        self.services: list[str] = []
        self.default_graphs: list[str] = []
        self.named_graphs: list[str] = []
        self.depth = self.deepest = 0
        self.in_head = True  # before the pattern, where FROM stands
        self.expects: list[str] | None = None  # where the next IRI, name or variable belongs
        self.before = self.last = Token("sign", "", end)

    def references(self) -> References:
        for token in self.tokens:
            self._add(token)
            if self.deepest > MAX_DEPTH:
                break
            self.before, self.last = self.last, token
        return References(
            self.update,
            tuple(self.services),
            tuple(self.default_graphs),
            tuple(self.named_graphs),
            self.deepest,
        )

    def _add(self, token: Token) -> None:
        word = token.keyword
        if token.kind == "sign":
            self._bracket(token.text)
        elif token.kind == "doubtful":
            self.services.append(token.text)
        elif "SERVICE" in word:
            self.expects = self.services
        elif word.endswith("NAMED") and (word != "NAMED" or self.last.keyword.endswith("FROM")):
            self.expects = self.named_graphs
        elif word.endswith("FROM"):
            self.expects = self.default_graphs
        elif word and not self.form and not self.update:
            self.form = word if word in FORMS else ""
            self.update = word if word in UPDATES else ""
        elif token.kind in {"iri", "name", "variable"} and self.expects is not None:
            self.expects.append(_resolve(token, self.prefixes, self.base))
            if self.expects is self.services and token.text[:6].upper() == "SILENT":
                self.services.append(token.text)  # SERVICE SILENTe:x may call e:x
            self.expects = None
        elif self.in_head and not self.depth:
            self._glued_from(token)

    def _bracket(self, sign: str) -> None:
        if sign in {"{", "(", "["}:
            if sign == "{" and self.depth:
                self._glued_service()
            elif sign == "{":
                self.in_head = self.last.keyword.endswith("CONSTRUCT")  # its template comes first
            self.expects = None
            self.depth += 1
            self.deepest = max(self.deepest, self.depth)
        elif sign in {"}", ")", "]"}:
            self.depth -= 1

    def _glued_service(self) -> None:
        """Report a call without a space: to the engine ``SERVICE:x {`` calls ``:x``."""
        is_name = self.last.kind == "name" and "service" in self.last.text.lower()
        if is_name and not self.before.keyword.endswith(("GRAPH", "SERVICE", "SILENT")):
            self.services.append(self.last.text)

    def _glued_from(self, token: Token) -> None:
        """Report the graph in ``FROMe:g`` or ``FROMNAMEDe:g``: to the engine ``FROM e:g``."""
        glued = _GLUED_FROM.match(token.text) if token.kind == "name" else None
        prefix = token.text.partition(":")[0]
        if glued and not (self.form == "DESCRIBE" and prefix in self.prefixes):
            name = Token("name", token.text[glued.end() :], token.start + glued.end())
            graphs = self.named_graphs if glued.group(1) else self.default_graphs
            graphs.append(_resolve(name, self.prefixes, self.base))


def _declarations(text: str) -> Iterator[tuple[str | None, str, int]]:
    """Yield prefix (None: the base), IRI reference and end of each declaration of a prologue."""
    end = 0
    while match := _DECLARATION.match(text, end):
        end = match.end()
        yield match.group("prefix"), match.group("iri") or "", end


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


def declared_prefixes(text: str) -> dict[str, str]:
    """Return the prefixes that a query declares with absolute IRIs."""
    return {
        prefix: iri
        for prefix, iri, _ in _declarations(text)
        if prefix is not None and _SCHEME.match(iri) and "\\" not in iri
    }


def _iri(reference: str, base: str) -> str:
    """Return the IRI of a reference as it is written between "<" and ">"."""
    plain = unescape_iri(reference)
    if not base or _SCHEME.match(plain):
        return plain
    triple = f"<{reference}> <{_NOWHERE}> <{_NOWHERE}> ."
    try:  # the engine resolves it itself, in odd cases differently from RFC 3986
        subject = next(iter(ox.parse(triple, ox.RdfFormat.TURTLE, base_iri=base))).subject
    except (SyntaxError, ValueError):
        return plain  # which is no IRI
    return subject.value if isinstance(subject, ox.NamedNode) else plain


def _resolve(token: Token, prefixes: dict[str, str], base: str) -> str:
    """Return the IRI of a token; a variable stays as it is written."""
    if token.kind == "variable":
        return token.text
    if token.kind == "iri":
        return _iri(token.text[1:-1], base)
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, prefix + ":") + local.replace("\\", "")
