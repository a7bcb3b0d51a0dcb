"""What limits treatment: what it does not reach, and what it brings besides."""

from service import iris
from service.library.document import Claim
from service.library.effects import is_effect
from service.library.library import Library

LIMIT = "limit"
"""The display group of terms that say that a treatment does not last."""


def limits_of_treatment(library: Library, condition: str) -> list[Claim]:
    """Return the claims that limit the treatment of a condition, in the order of the document.

    They are denials of what helps against it, the adverse effects of that, also of a form of it,
    and what the display data calls a limit in the context of the condition.
    """
    remedies = {
        claim.subject.iri
        for claim in library.claims_of_term.get(condition, ())
        if claim.object.iri == condition and iris.HELPS_AGAINST in _wider(library, claim)
    }
    remedies |= {form for remedy in remedies for form in library.forms(remedy)}
    return [c for c in library.claims.values() if _is_limit(library, c, condition, remedies)]


def _is_limit(library: Library, claim: Claim, condition: str, remedies: set[str]) -> bool:
    if claim.subject.iri in remedies:
        unwanted = iris.HAS_ADVERSE_EFFECT in _wider(library, claim)
        return unwanted or (claim.negative and is_effect(library, claim))
    contexts = {q.value.iri for q in claim.qualifiers if q.qualifier.iri == iris.IN_CONTEXT}
    is_limit = library.display(claim.object.iri, iris.DISPLAY_GROUP) == LIMIT
    return is_limit and condition in contexts and not claim.negative


def _wider(library: Library, claim: Claim) -> tuple[str, ...]:
    return library.wider_relations(claim.relation.ref.iri)
