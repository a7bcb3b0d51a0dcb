"""Explain to its author what is wrong with a query: position, token, expectation, hint.

The engine reports how far its parser came and what it expected there. This module finds the
token at fault and, for the commonest mistakes, says how to mend it.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from service.problems import MalformedQuery
from service.sparql.habits import find_habit, find_rebound
from service.sparql.slips import Slip, find_slip
from service.sparql.tokens import FORMS, KEYWORDS, Token, tokens

_POSITION = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_NO_TOKEN = re.compile(r"'[^']*' ?\.\.=|\[_\]|<unreported>|\\u\{")
_UNBOUND = "The SELECT contains a variable that is unbound"
_OVERRIDDEN = "The SELECT overrides an existing variable using an expression"
_STAR_GROUPED = "SELECT * is not authorized with GROUP BY"

MAX_EXPLAINED = 1 << 16
"""Characters. For a longer query only the token at fault is named: reading all takes seconds."""

_FORMS_HINT = "A query is a SELECT, ASK, CONSTRUCT or DESCRIBE; a name needs a prefix and a colon."
_PAIRS = {"}": "{", ")": "(", "]": "["}


class Mistake(NamedTuple):
    """A mistake in a query: its token (None: at the end), a sentence about it, how to mend it."""

    token: Token | None
    sentence: str
    hint: str = ""


def explain(text: str, message: str, prefixes: Mapping[str, str]) -> MalformedQuery:
    """Return the problem for a query that the engine cannot parse.

    :param text: the query.
    :param message: the message of the engine's parser.
    :param prefixes: the known prefixes, for suggestions.
    """
    match = _POSITION.match(message)
    offset = _offset(text, int(match[1]), int(match[2])) if match else len(text)
    expectation = match[3] if match else ""
    is_long = len(text) > MAX_EXPLAINED
    stream = list(islice(tokens(text, offset), 1) if is_long else tokens(text))
    # The parser's furthest point lies after a token that it read whole but could not place.
    fault = next((t for t in stream if t.start + len(t.text) > offset), None)
    mistake = None if is_long else _find_mistake(stream, prefixes, expectation, fault)
    expected = [] if mistake else _expected(expectation)
    token, sentence, hint = mistake or _describe_fault(stream, expected, fault)
    hint = "" if is_long else hint
    line, column = position(text, token.start if token else len(text))
    return MalformedQuery(
        f"{sentence} (line {line}, column {column}). {hint}".strip(),
        line=line,
        column=column,
        token=_shorten(token),
        expected=expected,
        **({"hint": hint} if hint else {}),
    )


def _describe_fault(stream: list[Token], expected: list[str], fault: Token | None) -> Mistake:
    finding = f"found {_shorten(fault)!r}" if fault else "the query ends"
    wish = f", expected {' or '.join(expected[:6])}" if expected else ""
    sentence = f"The query does not follow the SPARQL 1.1 grammar: {finding}{wish}"
    if not stream:
        return Mistake(fault, sentence, "The query is empty.")
    has_form = any(token.keyword in FORMS for token in stream)
    return Mistake(fault, sentence, "" if has_form else _FORMS_HINT)


def _shorten(token: Token | None) -> str:
    text = token.text if token else ""
    return text if len(text) <= 80 else text[:77] + "…"


def position(text: str, offset: int) -> tuple[int, int]:
    """Return an offset's line and column, both from 1; columns count Unicode code points."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _offset(text: str, line: int, column: int) -> int:
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    start = starts[min(line, len(starts)) - 1]
    return min(start + column - 1, len(text))


def _expected(names: str) -> list[str]:
    """Return the parser's expectations that readers understand."""
    quoted = re.findall(r'"((?:[^"\\]|\\.)+)"', names)
    rest = re.sub(r'"(?:[^"\\]|\\.)+"', "", names)
    words = [w.strip() for w in re.sub(r"\[[^\]]*\]", "", rest).split(",")]
    plain = [w for w in words if re.fullmatch(r"[A-Za-z_0-9]{2,30}", w)]
    return [q.replace('\\"', '"') for q in quoted if not _NO_TOKEN.search(q)] + plain


def _find_mistake(
    stream: list[Token], prefixes: Mapping[str, str], expectation: str, fault: Token | None
) -> Mistake | None:
    return (
        _find_undeclared(stream, prefixes, fault)
        or _find_broken_string(stream)
        or _of_slip(find_habit(stream))
        or _find_wrong_projection(stream, expectation)
        or _find_unbalanced(stream, fault)
        or _find_misspelt(stream, fault)
        or _find_comma(stream)
        or _of_slip(find_slip(stream))
        or _of_slip(find_rebound(stream))
    )


def _neighbours(stream: list[Token]) -> Iterator[tuple[Token, Token]]:
    """Yield each token with the one before it."""
    return zip([Token("sign", "", 0), *stream], stream, strict=False)


