"""Over the real release: lists have the cards of their things, and filters agree with SPARQL."""

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
import pytest

from service.cards import (
    COLUMNS,
    PARAMETERS,
    SORTS,
    Filter,
    Lists,
    card,
    parameters_of,
    parse,
    table,
    vocabulary_of,
)
from service.cards.rows import BETWEEN
from service.iris import PREFIXES
from service.library import Index, Library, search_entries
from service.problems import BadRequest
from service.rdf.terms import text

NOT_ALL = ("words", "number", "format", "order")
"""Parameters without a finite list of values."""


@pytest.fixture(scope="module")
def lists(real_library: Library) -> Lists:
    index = Index(search_entries(real_library))
    return Lists(real_library, lambda: index)


def narrowings(lists: Lists, name: str) -> Iterator[tuple[str, str, Filter]]:
    """Yield a filter for every value of every parameter of a list."""
    for parameter in parameters_of(name).values():
        if parameter.takes not in NOT_ALL:
            for value in lists.named.called(parameter.takes).shown:
                yield parameter.name, value, Filter({parameter.name: value})


CLAIM, PASSAGE = "?x a cdmo:Claim ;", "?x a cdmo:Passage ;"
TERM = 'FILTER(STRSTARTS(STR(?x), "https://w3id.org/cdmo/id/"))'
ROW = "?x a sssom:Mapping ; owl:annotatedSource ?term ; owl:annotatedTarget ?target "
FOUND = (
    "FILTER(?target != sssom:NoTermFound) FILTER NOT EXISTS { ?x sssom:predicate_modifier ?not } "
)
SECTION = "cdmo:section/cdmo:partOf* ?value"

IN_SPARQL = {
    ("statements", ""): f"{CLAIM} cdmo:relation ?r",
    ("statements", "subject"): f"{CLAIM} cdmo:subject ?value",
    ("statements", "object"): f"{CLAIM} cdmo:object ?value",
    ("statements", "term"): f"{CLAIM} cdmo:subject|cdmo:object ?value",
    ("statements", "relation"): f"{CLAIM} cdmo:relation/rdfs:subPropertyOf* ?value",
    ("statements", "polarity"): f"{CLAIM} cdmo:polarity ?value",
    ("statements", "standing"): f"{CLAIM} cdmo:standing ?value",
    ("statements", "section"): f"{CLAIM} cdmo:citation/cdmo:passage/{SECTION}",
    ("statements", "kind"): f"{CLAIM} cdmo:subject/(rdf:type|rdfs:subClassOf)+ ?value",
    ("statements", "narrowed"): f"{CLAIM} ?q ?value . ?q rdfs:subPropertyOf+ cdmo:qualifier",
    ("terms", ""): f"?x a ?type {TERM} FILTER NOT EXISTS {{ ?x owl:deprecated true }}",
    ("terms", "kind"): f"?x (rdf:type|rdfs:subClassOf)+ ?value {TERM}",
    ("terms", "standing"): f"?c cdmo:subject|cdmo:object ?x ; cdmo:standing ?value {TERM}",
    ("terms", "section"): "?c cdmo:subject|cdmo:object ?x ; "
    f"cdmo:citation/cdmo:passage/{SECTION} {TERM}",
    ("terms", "vocabulary"): f"{ROW.replace('?x', '?m').replace('?term', '?x')} {TERM} "
    f"{FOUND.replace('?x', '?m')} BIND(?target AS ?value)",
    ("mappings", ""): f"{ROW} {FOUND}",
    ("mappings", "term"): f"{ROW} {FOUND} BIND(?term AS ?value)",
    ("mappings", "predicate"): f"{ROW} ; owl:annotatedProperty ?value {FOUND}",
    ("mappings", "vocabulary"): f"{ROW} {FOUND} BIND(?target AS ?value)",
    ("questions", ""): "?x sh:select ?query",
    ("questions", "keywords"): "?x sh:select ?query ; <https://schema.org/keywords> ?value",
    ("tensions", ""): "?x a cdmo:Tension",
    ("tensions", "tensionKind"): "?x cdmo:tensionKind ?value",
    ("passages", ""): f"{PASSAGE} cdmo:order ?order",
    ("passages", "passageKind"): f"{PASSAGE} cdmo:kind ?value",
    ("passages", "section"): f"{PASSAGE} {SECTION}",
    ("passages", "term"): f"{PASSAGE} cdmo:mentions ?value",
    ("passages", "source"): f"{PASSAGE} oa:hasSource ?value",
    ("statements", "source"): "?x a cdmo:Claim ; cdmo:statedIn/oa:hasSource ?value",
}
"""The meaning of lists and parameters in SPARQL. Those about tensions are tested in
``tests/ontology/test_disagreements.py`` and ``tests/service/site/test_two_documents.py``."""


@pytest.mark.parametrize(("name", "parameter"), IN_SPARQL, ids=lambda part: part or "whole")
def test_a_narrowed_list_has_the_solutions_of_sparql(
    lists: Lists, name: str, parameter: str
) -> None:
    query = f"SELECT DISTINCT ?x ?value {{ {IN_SPARQL[name, parameter]} }}"
    solutions = lists.library.store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    expected: dict[str, set[str]] = defaultdict(set)
    for x, value in solutions:
        shown = text(value) if value else ""
        if parameter == "vocabulary":
            shown = vocabulary_of(lists.library.names.curie(shown))
        expected[shown].add(text(x))
    if not parameter:
        assert lists.select(name, Filter()) == list(dict.fromkeys(lists.select(name, Filter())))
        assert set(lists.select(name, Filter())) == expected[""]
    for narrowed, value, current in narrowings(lists, name) if parameter else ():
        if narrowed == parameter:
            assert set(lists.select(name, current)) == expected[value], value


