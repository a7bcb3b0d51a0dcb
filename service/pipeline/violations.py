"""Violations: faults of the sources, written as compilers write them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Place(NamedTuple):
    """A place in a file.

    :param line: counted from 1.
    :param column: in code points, counted from 1.
    """

    file: Path | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return f"{_shown(self.file)}:{self.line or 1}:{self.column or 1}" if self.file else ""


class Related(NamedTuple):
    """Another place that explains a violation.

    :param note: a name for the place, for example "the first block".
    """

    place: Place
    note: str


@dataclass(frozen=True, slots=True)
class Violation:
    """One fault to mend.

    :param rule: the name of the check, for example ``claim-without-passage``.
    :param severity: errors stop a build, warnings do not.
    :param file: the file to mend, or None for a fault of no single file.
    :param line: of the statement to mend, or of the block that lacks one, counted from 1.
    :param entity: the CURIE of the faulty resource, or empty.
    :param message: the fault, in words.
    :param hint: how to mend it.
    :param column: of the statement, in code points, counted from 1.
    :param related: other places that explain it.
    :param value: the value of the statement: an IRI or a text, or empty.
    :param cause: the cause of this violation and perhaps of others, in words.
    """

    rule: str
    severity: Severity
    file: Path | None
    line: int | None
    entity: str
    message: str
    hint: str = ""
    column: int | None = None
    related: tuple[Related, ...] = ()
    value: str = ""
    cause: str = ""

    @property
    def place(self) -> Place:
        """The place to mend."""
        return Place(self.file, self.line, self.column)

    def __str__(self) -> str:
        place = f"{self.place}: " if self.file else ""
        about = f"{self.entity}: " if self.entity else ""
        lines = [f"{place}{self.severity}[{self.rule}]: {about}{visible(self.message)}"]
        lines += [f"  = note: {related.place}: {related.note}" for related in self.related]
        lines += [f"  = help: {self.hint}"] if self.hint else []
        return "\n".join(lines)


def error(
    rule: str,
    file: Path | None,
    line: int | None,
    message: str,
    hint: str = "",
    *,
    entity: str = "",
    column: int | None = None,
    related: Iterable[Related] = (),
    cause: str = "",
) -> Violation:
    """Return a violation that stops a build."""
    return Violation(
        *(rule, "error", file, line, entity, message, hint, column),
        related=tuple(related),
        cause=cause,
    )


def visible(text: str) -> str:
    """Return a text with code points for characters that are invisible or look like others.

    >>> visible("a\N{NO-BREAK SPACE}b")
    'a‹U+00A0›b'
    """
    return _HIDDEN.sub(lambda m: f"‹U+{ord(m[0]):04X}›", _LOOKALIKES.sub(_with_code, text))


def _with_code(match: re.Match[str]) -> str:
    return f"{match[0]}‹U+{ord(match[0]):04X}›"


_LOOKALIKES = re.compile(
    r"[\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u0400-\u052f]"
)
"""Greek and Cyrillic letters that look like Latin ones."""
_HIDDEN = re.compile(
    r"[\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]"
)
"""Spaces that are not U+0020, and characters without a form."""


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def in_order(violations: Iterable[Violation]) -> list[Violation]:
    """Return the violations by file, line and column, each once; those without a file come last."""

    def key(violation: Violation) -> tuple[object, ...]:
        v = violation
        place = v.file is None, str(v.file), v.line or 0, v.column or 0
        return *place, v.rule, v.entity, v.message

    return sorted(set(violations), key=key)


def errors(violations: Iterable[Violation]) -> list[Violation]:
    """Return the violations that stop a build."""
    return [v for v in violations if v.severity == "error"]


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word with the spelling nearest to ``word``, or an empty text."""
    by_lower = {k.lower(): k for k in sorted(known)}
    # Letters that changed places count as nearer than a letter that is missing.
    swapped = [k for k in by_lower if sorted(k) == sorted(word.lower())]
    near = swapped or get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "Did you mean …?" for the known word nearest to ``word``, or an empty text.

    >>> did_you_mean("chebi", ["CHEBI", "CDMO"])
    'Did you mean CHEBI?'
    """
    near = nearest(word, known)
    return f"Did you mean {near}?" if near else ""


def prefix_fault(
    prefix: str, namespace: str, known: Mapping[str, str]
) -> tuple[str, str, str] | None:
    """Return rule, message and hint if a declaration differs from ``prefixes.ttl``.

    :param known: the prefixes of ``prefixes.ttl``.
    """
    if prefix not in known:
        hint = did_you_mean(prefix, known) or "Declare it in ontology/prefixes.ttl."
        message = "is not in ontology/prefixes.ttl, the only list of prefixes"
        return "unknown-prefix", message, hint
    if known[prefix] != namespace:
        message = f"stands for <{namespace}> here and for <{known[prefix]}> elsewhere"
        return "prefix-differs", message, f"Write <{known[prefix]}>."
    return None
