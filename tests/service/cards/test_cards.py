"""Cards: one rule for every thing, and the shapes of the small release."""

import pytest

from service.cards import KEYS, SHAPES, card, release_object
from service.iris import BASE
from service.library import Library
from service.problems import UnknownResource


def test_a_thing_is_an_object_with_an_iri_and_a_label(small: Library) -> None:
    claim = card(small, BASE + "claim/0000001")
    assert claim["subject"] == {
        "id": BASE + "id/CDMO_0000003",
        "curie": "CDMO:0000003",
        "label": small.ref(BASE + "id/CDMO_0000003").label,
    }


def test_a_repeatable_key_has_an_array_even_if_it_is_empty(small: Library) -> None:
    for iri in small.documents:
        if not iri.startswith(BASE):
            continue
        for name, value in card(small, iri).items():
            if name in KEYS:
                assert isinstance(value, list) == KEYS[name].many, (iri, name)
    term = card(small, BASE + "id/CDMO_0000003")
    many = {name for name in SHAPES["term"] if KEYS[name].many}
    assert many <= term.keys()


def test_the_card_of_a_claim_is_the_object_in_the_card_of_its_subject(
    small: Library,
) -> None:
    for iri, claim in small.claims.items():
        alone = card(small, iri)
        if claim.subject.iri in small.terms:
            assert alone in card(small, claim.subject.iri)["statements"]


def test_a_citation_has_its_passage_with_its_place_in_the_document(small: Library) -> None:
    claim = card(small, BASE + "claim/0000001")
    orders = [citation["passage"]["order"] for citation in claim["citations"]]
    assert orders == sorted(orders)
    assert len(orders) > 1
    assert all(citation["passage"]["section"]["label"] for citation in claim["citations"])


def test_an_unknown_resource_has_no_card(small: Library) -> None:
    with pytest.raises(UnknownResource):
        card(small, BASE + "id/CDMO_9999999")


def test_every_shape_consists_of_keys_of_the_table() -> None:
    for sort, shape in SHAPES.items():
        assert shape.keys() <= KEYS.keys(), sort
        named = set(shape.values()) - {"thing", "concerned"}
        assert named <= SHAPES.keys(), sort


def test_every_key_has_a_description() -> None:
    for name, key in KEYS.items():
        assert key.about.endswith("."), name
        assert key.name == name


def test_a_document_names_its_release(real_release) -> None:  # type: ignore[no-untyped-def]
    assert release_object(real_release.manifest).keys() == {"version", "date", "licence"}
