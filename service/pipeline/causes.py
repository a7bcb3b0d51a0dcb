"""Fold violations that follow from one cause: the root first, then its followers.

A term that is declared nowhere makes every mention of it wrong, and an unknown prefix makes every
name with it wrong. Editors mend the root; the followers go with it.
A change of words is a cause too: :func:`reads_otherwise` names it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from service.pipeline.turtle_reader import UNDECLARED
from service.pipeline.violations import Violation, in_order

_NOWHERE = ("iri-dangling", "property-dangling", "property-undeclared", "class-undeclared")
"""The checks for names that are declared nowhere."""
_READING = (
    *("file-unreadable", "turtle-syntax", "prefix-not-iri", "unknown-prefix"),
    *("prefix-twice", "merge-conflict", "block-twice", "block-misplaced"),
    *("claim-id-form", "term-id-form", "released-iri-dropped", "vocabulary-name-unknown"),
)
"""Rules about unreadable files and mistaken names; their violations come first."""
_DERIVED = (
    *("claim-entailed", "classes-equivalent", "defined-class-empty", "definition-genus-wide"),
    *("term-in-two-kinds", "claim-outside-domain", "claim-outside-range"),
    *("mapping-subject", "mapping-version"),
)
"""Rules about consequences of a few blocks; an error in one of the blocks is the nearer cause."""
_LAST = (
    *("inconsistent", "unsatisfiable", "question-answered-otherwise"),
    *("comment-stale", "guide-stale", "waiver-unused", "not-judged"),
)
"""Rules about consequences of all sources together."""
_OF_ONE_CAUSE = {
    "comment-stale": "labels changed, or `cdmo format` has not run",
    "format": "`cdmo format` has not run",
    "unsatisfiable": "what is below a class without instances has none either",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation, and those that follow from it."""

    root: Violation
    followers: tuple[Violation, ...] = ()

    @property
    def all(self) -> tuple[Violation, ...]:
        """The root and its followers."""
        return self.root, *self.followers


def fold(violations: Iterable[Violation]) -> list[Finding]:
    """Return the findings: those about reading first, then errors, by file and line of the roots.

    A warning is often only the consequence of an error elsewhere.
    """
    ordered = in_order(violations)
    twice = {v.entity: v.cause for v in ordered if v.rule == "block-twice"}
    nowhere = {v.value for v in ordered if v.rule in _NOWHERE and v.value}
    groups: dict[str, list[Violation]] = defaultdict(list)
    for number, violation in enumerate(ordered):
        cause = violation.cause or _cause(violation, nowhere) or twice.get(violation.entity, "")
        groups[cause or f"#{number}"].append(replace(violation, cause=cause))
    findings = []
    for group in groups.values():
        root = min(group, key=_rank)
        followers = tuple(v for v in group if v is not root)
        findings.append(Finding(root if followers else replace(root, cause=""), followers))
    return sorted(findings, key=lambda f: (f.root.severity != "error", _rank(f.root)[0]))


def _rank(violation: Violation) -> tuple[int, bool, bool]:
    """Return the distance of a violation from its cause; the nearest of a group is the root."""
    rule = violation.rule
    stage = -1 if rule in _READING else 2 if rule in _LAST else int(rule in _DERIVED)
    return stage, rule != "block-twice", rule in _NOWHERE


def _cause(violation: Violation, nowhere: set[str]) -> str:
    """Return the cause of a violation in words, or an empty text if it has no other cause."""
    rule, value = violation.rule, violation.value
    if rule == "unknown-prefix":
        return f"the prefix {violation.entity} is unknown"
    for name in (value, violation.entity):
        if name.startswith(UNDECLARED):
            return f"the prefix {name.removeprefix(UNDECLARED).partition(':')[0]}: is unknown"
    if value in nowhere:
        return f"{value} is declared nowhere"
    return _OF_ONE_CAUSE.get(rule, "")


def difference(old: str, new: str) -> tuple[str, str]:
    """Return the words in which two texts differ, without the equal words before and after them.

    >>> difference("pain in the knee", "ache in the knee")
    ('pain', 'ache')
    """
    before, after = old.split(" "), new.split(" ")
    while before and after and before[0] == after[0]:
        before, after = before[1:], after[1:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return " ".join(before), " ".join(after)


def reads_otherwise(old: str, new: str) -> str:
    """Return a sentence about a changed name, with only the words that have changed.

    >>> reads_otherwise("joint pain", "joint ache")
    "'pain' reads 'ache' now"
    """
    before, after = difference(old, new)
    return f"'{before or old}' reads '{after or new}' now"
