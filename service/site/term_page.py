"""The page of a term: what the document states with it, its place, and what follows."""

from typing import Any, NamedTuple

from service import iris
from service.library import (
    Claim,
    Description,
    Premise,
    Ref,
    Statement,
    StatementGroup,
    Theirs,
    children,
    definitions_of,
    inferred,
    limits_of_treatment,
    placement,
    statement_groups,
    theirs,
    why,
    why_joined,
)
from service.site.disagreements import disagreements
from service.site.filters import anchor
from service.site.overview import overview
from service.site.site import Site

MANY_CLAIMS = 100
"""Of a term with more claims, what opens a statement is not named after the statement."""

OTHERS = "Other statements"
"""The heading of relations that have none."""

MANY_STATEMENTS = 12
"""A term with more statements has a summary."""

IN_BRIEF = 3
"""Statements in a line of the summary."""

LINES = 4
"""Lines of a summary; the fifth is where the document disagrees with itself."""

LARGE = 8
"""A group with so many statements is in the summary, beside the largest one of its part."""

MANY_QUALIFIED = 12
"""More claims that a term qualifies are counted and not listed."""


class Inference(NamedTuple):
    """A triple of a term that follows from the claims and that no claim states.

    :param words: the property as it reads in a sentence.
    :param reasons: the axioms and statements from which it follows, each with the words of its
        relation in a sentence; none if that is unclear.
    :param weakest: the least firm of those statements.
    """

    words: str
    value: Ref
    reasons: list[tuple[Premise, str]]
    weakest: Claim | None


class Part(NamedTuple):
    """Groups of statements that a page shows under one heading.

    :param own: how many statements are about the term itself.
    :param more: how many are about its kinds.
    """

    heading: str
    groups: list[StatementGroup]
    own: int
    more: int

    @property
    def in_brief(self) -> bool:
        """Whether a summary has it before others."""
        return any(group.relation.in_brief and group.statements for group in self.groups)

    @property
    def anchor(self) -> str:
        """Where the part stands on the page."""
        return anchor(self.heading)


class Line(NamedTuple):
    """The firmest statements of a part, with the words of their relations, for the summary."""

    part: Part
    phrases: list[tuple[str, list[Statement]]]


def parts_of(groups: list[StatementGroup]) -> list[Part]:
    """Return groups of statements under the headings of their relations, in their order."""
    by_heading: dict[str, list[StatementGroup]] = {}
    for group in groups:
        by_heading.setdefault(group.relation.heading or OTHERS, []).append(group)
    return [
        Part(
            heading,
            some,
            sum(len(group.statements) for group in some),
            sum(len(group.of_kinds) for group in some),
        )
        for heading, some in by_heading.items()
    ]


def summary_of(parts: list[Part]) -> list[Line]:
    """Return the firmest statements of the largest groups of the main parts, if a page has many."""
    if sum(part.own for part in parts) <= MANY_STATEMENTS:
        return []
    main = sorted(filter(lambda part: part.own, parts), key=lambda p: (not p.in_brief, -p.own))
    lines = []
    for part in parts:
        if part in main[:LINES]:
            largest = max(len(group.statements) for group in part.groups)
            groups = [g for g in part.groups if len(g.statements) >= min(largest, LARGE)]
            lines.append(Line(part, [(g.words, list(g.statements[:IN_BRIEF])) for g in groups]))
    return lines


def term(d: Description, site: Site) -> dict[str, Any]:
    """Return what the page of a term shows."""
    terms = d.library.terms
    parts = parts_of(statement_groups(d.library, d.iri, with_kinds=True))
    qualified, hierarchy = d.library.qualified_by(d.iri), d.library.hierarchy
    below = children(d.library, hierarchy, d.iri)
    has_place = below or hierarchy.places.get(d.iri)
    place = placement(d.library, hierarchy, d.iri) if has_place else []
    shown = {node.ref for root in place for node in root.walk()}
    return {
        "local": d.iri.rpartition("/")[2],
        "kinds": d.kinds,
        "is_grouping": d.iri in terms and terms[d.iri].is_ours,
        "synonyms": d.synonyms,
        "retirement": d.retirement,
        "parts": parts,
        "summary": summary_of(parts),
        "limits": limits_of_treatment(d.library, d.iri),
        "picture": overview(d.library, d.iri),
        "codes": [
            match.target
            for match in d.library.matches_of(d.iri)
            if match.predicate.iri == iris.EXACT_MATCH and not match.negative
        ],
        "aspects": [
            (aspect, len(d.library.claims_of_term.get(aspect.iri, ())))
            for aspect in d.library.aspects.get(d.iri, ())
        ],
        "named": len(d.library.claims_of_term.get(d.iri, ())) <= MANY_CLAIMS,
        "qualified": qualified,
        "many_qualified": len(qualified) > MANY_QUALIFIED,
        "children": [
            (child, inferred, terms[child.iri].definition if child.iri in terms else "")
            for child, inferred in below
        ],
        "at_odds": disagreements(d.library, d.iri),
        "lists": [one for one in d.library.lists.values() if one.topic.iri == d.iri],
        "mappings": d.library.matches_of(d.iri),
        "unmatched": d.library.unmatched(d.iri),
        "theirs": _theirs(d, site),
        "place": place,
        "definitions": definitions_of(d.library, d.iri),
        "inferences": [
            _inference(d, relation, value)
            for relation, value in inferred(d)
            if relation.iri != iris.SUBCLASS or value not in shown
        ],
    }


def _theirs(d: Description, site: Site) -> list[Theirs]:
    """Return what other vocabularies say of the matches of a term, where they are loaded."""
    if site.beside is None:
        return []
    targets = [match.target for match in d.library.matches_of(d.iri) if not match.negative]
    return list(theirs(site.beside, d.library.names, targets))


def _inference(d: Description, relation: Ref, value: Ref) -> Inference:
    if relation.iri == iris.SUBCLASS:
        reasons = why(d.library, d.iri, value.iri)
    else:
        reasons = why_joined(d.library, d.iri, relation.iri, value.iri)
    words = d.library.in_sentence(relation)
    statements = (reason.firmest for reason in reasons if reason.firmest)
    weakest = min(statements, key=lambda claim: claim.firmness, default=None)
    worded = [(reason, d.library.in_sentence(reason.relation)) for reason in reasons]
    return Inference(words, value, worded, weakest)
