"""What is wrong with a query, for the person who wrote it: place, token, expectation, hint.

The engine says how far its parser came and what it hoped for there. This room finds the token
that stands at fault and, for the mistakes people make most, says how to mend it.
"""

import difflib
import re
from collections.abc import Mapping
from itertools import islice

from service.problems import MalformedQuery
from service.sparql.tokens import FORMS, Token, tokens

_POSITION = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_NO_TOKEN = re.compile(r"'[^']*' ?\.\.=|\[_\]|<unreported>|\\u\{")
_UNBOUND = "The SELECT contains a variable that is unbound"
_SECOND = "The SELECT overrides an existing variable using an expression"

_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
    BASE PREFIX SELECT DISTINCT REDUCED AS CONSTRUCT WHERE DESCRIBE ASK FROM NAMED GROUP BY
    HAVING ORDER ASC DESC LIMIT OFFSET VALUES OPTIONAL GRAPH SERVICE SILENT BIND UNDEF MINUS
    UNION FILTER NOT IN EXISTS SEPARATOR STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE
    RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE ENCODE_FOR_URI CONTAINS STRSTARTS
    STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ NOW UUID
    STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI ISURI
    ISBLANK ISLITERAL ISNUMERIC REGEX SUBSTR REPLACE COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT
    TRUE FALSE A LANGDIR HASLANG HASLANGDIR STRLANGDIR TRIPLE ISTRIPLE SUBJECT PREDICATE
    OBJECT
    """,
    )
)
"""Every word that SPARQL or the engine knows."""

LONG = 1 << 16
"""Of a longer query only the token at fault is told: to read all of it would take seconds."""
_FORMS_HINT = "A query is a SELECT, ASK, CONSTRUCT or DESCRIBE; a name needs a prefix and a colon."


def explain(text: str, message: str, prefixes: Mapping[str, str]) -> MalformedQuery:
    """Return the problem for a query that the engine cannot parse.

    :param text: the query.
    :param message: what the engine's parser said.
    :param prefixes: prefixes that are known here, for suggestions.
    """
    match = _POSITION.match(message)
    offset = _offset(text, int(match[1]), int(match[2])) if match else len(text)
    expected = _expected(match[3]) if match else []
    long = len(text) > LONG
    found = list(islice(tokens(text, offset), 1) if long else tokens(text))
    token = next((t for t in found if t.start + len(t.text) > offset), None)
    # The parser's furthest point lies behind a token that it read whole but could not place.
    said = match[3] if match else ""
    known = None if long else _recognised(text, found, prefixes, said, token)
    if known:
        token, sentence, hint = known
        expected = []
    else:
        sentence = "The query does not follow the SPARQL 1.1 grammar"
        hint = "" if long or any(t.keyword in FORMS for t in found) else _FORMS_HINT
        if not found and not long:
            hint = "The query is empty."
    line, column = position(text, token.start if token else len(text))
    shown = (
        token.text if token and len(token.text) <= 80 else token.text[:77] + "…" if token else ""
    )
    where = f"line {line}, column {column}"
    what = f"found {shown!r}" if token else "the query ends"
    wish = f", expected {' or '.join(expected[:6])}" if expected else ""
    detail = f"{sentence}: {where}: {what}{wish}." if not known else f"{sentence} ({where})."
    return MalformedQuery(
        f"{detail} {hint}".strip(),
        line=line,
        column=column,
        token=shown,
        expected=expected,
        **({"hint": hint} if hint else {}),
    )


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, both from 1, of an offset; a column is a Unicode code point."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _offset(text: str, line: int, column: int) -> int:
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    start = starts[min(line, len(starts)) - 1]
    return min(start + column - 1, len(text))


def _expected(names: str) -> list[str]:
    """Return the readable ones of the parser's expectations."""
    quoted = re.findall(r'"((?:[^"\\]|\\.)+)"', names)
    rest = re.sub(r'"(?:[^"\\]|\\.)+"', "", names)
    words = [w.strip() for w in re.sub(r"\[[^\]]*\]", "", rest).split(",")]
    plain = [w for w in words if re.fullmatch(r"[A-Za-z_0-9]{2,30}", w)]
    return [q.replace('\\"', '"') for q in quoted if not _NO_TOKEN.search(q)] + plain


def _recognised(
    text: str, found: list[Token], prefixes: Mapping[str, str], said: str, at: Token | None
) -> tuple[Token | None, str, str] | None:
    """Return token, sentence and hint for a mistake that is known by itself."""
    return (
        _undeclared(found, prefixes, at)
        or _broken_string(found)
        or _ungrouped(found, said)
        or _unbalanced(found, at)
        or _misspelt(found, at)
    )


