"""The page of a term: what the document states with it, its place, and what follows."""

from typing import Any, NamedTuple

from service import iris
from service.library import (
    Claim,
    Description,
    Premise,
    Ref,
    children,
    definitions_of,
    inferred,
    placement,
    statement_groups,
    why,
    why_joined,
)
from service.site.disagreements import disagreements
from service.site.site import Site

MANY_CLAIMS = 100
"""Of a term with more claims, what opens a statement is not named after the statement."""

MANY_QUALIFIED = 12
"""More claims that a term qualifies are counted and not listed."""


class Inference(NamedTuple):
    """A triple of a term that follows from the claims and that no claim states.

    :param words: the property as it reads in a sentence.
    :param reasons: the axioms and statements from which it follows; none if that is unclear.
    :param weakest: the least firm of those statements.
    """

    words: str
    value: Ref
    reasons: list[Premise]
    weakest: Claim | None


def term(d: Description, site: Site) -> dict[str, Any]:
    """Return what the page of a term shows."""
    terms = d.library.terms
    qualified, below = d.library.qualified_by(d.iri), children(d.library, d.iri)
    return {
        "local": d.iri.rpartition("/")[2],
        "kinds": d.kinds,
        "is_grouping": d.iri in terms and terms[d.iri].is_ours,
        "synonyms": d.synonyms,
        "obsolete": d.obsolete,
        "successors": d.successors,
        "groups": statement_groups(d.library, d.iri, with_kinds=True),
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
        "place": placement(d.library, d.iri)
        if below or d.library.hierarchy.places.get(d.iri)
        else [],
        "definitions": definitions_of(d.library, d.iri),
        "inferences": [_inference(d, relation, value) for relation, value in inferred(d)],
    }


def _inference(d: Description, relation: Ref, value: Ref) -> Inference:
    if relation.iri == iris.SUBCLASS:
        reasons = why(d.library, d.iri, value.iri)
    else:
        reasons = why_joined(d.library, d.iri, relation.iri, value.iri)
    words = d.library.in_sentence(relation)
    statements = (reason.firmest for reason in reasons if reason.firmest)
    weakest = min(statements, key=lambda claim: claim.firmness, default=None)
    return Inference(words, value, reasons, weakest)
