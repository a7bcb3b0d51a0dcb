"""The effects of interventions, with the outcome of each, and the limits of treatment."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from service import iris
from service.library.data import Ref
from service.library.document import Claim
from service.library.library import Library
from service.library.schema import Relation

EFFECT = "effect"
"""The display group of the general relations that lead from an intervention to its effects."""

LIMIT = "limit"
"""The display group of terms that say that a treatment does not last."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The claims on what one intervention does to or for one outcome.

    :param kind: the kind of term that the outcome is.
    :param claims: positive ones first, then in the order of relations.
    """

    intervention: Ref
    outcome: Ref
    kind: str
    claims: tuple[Claim, ...]

    @property
    def unwanted(self) -> tuple[Claim, ...]:
        """The claims that deny something or name an adverse effect."""
        adverse = iris.HAS_ADVERSE_EFFECT
        return tuple(c for c in self.claims if c.negative or c.relation.ref.iri == adverse)

    @property
    def passages(self) -> set[str]:
        """The passages that make one of the claims, or several."""
        return {citation.passage.ref.iri for c in self.claims for citation in c.citations}

    @property
    def plain_passages(self) -> set[str]:
        """The passages that make one of the other claims plainly, of the intervention alone."""
        wanted = (claim for claim in self.claims if claim not in self.unwanted)
        return {c.passage.ref.iri for claim in wanted for c in claim.citations if c.is_plain}

    @property
    def anchor(self) -> str:
        """The anchor of its claims on a page."""
        return "-".join(ref.iri.rpartition("/")[2] for ref in (self.intervention, self.outcome))


def effects(library: Library) -> list[Cell]:
    """Return a cell for each pair of an intervention and an outcome that a claim joins.

    An outcome is a term of any kind but intervention. A claim counts by its relation: one of the
    display group "effect", or a narrower one. Cells stand in the order of labels.
    """
    pairs: dict[tuple[Ref, Ref], list[Claim]] = defaultdict(list)
    for claim in _of_interventions(library):
        if is_effect(library, claim):
            pairs[claim.subject, claim.object].append(claim)
    cells = [
        Cell(
            intervention,
            outcome,
            library.terms[outcome.iri].kinds[0],
            tuple(sorted(claims, key=lambda c: (c.negative, c.relation.order, c.ref.iri))),
        )
        for (intervention, outcome), claims in pairs.items()
    ]
    return sorted(cells, key=lambda c: (c.intervention.label.lower(), c.outcome.label.lower()))


def effect_relations(library: Library) -> list[Relation]:
    """Return the general relations by which claims count, in the order of pages."""
    relations = library.relations.values()
    return [r for r in relations if library.display(r.ref.iri, iris.DISPLAY_GROUP) == EFFECT]


def other_claims(library: Library) -> list[tuple[Relation, int]]:
    """Return the relations of the claims of interventions in no cell, each with their number."""
    others = (c for c in _of_interventions(library) if not is_effect(library, c))
    return Counter(claim.relation for claim in others).most_common()


def _of_interventions(library: Library) -> list[Claim]:
    claims = library.claims.values()
    return [c for c in claims if iris.INTERVENTION in library.kinds_of(c.subject.iri)]


def is_effect(library: Library, claim: Claim) -> bool:
    """Whether a claim states an effect of its subject on a term that is no intervention."""
    kinds = library.kinds_of(claim.object.iri)
    if not kinds or iris.INTERVENTION in kinds:
        return False
    return EFFECT in (library.display(r, iris.DISPLAY_GROUP) for r in claim.relation.wider)


def limits_of_treatment(library: Library, condition: str) -> list[Claim]:
    """Return the claims that limit the treatment of a condition, in the order of the document.

    They are the denied and the adverse effects of its remedies and of their forms, and claims of
    an object that the display data calls a limit, in the context of the condition.
    """
    remedies = {
        claim.subject.iri
        for claim in library.claims_of_term.get(condition, ())
        if claim.object.iri == condition and iris.HELPS_AGAINST in claim.relation.wider
    }
    remedies |= {form for remedy in remedies for form in library.forms(remedy)}
    return [c for c in library.claims.values() if _is_limit(library, c, condition, remedies)]


def _is_limit(library: Library, claim: Claim, condition: str, remedies: set[str]) -> bool:
    if claim.subject.iri in remedies:
        unwanted = iris.HAS_ADVERSE_EFFECT in claim.relation.wider
        return unwanted or (claim.negative and is_effect(library, claim))
    contexts = {q.value.iri for q in claim.qualifiers if q.qualifier.iri == iris.IN_CONTEXT}
    is_limit = library.display(claim.object.iri, iris.DISPLAY_GROUP) == LIMIT
    return is_limit and condition in contexts and not claim.negative
