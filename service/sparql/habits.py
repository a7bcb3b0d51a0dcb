"""Find habits from SQL or other engines in a query, and say how SPARQL puts them.

Only queries that the engine refuses are read, token by token. This is no parser: it ignores what
it does not know.
"""

import difflib
from collections.abc import Iterator

from service.sparql.slips import Slip
from service.sparql.tokens import FUNCTIONS, KEYWORDS, Token

AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})

_CALLED = {
    **dict.fromkeys(["LIKE", "ILIKE", "STRCONTAINS", "INCLUDES", "MATCHES"], "CONTAINS or REGEX"),
    **dict.fromkeys(["STARTSWITH", "STRSTARTSWITH"], "STRSTARTS"),
    **dict.fromkeys(["ENDSWITH", "STRENDSWITH"], "STRENDS"),
    **dict.fromkeys(["LOWER", "TOLOWER", "TO_LOWER"], "LCASE"),
    **dict.fromkeys(["UPPER", "TOUPPER", "TO_UPPER"], "UCASE"),
    **dict.fromkeys(["LEN", "LENGTH"], "STRLEN"),
    "ISNULL": "BOUND",
    **dict.fromkeys(["IFNULL", "NVL"], "COALESCE"),
    "LIST": "GROUP_CONCAT",
}
"""SPARQL's functions by their names elsewhere."""

_WORDS = {"AND": "&&", "OR": "||", "UNIQUE": "DISTINCT", "TOP": "LIMIT, at the end"}
"""SPARQL's equivalents of words of SQL."""

_INFIX = {"CONTAINS", "STRSTARTS", "STRENDS", "REGEX", "LIKE", "ILIKE"}
_OPERANDS = frozenset({"variable", "string"})


def find_habit(stream: list[Token]) -> Slip | None:
    """Return the first habit in a query that SPARQL does not allow, or None."""
    slips = [slip for find in _FINDERS for slip in find(stream)]
    return min(slips, key=lambda slip: slip.token.start, default=None)


def _at(stream: list[Token], place: int) -> Token:
    return stream[place] if 0 <= place < len(stream) else Token("sign", "", 0)


def _closing(stream: list[Token], opening: int) -> int:
    """Return the index of the bracket that closes the one at an index, or of the last token."""
    depth = 0
    for place in range(opening, len(stream)):
        depth += {"(": 1, ")": -1}.get(stream[place].text, 0)
        if depth == 0:
            return place
    return len(stream)


def _call(stream: list[Token], place: int) -> str:
    """Return the text of the call whose name is at an index."""
    inner = stream[place + 2 : _closing(stream, place + 1)]
    return f"{stream[place].text}({' '.join(t.text for t in inner)})"


def _find_in_projections(stream: list[Token]) -> Iterator[Slip]:
    """Yield expressions in a projection that lack brackets or a name."""
    for start in (i for i, token in enumerate(stream) if token.keyword == "SELECT"):
        place = start + 1
        while place < len(stream) and stream[place].text != "{":
            token, after = stream[place], _at(stream, place + 1)
            if after.text == "(" and token.keyword in FUNCTIONS:
                end = _closing(stream, place + 1)
                name = _name(stream, end + 1)
                mend = f"Write ({_call(stream, place)} AS {name})."
                yield Slip(token, f"{token.text}(…) stands in SELECT without brackets", mend)
                return
            if token.text == "(":
                end = _closing(stream, place)
                inside = stream[place + 1 : end]
                if not any(t.keyword == "AS" for t in inside) and end < len(stream):
                    yield _describe_nameless(token, inside)
                    return
                place = end
            place += 1


def _name(stream: list[Token], place: int) -> str:
    """Return the variable after ``AS`` at an index, or else an unused one."""
    named = _at(stream, place).keyword == "AS"
    used = {token.text for token in stream if token.kind == "variable"}
    return stream[place + 1].text if named else next(v for v in ("?n", "?value") if v not in used)


def _describe_nameless(opening: Token, inside: list[Token]) -> Slip:
    if len(inside) > 1 and inside[-1].kind == "variable" and inside[-2].text == ")":
        sentence = f"AS is missing before {inside[-1].text}"
        return Slip(inside[-1], sentence, f"Write AS {inside[-1].text}.")
    text = " ".join(t.text for t in inside)
    if len(inside) == 1 and inside[0].kind == "variable":
        return Slip(opening, f"{text} needs no brackets", f"Write {text}.")
    return Slip(opening, "An expression in SELECT has no name", "Write (… AS ?name).")


