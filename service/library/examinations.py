"""The way to a diagnosis in the document: the tests as steps, each with its claims."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from service import iris
from service.library.data import Ref
from service.library.document import Claim
from service.library.library import Library
from service.rdf.walk import closure

FEWEST_STEPS = 2
"""With fewer kinds of a test there is no path."""


@dataclass(frozen=True, slots=True)
class Step:
    """A test with its kinds and parts, and the claims about them, in the order of the document.

    :param tests: all of these tests that claims are about, itself first.
    """

    test: Ref
    tests: tuple[Ref, ...]
    claims: tuple[Claim, ...]

    def by(self, *relations: str) -> list[Claim]:
        """Return its claims by some relations."""
        return [claim for claim in self.claims if claim.relation.ref.iri in relations]


@dataclass(frozen=True, slots=True)
class Path:
    """The way to a diagnosis.

    :param whole: the claims about it as a whole.
    :param steps: in the order in which the document first names them.
    :param order: claims that one test comes before another; the only statements of an order.
    :param others: claims about other tests, and about findings that no step has.
    """

    whole: Step
    steps: tuple[Step, ...]
    order: tuple[Claim, ...]
    others: tuple[Claim, ...]


def diagnostic_path(library: Library) -> Path | None:
    """Return the way to a diagnosis; None if no test of the release has steps.

    The steps are the kinds of the test that the document gives the most kinds.
    The claims are those about a test, except for its parents, and those by which something else,
    such as a finding, informs about a condition. Each has one place: by its subject, else its
    object, else a test that qualifies it, else the passage that it shares with a step.
    """
    kinds = [
        claim
        for claim in library.claims.values()
        if claim.relation.ref.iri == iris.SUBCLASS
        and _is_test(library, claim.object.iri)
        and not claim.negative
    ]
    counts = Counter(claim.object.iri for claim in kinds).most_common(1)
    if not counts or counts[0][1] < FEWEST_STEPS:
        return None
    root = counts[0][0]
    kinds = [claim for claim in kinds if claim.object.iri == root]
    members = {c.subject.iri: _members(library, c.subject.iri, root) for c in kinds}
    claims = [c for c in library.claims.values() if _informs(library, c)]
    inside = {root, *(test for some in members.values() for test in some)}
    parts = {c.subject.iri for c in claims if c.object.iri in inside} - inside
    members = {root: [root, *filter(lambda t: _is_test(library, t), sorted(parts))], **members}
    places: dict[str, list[Claim]] = {step: [] for step in members}
    unplaced: list[Claim] = []
    for claim in claims:
        step = _place(claim, members)
        (places[step] if step else unplaced).append(claim)
    step_of = {
        x.passage.ref.iri: s for s, some in places.items() for c in some for x in c.citations
    }
    others: list[Claim] = []
    for claim in unplaced:
        near = (step_of.get(x.passage.ref.iri) for x in claim.citations)
        step = None if _tests_of(library, claim) else next(filter(None, near), None)
        (places[step] if step else others).append(claim)
    whole, *steps = (_step(library, s, members[s], places[s]) for s in members)
    order = tuple(
        c
        for c in claims
        if c.relation.ref.iri in (iris.BEGINS_WITH, iris.PRECEDES) and c.object.iri in inside
    )
    return Path(whole, tuple(steps), order, tuple(others))


def _step(library: Library, step: str, members: Iterable[str], claims: list[Claim]) -> Step:
    about = {ref.iri for c in claims for ref in (c.subject, c.object)}
    tests = tuple(library.ref(test) for test in members if test in about or test == step)
    position = {iri: place for place, iri in enumerate(library.claims)}
    return Step(library.ref(step), tests, tuple(sorted(claims, key=lambda c: position[c.ref.iri])))


def _members(library: Library, step: str, root: str) -> list[str]:
    """Return a step, its kinds and parts, and the other parents of its kinds."""
    hierarchy = library.hierarchy

    def inwards(test: str) -> Iterable[str]:
        parts = (
            c.object.iri
            for c in library.claims_of_term.get(test, ())
            if c.subject.iri == test and iris.HAS_COMPONENT in c.relation.wider
        )
        return [t for t in (*hierarchy.children.get(test, ()), *parts) if _is_test(library, t)]

    below = [step, *closure(step, inwards)]
    above = {root, *hierarchy.ancestors(step), *hierarchy.ancestors(root)}
    besides = {a for test in below for a in hierarchy.ancestors(test)} - above - set(below)
    return [*dict.fromkeys(below), *sorted(t for t in besides if _is_test(library, t))]


def _is_test(library: Library, iri: str) -> bool:
    term = library.terms.get(iri)
    return term is not None and iris.TEST in term.kinds and not term.is_ours


def _tests_of(library: Library, claim: Claim) -> list[str]:
    ends = (claim.subject.iri, claim.object.iri)
    return [iri for iri in ends if iri and _is_test(library, iri)]


def _informs(library: Library, claim: Claim) -> bool:
    if claim.relation.ref.iri == iris.SUBCLASS:
        return False
    is_research = iris.RESEARCH_TOPIC in library.kinds_of(claim.subject.iri)
    informs = iris.INFORMS_ABOUT in claim.relation.wider and not is_research
    return informs or bool(_tests_of(library, claim))


def _place(claim: Claim, members: dict[str, list[str]]) -> str | None:
    """Return the step of a claim by the tests that it names, subject first."""
    values = (qualification.value.iri for qualification in claim.qualifiers)
    for iri in (claim.subject.iri, claim.object.iri, *values):
        for step, tests in members.items():
            if iri and iri in tests:
                return step
    return None