def test_every_parameter_with_values_is_compared_with_sparql() -> None:
    tables = {(n, p.name) for p in PARAMETERS for n in p.lists if p.takes not in NOT_ALL}
    apart = {("tensions", "term"), ("tensions", "section"), ("tensions", "source")}
    apart |= {("terms", "source"), ("questions", "source")}
    assert tables == {pair for pair in IN_SPARQL if pair[1]} | apart


@pytest.mark.parametrize("name", SORTS)
def test_a_thing_in_a_list_is_its_card(lists: Lists, name: str) -> None:
    in_list = {iri: json.loads(lists.card(name, iri)) for iri in lists.select(name, Filter())}
    if name == "mappings":
        sets = (card(lists.library, ref.iri) for ref in lists.library.mapping_sets)
        alone = {row["id"]: row for one in sets for row in one["mappingRows"]}
        assert in_list == {iri: alone[iri] for iri in in_list}
    else:
        assert in_list == {iri: card(lists.library, iri) for iri in in_list}


@pytest.mark.parametrize("name", SORTS)
@pytest.mark.parametrize("limit", [1, 100, 10_000])
def test_the_parts_of_a_list_have_every_thing_once(lists: Lists, name: str, limit: int) -> None:
    whole = lists.select(name, Filter())
    current: Filter | None = Filter(limit=limit)
    parts: list[str] = []
    while current:
        part = lists.part(name, current)
        assert part.total == len(whole)
        assert len(part.iris) == limit or not part.next
        parts += part.iris
        current = part.next if limit > 1 or len(parts) < 20 else None
    assert parts == whole[: len(parts)]
    assert limit == 1 or len(parts) == len(whole)


@pytest.mark.parametrize("name", SORTS)
def test_every_value_may_be_given_by_each_of_its_names(lists: Lists, name: str) -> None:
    """These are its IRI, its CURIE, its short form in addresses, and its label if unambiguous."""
    for parameter, value, current in narrowings(lists, name):
        takes = parameters_of(name)[parameter].takes
        called = lists.named.called(takes)
        forms = {value, *current.parameters(lists.named).values()}
        forms |= {lists.library.names.curie(value) or value}
        forms |= {n for n, values in called.folded.items() if values == {value}}
        if takes == "object" and "://" not in value:
            forms = {value}
        for form in forms:
            assert parse(lists.named, name, [(parameter, form)]) == current, form


def test_every_ambiguous_label_is_refused(lists: Lists) -> None:
    ambiguous = 0
    for parameter in PARAMETERS:
        if parameter.takes in NOT_ALL:
            continue
        called = lists.named.called(parameter.takes)
        for label, values in called.folded.items():
            if len(values) > 1 and label not in called.exact:
                ambiguous += 1
                with pytest.raises(BadRequest, match="several things"):
                    parse(lists.named, parameter.lists[0], [(parameter.name, label)])
    assert ambiguous


# -- tables ------------------------------------------------------------------------------------


def rows(lists: Lists, name: str) -> list[dict[str, str]]:
    cards = (json.loads(lists.card(name, iri)) for iri in lists.select(name, Filter()))
    return list(csv.DictReader(io.StringIO(table(name, cards).decode())))


def test_a_statement_has_a_row_for_each_citation(lists: Lists) -> None:
    by_claim = Counter(row["claim"] for row in rows(lists, "statements"))
    citations = {c.ref.curie: len(c.citations) for c in lists.library.claims.values()}
    assert by_claim == citations
    named = {row["citation"] for row in rows(lists, "statements")}
    assert len(named) == sum(citations.values())


@pytest.mark.parametrize("name", [name for name in SORTS if name != "statements"])
def test_any_other_thing_has_one_row(lists: Lists, name: str) -> None:
    assert len(rows(lists, name)) == len(lists.select(name, Filter()))


@pytest.mark.parametrize("name", SORTS)
def test_no_column_is_empty_and_no_value_contains_the_separator(lists: Lists, name: str) -> None:
    table_rows = rows(lists, name)
    assert list(table_rows[0]) == [column.name for column in COLUMNS[name]]
    unused = {"narrowSynonyms", "broadSynonyms", "note", "inPopulation"}
    for column in COLUMNS[name]:
        assert any(row[column.name] for row in table_rows) or column.name in unused, column
    for iri in lists.select(name, Filter()):
        for value in strings(json.loads(lists.card(name, iri))):
            assert BETWEEN not in value or "SELECT" in value or "," in value, value


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def test_the_row_of_a_citation_agrees_with_the_card(lists: Lists) -> None:
    for row in rows(lists, "statements"):
        claim = json.loads(lists.card("statements", row["citation"].partition("#")[0]))
        [citation] = [c for c in claim["citations"] if c["id"] == row["citation"]]
        for key in ("standing", "polarity", "relation", "subject"):
            assert row[key] == claim[key]["label"]
        for key in ("assertion", "frequency", "advice", "aim"):
            assert row[key] == citation.get(key, {}).get("label", "")
        assert row["stated"] == citation["standing"]["label"]
        assert row["hedge"] == citation.get("hedge", "")
        assert row["collective"] == ("true" if citation.get("collective") else "")
        assert row["offLabel"] == ("true" if claim.get("offLabel") else "")
        assert row["passage"] == str(citation["passage"]["order"])
        assert row["object"] == claim["object"].get("label", claim["object"].get("value"))