def _find_in_filters(stream: list[Token]) -> Iterator[Slip]:
    """Yield patterns after a misspelt EXISTS, and aggregates in a condition."""
    for place, token in enumerate(stream):
        if token.keyword != "FILTER":
            continue
        word = place + (2 if _at(stream, place + 1).keyword == "NOT" else 1)
        written = _at(stream, word)
        if _at(stream, word + 1).text == "{" and written.keyword not in {"", "EXISTS"}:
            right = "NOT EXISTS" if written.keyword.startswith("NOT") else "EXISTS"
            sentence = f"{written.text!r} is no keyword of SPARQL"
            yield Slip(written, sentence, f"Did you mean {right}?")
        for inner in range(word, _closing(stream, word) if written.text == "(" else word):
            if stream[inner].keyword in AGGREGATES and stream[inner + 1].text == "(":
                sentence = f"{stream[inner].text} counts over a group, and FILTER sees one row"
                mend = f"Write GROUP BY … HAVING ({_call(stream, inner)} …) behind the pattern."
                yield Slip(stream[inner], sentence, mend)


def _find_functions(stream: list[Token]) -> Iterator[Slip]:
    """Yield calls of functions that SPARQL lacks, or has under another name."""
    for place, token in enumerate(stream):
        if _at(stream, place + 1).text != "(" or not token.text[0].isalpha():
            continue
        if token.keyword in {"", *KEYWORDS} - {"LIKE"}:
            continue
        near = difflib.get_close_matches(token.keyword, sorted(FUNCTIONS), 1, 0.7)
        better = _CALLED.get(token.keyword) or next(iter(near), "")
        hint = f"Did you mean {better}?" if better else "A function of your own is named by an IRI."
        yield Slip(token, f"There is no function {token.text}", hint)


def _find_words(stream: list[Token]) -> Iterator[Slip]:
    """Yield SQL's words and signs."""
    for place, token in enumerate(stream):
        before, after = _at(stream, place - 1), _at(stream, place + 1)
        if token.keyword in _INFIX and after.text != "(" and before.kind != "sign":
            text = after.text if after.kind in _OPERANDS else '"…"'
            what = before.text if before.kind in _OPERANDS else "?text"
            is_like = token.keyword.endswith("LIKE")
            function = "CONTAINS" if is_like else token.keyword
            call = f"{function}({what}, {text.replace('%', '') if is_like else text})"
            hint = f'Write FILTER({call}), or REGEX(…, …, "i") where capitals do not count.'
            sentence = (
                f"There is no {token.text} in SPARQL" if is_like else f"{token.text} is a function"
            )
            yield Slip(token, sentence, hint)
        elif token.keyword in _WORDS and after.text != "(":
            hint = f"Write {_WORDS[token.keyword]}."
            yield Slip(token, f"{token.text!r} is no keyword of SPARQL", hint)
        elif token.keyword == "NULL":
            hint = (
                "Write BOUND(?x) of a variable that has a value, !BOUND(?x) of one that has none."
            )
            yield Slip(token, "There is no NULL in SPARQL", hint)
        elif token.text == after.text == "=" and after.start == token.start + 1:
            yield Slip(token, "There is no == in SPARQL", "Write =.")


def _find_in_orders(stream: list[Token]) -> Iterator[Slip]:
    """Yield ORDER BY and HAVING expressions without brackets."""
    for place, token in enumerate(stream):
        before, after = _at(stream, place - 1), _at(stream, place + 1)
        if token.keyword in {"ASC", "DESC"} and after.text != "(":
            by = before if before.kind == "variable" else after
            what = by.text if by.kind == "variable" else "…"
            sentence = f"{token.text} stands before what it orders by, which is in brackets"
            yield Slip(token, sentence, f"Write {token.keyword}({what}).")
        elif token.keyword in {"ORDER", "GROUP"} and after.keyword != "BY":
            yield Slip(token, f"BY is missing after {token.text}", f"Write {token.keyword} BY.")
        elif token.keyword == "HAVING" and (
            after.kind == "variable" or after.keyword in AGGREGATES
        ):
            yield Slip(token, "HAVING needs brackets", "Write HAVING ( … ).")
        elif token.keyword == "WHERE" and after.text != "{":
            yield Slip(token, "The pattern after WHERE needs brackets", "Write WHERE { … }.")


_FINDERS = (_find_in_projections, _find_in_filters, _find_functions, _find_words, _find_in_orders)


def find_rebound(stream: list[Token]) -> Slip | None:
    """Return the first variable that BIND would give a second value, or None.

    The engine's parser refuses these without a reason.
    """
    groups, place = [set[str]()], 0
    opened: list[str] = []
    while place < len(stream):
        token, before = stream[place], _at(stream, place - 1)
        if token.text == "{":
            groups.append(set())
            opened.append(before.keyword)
        elif token.text == "}" and opened:
            inner = groups.pop()
            groups[-1] |= inner if opened.pop() not in {"MINUS", "EXISTS"} else set()
        elif token.keyword in {"FILTER", "BIND"} and _at(stream, place + 1).text == "(":
            place = _closing(stream, place + 1)
            target = _at(stream, place - 1)
            if token.keyword == "BIND" and target.text in groups[-1]:
                sentence = f"{target.text} has a value already before BIND"
                hint = f"Give BIND another variable, or compare: FILTER({target.text} = …)."
                return Slip(target, sentence, hint)
            groups[-1] |= {target.text} if token.keyword == "BIND" else set()
        elif token.kind == "variable":
            groups[-1].add(token.text)
        place += 1
    return None