def _undeclared(
    found: list[Token], prefixes: Mapping[str, str], at: Token | None
) -> tuple[Token, str, str] | None:
    declared: set[str] = set()
    for before, token in zip([None, *found], found, strict=False):
        if token.kind != "name":
            continue
        prefix = token.text.partition(":")[0]
        if before is not None and before.keyword == "PREFIX":
            declared.add(prefix)
        elif prefix not in declared and (at is None or token.start <= at.start):
            near = _similar(prefix, {*declared, *prefixes})
            if prefix in prefixes:
                hint = f"Add: PREFIX {prefix}: <{prefixes[prefix]}>"
            elif near in declared:
                hint = f"Did you mean {near}: ?"
            elif near is not None:
                hint = f"Did you mean {near}: ? Add: PREFIX {near}: <{prefixes[near]}>"
            else:
                hint = f"Add: PREFIX {prefix}: <…>"
            return token, f"The prefix {prefix}: is not declared", hint
    return None


def _similar(word: str, known: set[str]) -> str | None:
    for other in sorted(known):
        if other.lower() == word.lower():
            return other
    return next(iter(difflib.get_close_matches(word, sorted(known), 1, 0.6)), None)


def _broken_string(found: list[Token]) -> tuple[Token, str, str] | None:
    before = Token("sign", "", 0)
    for token in found:
        quote = token.text[:1]
        if (
            quote
            and quote in "\"'"
            and before.text == quote * 2
            and before.start == token.start - 2
        ):
            # The engine takes the first two of three quotes for an empty string then.
            long = Token("sign", quote * 3, before.start)
            return long, "The long string that begins here is never closed", f"Add {long.text}."
        if token.kind == "sign" and token.text in {'"', "'"}:
            return (
                token,
                "A string that begins here does not end on its line",
                'Close it, or write """…""" for text of several lines.',
            )
        before = token
    return None


def _ungrouped(found: list[Token], said: str) -> tuple[Token, str, str] | None:
    if "SELECT * is not authorized with GROUP BY" in said:
        star = next((t for t in found if t.text == "*"), found[0])
        return star, "SELECT * cannot be used with GROUP BY", "Name the variables to return."
    if _SECOND in said:
        for before, token in zip([None, *found], found, strict=False):
            if before and before.keyword == "AS":
                return (
                    token,
                    f"{token.text} is given a value twice: by AS and by the pattern",
                    "Use another name after AS.",
                )
    if _UNBOUND not in said:
        return None
    select = next((i for i, t in enumerate(found) if t.keyword == "SELECT"), 0)
    grouped = _group_variables(found)
    depth = 0
    for before, token in zip([None, *found], found, strict=False):
        if token.start < found[select].start:
            continue
        if token.text == "{" or token.keyword in {"WHERE", "FROM"}:
            break
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        projected = token.kind == "variable" and depth == 0
        if projected and token.text[1:] not in grouped and not (before and before.keyword == "AS"):
            return (
                token,
                f"{token.text} is projected but not grouped",
                f"Add GROUP BY {token.text}, or use an aggregate: (SAMPLE({token.text}) AS …).",
            )
    return None


def _group_variables(found: list[Token]) -> set[str]:
    variables: set[str] = set()
    in_group = False
    for before, token in zip([None, *found], found, strict=False):
        if token.keyword == "BY" and before and before.keyword == "GROUP":
            in_group = True
        elif token.keyword in {"HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"} or token.text == "}":
            in_group = False
        elif in_group and token.kind == "variable":
            variables.add(token.text[1:])
    return variables


def _unbalanced(found: list[Token], at: Token | None) -> tuple[Token | None, str, str] | None:
    pairs = {"}": "{", ")": "(", "]": "["}
    opened: list[Token] = []
    for token in found:
        if token.text in pairs.values():
            opened.append(token)
        elif token.text in pairs:
            if not opened:
                return token, f"This {token.text!r} closes nothing", "Remove it, or open it before."
            if opened[-1].text == pairs[token.text]:
                opened.pop()
            else:
                return None
    if opened and at is None:
        close = {v: k for k, v in pairs.items()}[opened[-1].text]
        return opened[-1], f"This {opened[-1].text!r} is never closed", f"Add a {close!r}."
    return None


def _misspelt(found: list[Token], at: Token | None) -> tuple[Token, str, str] | None:
    """Return the word before the parser's furthest point that is no keyword."""
    before = [t for t in found if at is None or t.start <= at.start][-3:]
    for token in reversed(before):
        if token.kind == "word" and token.keyword not in _WORDS:
            near = difflib.get_close_matches(token.keyword, sorted(_WORDS), 1, 0.7)
            hint = f"Did you mean {near[0]}?" if near else _FORMS_HINT
            return token, f"{token.text!r} is no keyword of SPARQL", hint
    return None
