"""What a query refers to: other endpoints, graphs, updates.

Nothing else in a query is read before the engine reads it. If a reference stays doubtful, the
query is refused with a reason.
"""

import contextlib
import re
from functools import lru_cache
from typing import NamedTuple

import pyoxigraph as ox

from service.sparql.tokens import FORMS, IRI, SPACE, Token, tokens

UPDATES = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}
)
"""The words that begin an update (SPARQL 1.1 Update §19.8)."""

MAX_DEPTH = 2_000
"""The deepest nesting of brackets; the engine's stack overflows somewhere beyond."""

_BEGINNING = re.compile(
    rf"""(?P<prologue>(?:{SPACE}|(?i:
        BASE{SPACE}*+{IRI} | PREFIX{SPACE}*+[^\s:<\#]*+:{SPACE}*+{IRI}
        | VERSION{SPACE}*+(?:'[^'\\\r\n]*+'|"[^"\\\r\n]*+")
    ))*+)(?P<word>[A-Za-z]*+)""",
    re.VERBOSE,
)
_STAR = re.compile(rf"(?i:SELECT){SPACE}*+(?i:DISTINCT|REDUCED)?+{SPACE}*+\*")
_VOLATILE = re.compile(r"(?:now|rand|uuid|bnode)\s*[(#]")
_NOWHERE = "none://none/"
_BRACKETS = {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}


class References(NamedTuple):
    """What a query refers to.

    :param update: the keyword that makes it an update, or "".
    :param services: IRIs or variables of ``SERVICE``; doubtful ones as they are written.
    :param default_graphs: IRIs of ``FROM``.
    :param named_graphs: IRIs of ``FROM NAMED``.
    :param depth: over :data:`MAX_DEPTH` if its brackets nest deeper than that.
    """

    update: str = ""
    services: tuple[str, ...] = ()
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    depth: int = 0


def is_volatile(text: str) -> bool:
    """Tell whether a query may have another result the next time.

    It may if it calls another endpoint or a function such as ``NOW()``. A few other queries are
    reported as well. New labels of blank nodes do not count.
    """
    return calls_out(text) or _VOLATILE.search(_body(text)) is not None


def calls_out(text: str) -> bool:
    """Tell whether a query may call another endpoint; a few that do not are reported as well."""
    # Substrings are found much faster than patterns.
    return "service" in text.lower() and "service" in _body(text)


def _body(text: str) -> str:
    """Return the text after the prologue, in lower case; a prefix may be named ``service``."""
    return text[len(_beginning(text)[0]) :].lower()


@lru_cache(maxsize=2)  # several functions ask it of one query
def _beginning(text: str) -> tuple[str, str]:
    """Return the prologue of a query, and the word after it in capitals."""
    beginning = _BEGINNING.match(text)
    assert beginning, "all of it may be missing"
    return beginning["prologue"], beginning["word"].upper()


def form(text: str) -> str:
    """Return a query's form, SELECT, ASK, CONSTRUCT or DESCRIBE, or "" if it has none."""
    _, word = _beginning(text)
    # The engine's keywords need no space after them: ASKWHERE{} is a query.
    return next((f for f in FORMS if word.startswith(f)), "")


def selects_all(text: str) -> int | None:
    """Return the offset of the star in a query that begins with ``SELECT *``, or None."""
    prologue, _ = _beginning(text)
    head = _STAR.match(text, len(prologue))
    return head.end() - 1 if head else None


def declared_prefixes(text: str) -> dict[str, str]:
    """Return the prefixes that a query declares with absolute IRIs."""
    try:
        parser = ox.parse(_beginning(text)[0], ox.RdfFormat.TURTLE, base_iri=_NOWHERE)
        list(parser)
    except SyntaxError:
        return {}
    return {p: iri for p, iri in parser.prefixes.items() if not iri.startswith(_NOWHERE)}


def references(text: str, base: str = "") -> References:
    """Return what a query refers to; the query need not be valid.

    :param base: the base IRI for a query that declares none; "" for none.
    """
    prologue, word = _beginning(text)
    update = word if word in UPDATES else ""
    lower = text.lower()
    brackets = text.count("{") + text.count("(") + text.count("[")
    if brackets < MAX_DEPTH and not ("service" in lower or "from" in lower):
        return References(update, depth=brackets)
    names: dict[str, list[str]] = {"SERVICE": [], "FROM": [], "NAMED": []}
    doubts: dict[str, list[str]] = {"SERVICE": [], "FROM": [], "NAMED": []}
    described = declared_prefixes(text) if word == "DESCRIBE" else {}
    before = last = Token("sign", "", 0)
    expects = ""
    depth = 0
    for token in tokens(text, len(prologue)):
        in_pattern = depth > 0 or token.prefix in described
        if doubt := _doubt(lower, before, last, token, in_pattern=in_pattern):
            doubts[doubt].append(token.text if token.text != "{" else last.text)
        depth += _BRACKETS.get(token.text, 0)
        if depth > MAX_DEPTH:
            break
        if keyword := next((k for k in reversed(names) if k in token.keyword), ""):
            expects = keyword
        elif expects and token.kind in {"iri", "name", "variable"}:
            names[expects].append(token.text)
            expects = ""
        elif token.text in _BRACKETS:
            expects = ""
        before, last = last, token
    with contextlib.suppress(SyntaxError):  # else the names stay unresolved
        names = {keyword: _resolve(prologue, names[keyword], base) for keyword in names}
    services, default_graphs, named_graphs = ((*names[k], *doubts[k]) for k in names)
    return References(update, services, default_graphs, named_graphs, depth)


def _doubt(lower: str, before: Token, last: Token, token: Token, *, in_pattern: bool) -> str:
    """Return SERVICE or FROM if the engine may read that keyword inside another token, else "".

    The engine needs no space after a keyword: ``SERVICE:x {`` calls ``:x``.

    :param in_pattern: whether a name may contain ``FROM`` here without a doubt.
    """
    following = lower[token.start :] if token.is_doubtful else ""
    named = before.keyword.endswith(("GRAPH", "SERVICE", "SILENT"))
    called = token.text == "{" and "SERVICE" in last.prefix.upper() and not named
    prefix = token.prefix.upper()
    silent = last.keyword.endswith("SERVICE") and prefix.startswith("SILENT")
    if "service" in following or called or silent:
        return "SERVICE"
    return "FROM" if "from" in following or ("FROM" in prefix and not in_pattern) else ""


def _resolve(prologue: str, names: list[str], base: str) -> list[str]:
    """Return the IRIs of the names in a query; variables stay as they are.

    The engine's Turtle parser resolves them, with the same prologue.

    :raises SyntaxError: if a name cannot be resolved.
    """
    iris = [name for name in names if name[0] not in "?$"]
    variables = [name for name in names if name[0] in "?$"]
    triples = f"<{_NOWHERE}> <{_NOWHERE}> {', '.join(iris)} ." if iris else ""
    parser = ox.parse(f"{prologue}\n{triples}", ox.RdfFormat.TURTLE, base_iri=base or None)
    return [*variables, *(quad.object.value for quad in parser)]
