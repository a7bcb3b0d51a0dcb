"""Narrowed lists: the filter in an address, and the facets beside a list."""

import pytest
from flask import Flask

from service.library import Library
from service.problems import UnknownResource
from service.site.facets import (
    Filter,
    Values,
    chips,
    facet,
    parse_filter,
    values_of_claims,
    values_of_term,
)

ALL = ("standing", "section", "vocabulary", "narrowed", "order", "start")


@pytest.fixture
def library(app: Flask) -> Library:
    opened = app.extensions["site"].library
    assert isinstance(opened, Library)
    return opened


def test_a_filter_is_parsed_from_the_parameters_that_the_page_takes(
    app: Flask, library: Library
) -> None:
    with app.test_request_context("/statements/?standing=qualified&vocabulary=HP&start=100&x=y"):
        assert parse_filter(library, ("standing", "start")) == Filter("qualified", start=100)
        assert parse_filter(library, ALL) == Filter("qualified", vocabulary="HP", start=100)


@pytest.mark.parametrize(
    "query",
    [
        "standing=certain",
        "section=cdct-nothing",
        "vocabulary=hp",
        "narrowed=CDMO_9999999",
        "order=size",
    ],
)
def test_a_value_that_the_release_does_not_have_is_refused(
    app: Flask, library: Library, query: str
) -> None:
    with app.test_request_context(f"/statements/?{query}"), pytest.raises(UnknownResource):
        parse_filter(library, ALL)


@pytest.mark.parametrize("start", ["", "-1", "x", "1e3", "9999999999", "٣x"])
def test_a_start_that_is_no_small_number_is_the_first_page(
    app: Flask, library: Library, start: str
) -> None:
    with app.test_request_context("/statements/", query_string={"start": start}):
        assert parse_filter(library, ALL).start == 0


def test_an_address_holds_what_the_filter_holds_and_nothing_else(app: Flask) -> None:
    with app.test_request_context("/statements/?start=200&endpoint=x&_anchor=y"):
        assert Filter().address() == "/statements/"
        assert Filter("hedged", start=100).address() == "/statements/?standing=hedged&start=100"
    with app.test_request_context("/browse/Intervention?standing=hedged"):
        assert Filter(section="a").address() == "/browse/Intervention?section=a"


def test_another_choice_begins_at_the_first_page() -> None:
    current = Filter("hedged", narrowed="CDMO_0000001", start=100)
    assert current.choose("section", "a") == Filter("hedged", "a", narrowed="CDMO_0000001")
    assert current.choose("standing", "") == Filter(narrowed="CDMO_0000001")


def test_a_facet_counts_the_list_as_if_the_facet_were_not_chosen(
    app: Flask, library: Library
) -> None:
    claims = [values_of_claims([claim]) for claim in library.claims.values()]
    with app.test_request_context("/statements/"):
        title, options = facet(library, Filter("qualified"), claims, "standing")
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


def test_the_other_facets_are_counted_within_the_choice(app: Flask, library: Library) -> None:
    claims = [values_of_claims([claim]) for claim in library.claims.values()]
    with app.test_request_context("/statements/"):
        _, options = facet(library, Filter("hedged"), claims, "section")
    assert [(words, count) for words, count, *_ in options] == [("Drugs", 1)]


def test_a_section_is_combined_with_how_that_section_puts_a_statement() -> None:
    values = Values({"c": {"": "stated", "causes": "stated", "faq": "hedged"}})
    assert Filter("stated", "causes").admits(values)
    assert Filter("hedged", "faq").admits(values)
    assert Filter("stated").admits(values)
    assert not Filter("stated", "faq").admits(values)
    assert not Filter("hedged", "causes").admits(values)
    assert not Filter("hedged").admits(values)


def test_a_term_is_listed_for_one_statement_that_fits_the_whole_filter() -> None:
    values = Values(
        {"c": {"": "stated", "causes": "stated"}, "d": {"": "hedged", "faq": "hedged"}}, ["HP"]
    )
    assert Filter("stated", "causes").statements(values) == {"c"}
    assert not Filter("stated", "faq").admits(values)
    assert Filter("hedged", vocabulary="HP").admits(values)
    assert not Filter("hedged", vocabulary="MESH").admits(values)
    assert Filter().admits(Values({}))
    assert not Filter("hedged").admits(Values({}))


def test_the_facets_of_terms_count_statements_each_once(app: Flask) -> None:
    library = app.extensions["site"].library
    both = Values({"c": {"": "hedged"}}, ["HP"])
    with app.test_request_context("/browse/Intervention"):
        _, standings = facet(library, Filter(), [both, both], "standing")
        _, vocabularies = facet(library, Filter(), [both, both], "vocabulary")
    assert [(words, count) for words, count, *_ in standings] == [("hedged", 1)]
    assert [(words, count) for words, count, *_ in vocabularies] == [
        ("Human Phenotype Ontology (HPO)", 2)
    ]


def test_over_all_statements_each_section_shows_how_it_puts_them(real_library: Library) -> None:
    for claim in real_library.claims.values():
        values = values_of_claims([claim])
        for section in (s for s in real_library.sections.values() if s.top == s.ref.iri):
            levels = {
                c.standing.level: c.standing.name
                for c in claim.citations
                if c.passage.section and c.passage.section.top == section.ref.iri
            }
            local = section.ref.iri.rpartition("/")[2]
            admitting = {
                standing.name
                for standing in real_library.standings.values()
                if Filter(standing.name, local).admits(values)
            }
            assert admitting == ({levels[max(levels)]} if levels else set()), claim.ref.label


def test_chips_take_a_choice_off(app: Flask, library: Library) -> None:
    with app.test_request_context("/browse/Manifestation"):
        assert chips(library, Filter("qualified", vocabulary="HP")) == [
            ("stated with a restriction", "/browse/Manifestation?vocabulary=HP"),
            ("Human Phenotype Ontology (HPO)", "/browse/Manifestation?standing=qualified"),
        ]


def test_a_term_has_the_facets_of_its_claims_and_the_vocabularies_of_its_matches(
    library: Library,
) -> None:
    [pain] = [t for t in library.terms.values() if t.ref.label == "pain"]
    values = values_of_term(library, pain)
    standings = [by[""] for by in values.statements.values()]
    assert sorted(standings) == ["hedged", "qualified"]
    assert set(values.vocabularies) == {"HP"}
