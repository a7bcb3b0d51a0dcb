"""Parameters of lists: reading an address, and refusals."""

import pytest

from service.cards import PARAMETERS, SORTS, Filter, NamedValues, parameters_of, parse
from service.library import Library
from service.problems import BadRequest

A_TERM = "https://w3id.org/cdmo/id/CDMO_0000001"


@pytest.fixture
def named(small: Library) -> NamedValues:
    return NamedValues(small)


def test_a_parameter_means_one_thing_in_a_list() -> None:
    for name in SORTS:
        assert len(parameters_of(name)) == sum(name in p.lists for p in PARAMETERS)
    assert {name for p in PARAMETERS for name in p.lists} == SORTS.keys()


@pytest.mark.parametrize(
    "value", [A_TERM, "CDMO:0000001", "CDMO_0000001", "Calcinosis", " calcinosis "]
)
def test_a_value_is_an_iri_a_curie_a_local_name_or_a_label(named: NamedValues, value: str) -> None:
    assert parse(named, "statements", [("subject", value)]) == Filter({"subject": A_TERM})


def test_an_empty_value_is_ignored(named: NamedValues) -> None:
    assert parse(named, "statements", [("subject", " "), ("start", "")]) == Filter()


def test_numbers_choose_a_part(named: NamedValues) -> None:
    pairs = [("start", "20"), ("limit", "10")]
    assert parse(named, "statements", pairs) == Filter({}, 20, 10)


@pytest.mark.parametrize(
    ("pairs", "parameter", "known"),
    [
        ([("relaton", "treats")], "relaton", "relation"),
        ([("standing", "certain")], "standing", "hedged"),
        ([("subject", "calcinosi")], "subject", "calcinosis"),
        ([("subject", "https://example.org/x")], "subject", ""),
        ([("standing", "hedged"), ("standing", "stated")], "standing", ""),
        ([("subject", "a\0b")], "subject", ""),
        ([("subject", "a\x1b[31m")], "subject", ""),
        ([("subject", "a" * 65_536)], "subject", ""),
        ([("x" * 65_536, "a")], "x" * 100, "subject"),
        *(
            ([("limit", value)], "limit", "")
            for value in ("0", "-1", "1.5", "1e3", "٣", "9" * 5_000)
        ),
        *(([("start", value)], "start", "") for value in ("-1", "x", "0x10", "9" * 8, "+1", "1 0")),
        ([("order", "name")], "order", "limit"),
        ([("code", "x")], "code", "object"),
    ],
)
def test_a_refusal_names_the_parameter_and_the_known_values(
    named: NamedValues, pairs: list[tuple[str, str]], parameter: str, known: str
) -> None:
    with pytest.raises(BadRequest) as refusal:
        parse(named, "statements", pairs)
    assert refusal.value.extras["field"] == parameter
    assert not known or known in refusal.value.extras["known"]
    assert len(refusal.value.detail) < 2_000


def test_another_choice_begins_at_the_first_part() -> None:
    current = Filter({"standing": "hedged"}, 100, 10)
    assert current.choose("section", "a") == Filter({"standing": "hedged", "section": "a"}, 0, 10)
    assert current.choose("standing", "") == Filter({}, 0, 10)


def test_an_address_has_short_values(named: NamedValues) -> None:
    current = Filter({"subject": A_TERM, "code": "x y"}, 5)
    assert current.parameters(named) == {"subject": "CDMO_0000001", "code": "x y", "start": "5"}


def test_a_relation_is_read_by_the_label_that_cards_give_it(named: NamedValues) -> None:
    for iri in named.library.relations:
        label = named.library.ref(iri).label
        assert named.read("relation", "relation", label) == iri
