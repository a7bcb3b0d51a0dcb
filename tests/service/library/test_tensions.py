"""Tensions: the resources that they concern, and their two sides."""

from dataclasses import replace

import pytest

from service.iris import BASE
from service.library import Library, Tension

CLAIM = BASE + "claim/0000001"
PROSE, TABLE = BASE + "passage/cdct-002", BASE + "passage/cdct-003"


@pytest.fixture
def tension(small: Library) -> Tension:
    [tension] = small.tensions.values()
    return tension


@pytest.mark.parametrize(
    "local",
    [
        *("claim/0000001", "passage/cdct-003", "id/CDMO_0000003"),  # named by it
        "id/CDMO_0000001",  # the object of its claim
        "passage/cdct-002",  # the other passage that makes its claim
        *("source/cdct-drugs-table", "source/cdct-drugs"),  # the sections of its passages
    ],
)
def test_a_tension_concerns_the_resources_it_names_and_those_of_its_claims(
    small: Library, tension: Tension, local: str
) -> None:
    assert small.tensions_about(BASE + local) == [tension]


def test_a_tension_concerns_nothing_else(small: Library) -> None:
    """The cases: another claim of its passages, a narrower term, another passage."""
    for local in ("claim/0000002", "id/CDMO_0000004", "passage/cdct-001", "source/cdct-list-001"):
        assert small.tensions_about(BASE + local) == [], local


def test_a_wider_term_knows_the_tensions_below_it(small: Library, tension: Tension) -> None:
    assert small.tensions_below(BASE + "id/CDMO_0000002") == [tension]
    assert small.tensions_below(BASE + "id/CDMO_0000003") == [], "it concerns the term itself"


def test_a_tension_names_claims_and_passages_by_their_own_labels(tension: Tension) -> None:
    assert {ref.label for ref in tension.concerns} == {
        "bisphosphonate treats calcinosis (off-label)",
        "bisphosphonate",
        "passage 3",
    }
    assert "/doc/claim/0000001" in {ref.path for ref in tension.concerns}


def test_a_kind_of_tension_has_words_for_readers_and_may_lead(tension: Tension) -> None:
    assert (tension.kind.words, tension.kind.plural) == ("lost caution", "Lost caution")
    assert tension.kind.leading


def test_each_side_has_its_passages_and_how_they_put_the_claim(tension: Tension) -> None:
    sides = [
        [([p.order for p in group], [put.words for _, put in claims]) for group, claims in side]
        for side in tension.sides
    ]
    assert sides == [[([3], ["stated plainly"])], [([2], ["stated plainly, in some cases"])]]


def test_passages_with_the_same_claim_and_words_are_grouped(tension: Tension) -> None:
    prose, table = tension.involved
    twice = replace(tension, involved=(prose, prose, table))
    assert [len(passages) for side in twice.sides for passages, _ in side] == [1, 2]


def test_a_tension_may_have_only_one_side(tension: Tension) -> None:
    alone = tuple(replace(involved, opposite=False) for involved in tension.involved)
    tension = replace(tension, involved=alone)
    assert len(tension.sides) == 1
    assert tension.against(CLAIM) == []


def test_the_passages_against_a_claim_depend_on_the_passage_that_is_read(tension: Tension) -> None:
    def against(iri: str, passage: str = "") -> list[int]:
        return [p.order for p in tension.against(iri, passage)]

    assert against(CLAIM) == [2], "its firmest passage counts"
    assert against(CLAIM, PROSE) == [3]
    assert against(PROSE) == [3]
    assert against(TABLE) == [2]
    assert against(BASE + "claim/0000002") == []