def _find_undeclared(
    stream: list[Token], prefixes: Mapping[str, str], fault: Token | None
) -> Mistake | None:
    declared: set[str] = set()
    for before, token in _neighbours(stream):
        if token.kind != "name":
            continue
        prefix = token.prefix
        if before.keyword == "PREFIX":
            declared.add(prefix)
        elif prefix not in declared and (fault is None or token.start <= fault.start):
            near = _find_similar(prefix, {*declared, *prefixes})
            added = prefix if prefix in prefixes or near is None else near
            add = f"Add: PREFIX {added}: <{prefixes.get(added, '…')}>"
            hint = add if added == prefix else f"Did you mean {near}: ? {add}"
            if near in declared:
                hint = f"Did you mean {near}: ?"
            return Mistake(token, f"The prefix {prefix}: is not declared", hint)
    return None


def _find_similar(word: str, known: set[str]) -> str | None:
    same = (other for other in sorted(known) if other.lower() == word.lower())
    close = difflib.get_close_matches(word, sorted(known), 1, 0.6)
    return next(same, None) or next(iter(close), None)


def _find_broken_string(stream: list[Token]) -> Mistake | None:
    for before, token in _neighbours(stream):
        quote = token.text if token.text in {'"', "'"} else ""
        if quote and before.text == quote * 2 and before.start == token.start - 2:
            # The first two of three quotes are taken for an empty string.
            long = Token("sign", quote * 3, before.start)
            sentence = "The long string that begins here is never closed"
            return Mistake(long, sentence, f"Add {long.text}.")
        if quote:
            sentence = "A string that begins here does not end on its line"
            return Mistake(token, sentence, 'Close it, or write """…""" for text of several lines.')
    return None


def _find_wrong_projection(stream: list[Token], expectation: str) -> Mistake | None:
    if _STAR_GROUPED in expectation:
        star = next(t for t in stream if t.text == "*")
        hint = "Name the variables to return."
        return Mistake(star, "SELECT * cannot be used with GROUP BY", hint)
    for before, token in _neighbours(stream):
        if _OVERRIDDEN in expectation and before.keyword == "AS":
            sentence = f"{token.text} is given a value twice: by AS and by the pattern"
            return Mistake(token, sentence, "Use another name after AS.")
    return _find_ungrouped(stream) if _UNBOUND in expectation else None


def _find_ungrouped(stream: list[Token]) -> Mistake | None:
    """Return the first projected variable that does not follow ``GROUP``."""
    keywords = [token.keyword for token in stream]
    group = keywords.index("GROUP") if "GROUP" in keywords else len(stream)
    grouped = {token.text for token in stream[group:]}
    depth = 0
    for token in stream:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "{":
            break
        if token.kind == "variable" and depth == 0 and token.text not in grouped:
            sentence = f"{token.text} is projected but not grouped"
            mend = f"Add GROUP BY {token.text}, or use an aggregate: (SAMPLE({token.text}) AS …)."
            return Mistake(token, sentence, mend)
    return None


def _find_unbalanced(stream: list[Token], fault: Token | None) -> Mistake | None:
    opened: list[Token] = []
    for token in stream:
        if token.text in _PAIRS.values():
            opened.append(token)
        elif token.text in _PAIRS:
            if not opened:
                sentence = f"This {token.text!r} closes nothing"
                return Mistake(token, sentence, "Remove it, or open it before.")
            if opened.pop().text != _PAIRS[token.text]:
                return None
    if opened and fault is None:
        close = next(c for c, o in _PAIRS.items() if o == opened[-1].text)
        sentence = f"This {opened[-1].text!r} is never closed"
        return Mistake(opened[-1], sentence, f"Add a {close!r}.")
    return None


def _find_comma(stream: list[Token]) -> Mistake | None:
    """Return a comma between the variables of SELECT."""
    for before, token in _neighbours(stream):
        if token.text in {"{", "("}:
            return None
        if token.text == "," and before.kind == "variable":
            return Mistake(token, "There is a comma between variables", "Put only spaces there.")
    return None


def _of_slip(slip: Slip | None) -> Mistake | None:
    return Mistake(slip.token, slip.sentence, slip.hint) if slip else None


def _find_misspelt(stream: list[Token], fault: Token | None) -> Mistake | None:
    """Return the last word before the parser's furthest point that is no keyword."""
    before = [t for t in stream if fault is None or t.start <= fault.start][-3:]
    for token in reversed(before):
        if token.text[0].isalpha() and token.keyword not in {"", *KEYWORDS}:
            near = difflib.get_close_matches(token.keyword, sorted(KEYWORDS), 1, 0.7)
            hint = f"Did you mean {near[0]}?" if near else _FORMS_HINT
            return Mistake(token, f"{token.text!r} is no keyword of SPARQL", hint)
    return None
