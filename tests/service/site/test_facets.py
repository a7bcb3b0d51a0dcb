"""Narrowed lists: the facets beside a list, with counts and addresses."""

import pytest
from flask import Flask

from service.cards import Filter, Lists
from service.iris import CDMO
from service.library import Index, Library
from service.site.listing import chips, facet, here

QUALIFIED, HEDGED, STATED = (CDMO + name for name in ("qualified", "hedged", "stated"))
A_TERM = "https://w3id.org/cdmo/id/CDMO_0000001"


@pytest.fixture
def lists(app: Flask) -> Lists:
    opened = app.extensions["site"].lists
    assert isinstance(opened, Lists)
    return opened


def test_an_address_has_the_parameters_of_its_filter(app: Flask) -> None:
    with app.test_request_context("/statements/?start=200&endpoint=x&_anchor=y"):
        assert here(Filter()) == "/statements/"
        narrowed = Filter({"standing": HEDGED}, start=100)
        assert here(narrowed) == "/statements/?standing=hedged&start=100"
    with app.test_request_context("/browse/Intervention?standing=hedged"):
        both = Filter({"kind": CDMO + "Intervention", "narrowed": A_TERM})
        assert here(both) == "/browse/Intervention?narrowed=CDMO_0000001"


def test_a_facet_counts_the_list_without_its_own_choice(app: Flask) -> None:
    with app.test_request_context("/statements/"):
        title, options = facet("statements", Filter({"standing": QUALIFIED}), "standing")
    assert title == "Statements by how they are put"
    assert [(words, count, chosen) for words, count, _, chosen in options] == [
        ("stated", 1, False),
        ("stated with a restriction", 2, True),
        ("hedged", 1, False),
    ]
    assert [address for _, _, address, _ in options] == [
        "/statements/?standing=stated",
        "/statements/",
        "/statements/?standing=hedged",
    ]


def test_the_other_facets_count_within_the_choice(app: Flask) -> None:
    with app.test_request_context("/statements/"):
        _, options = facet("statements", Filter({"standing": HEDGED}), "section")
    assert [(words, count) for words, count, *_ in options] == [("Drugs", 1)]


def test_the_facets_of_terms_count_each_statement_once(app: Flask, lists: Lists) -> None:
    with app.test_request_context("/terms/"):
        _, standings = facet("terms", Filter(), "standing")
        _, vocabularies = facet("terms", Filter(), "vocabulary")
    assert sum(count for _, count, *_ in standings) == len(lists.library.claims)
    assert [(words, count) for words, count, *_ in vocabularies] == [
        ("Human Phenotype Ontology (HPO)", 1)
    ]


def test_each_section_shows_the_firmness_of_its_statements(real_library: Library) -> None:
    lists = Lists(real_library, lambda: Index([]))
    for claim in real_library.claims.values():
        for iri in real_library.sections:
            levels = {
                c.standing.level: c.standing.ref.iri
                for c in claim.citations
                if iri in {s.ref.iri for s in real_library.around(c.passage.section)}
            }
            admitting = {
                standing
                for standing in real_library.standings
                if lists.is_put(claim, Filter({"standing": standing, "section": iri}))
            }
            assert admitting == ({levels[max(levels)]} if levels else set()), claim.ref.label


def test_chips_remove_a_choice(app: Flask) -> None:
    with app.test_request_context("/browse/Manifestation"):
        current = Filter({"standing": QUALIFIED, "vocabulary": "HP"})
        assert chips(current) == [
            ("stated with a restriction", "/browse/Manifestation?vocabulary=HP"),
            ("Human Phenotype Ontology (HPO)", "/browse/Manifestation?standing=qualified"),
        ]
    with app.test_request_context("/statements/"):
        [(words, address)] = chips(Filter({"subject": A_TERM}))
        assert (words, address) == ("subject: calcinosis", "/statements/")
