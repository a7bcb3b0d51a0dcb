"""The opened release: its schema, its document and its terms."""

import pyoxigraph as ox
import pytest

from service import iris
from service.iris import BASE, CDMO
from service.library import Library, describe
from service.names import Names


def test_a_standing_has_plain_words_and_a_gloss(small: Library) -> None:
    standing = small.standings[CDMO + "qualified"]
    assert (standing.name, standing.level) == ("qualified", 3)
    assert standing.words == "stated with a restriction"
    assert standing.definition == f"a standing in which {standing.gloss}"


def test_standings_are_listed_best_first(small: Library) -> None:
    names = [standing.name for standing in small.standings.values()]
    assert names == ["stated", "qualified", "hedged", "prospective"]
    assert [standing.level for standing in small.standings.values()] == [4, 3, 2, 1]


def test_kinds_are_listed_in_display_order_with_the_pillars_first(small: Library) -> None:
    pillars = ["Condition", "Manifestation", "Test", "Intervention"]
    assert [kind.name for kind in small.pillars] == pillars
    assert [kind.name for kind in small.kinds.values()][:5] == [*pillars, "BodySite"]
    assert small.kinds[CDMO + "BodySite"].plural == "Body sites"
    assert "Claim" not in {kind.name for kind in small.kinds.values()}


def test_a_relation_reads_in_both_directions(small: Library) -> None:
    treats = small.relation(CDMO + "treats")
    assert (treats.words, treats.inverse_words) == ("treats", "is treated by")
    assert treats.inverse is not None
    assert treats.inverse.iri == CDMO + "treatedBy"
    manifests = small.relation(CDMO + "hasManifestation")
    assert manifests.words == "manifests as"
    both = small.relation(CDMO + "collaboratesWith")
    assert (both.words, both.inverse_words) == ("collaborates with", "collaborates with")


def test_being_a_kind_of_something_is_the_first_relation(small: Library) -> None:
    relation = next(iter(small.relations.values()))
    assert relation.ref.iri == iris.SUBCLASS
    assert (relation.words, relation.inverse_words) == ("is a kind of", "has kinds")


def test_an_undeclared_relation_is_shown_by_its_iri(small: Library) -> None:
    relation = small.relation("https://example.org/likes")
    assert (relation.words, relation.inverse_words) == (
        "https://example.org/likes",
        "https://example.org/likes (of)",
    )


def test_a_release_without_display_words_uses_its_labels(small: Library) -> None:
    store = ox.Store()
    store.load(
        f"""<{CDMO}likely> a <{CDMO}Standing> ; <{iris.LABEL}> "likely" ;
            <{iris.DEFINITION}> "a standing" .
        <{CDMO}likes> a <{iris.OBJECT_PROPERTY}> ; <{iris.LABEL}> "likes" .""",
        ox.RdfFormat.TURTLE,
    )
    library = Library(store, small.names)
    standing = library.standings[CDMO + "likely"]
    assert (standing.words, standing.gloss) == ("likely", "a standing")
    relation = library.relations[CDMO + "likes"]
    assert (relation.words, relation.inverse_words) == ("likes", "likes (of)")
    assert library.kinds == {}


@pytest.mark.parametrize("prefixes", [{}, {"owl": "http://example.org/birds/", "s": iris.RDFS}])
def test_other_data_may_declare_any_prefixes(prefixes: dict[str, str]) -> None:
    store = ox.Store()
    store.load("<urn:a> a <urn:Kind> .", ox.RdfFormat.TURTLE)
    library = Library(store, Names(prefixes))
    assert not [*library.claims, *library.terms, *library.questions, *library.tensions]
    assert not [*library.mapping_rows, *library.kinds, *library.sections, *library.documents]
    assert [relation.ref.iri for relation in library.relations.values()] == [iris.SUBCLASS]
    assert library.ref("urn:a").label == "urn:a"
    assert [t.subject for t in describe(library, "urn:a").triples] == [ox.NamedNode("urn:a")]


def test_a_qualifier_has_words_for_a_sentence(small: Library) -> None:
    assert small.in_sentence(small.qualifiers[CDMO + "inContext"]) == "in"
    assert small.in_sentence(small.qualifiers[CDMO + "offLabel"]) == "off-label"


def test_a_claim_has_the_words_of_its_firmest_and_most_cautious_passages(small: Library) -> None:
    claim = small.claims[BASE + "claim/0000001"]
    assert (claim.standing.name, claim.firmness) == ("qualified", 7)
    assert claim.words == "stated plainly"
    assert claim.cautious_words == "stated plainly, in some cases"
    assert [(c.passage.order, c.words, c.firmness, c.hedge) for c in claim.citations] == [
        (2, "stated plainly, in some cases", 3, "sometimes"),
        (3, "stated plainly", 4, ""),
    ]


def test_relations_for_queries_are_marked_as_general(small: Library) -> None:
    assert small.relation(CDMO + "helpsAgainst").general
    assert not small.relation(CDMO + "treats").general


def test_restricting_qualifiers_are_among_the_qualifiers(small: Library) -> None:
    names = {ref.iri.removeprefix(CDMO) for ref in small.qualifiers.values()}
    assert names >= {"inContext", "degree", "manner"}
    assert not names & {"qualifier", "restriction"}


def test_claims_are_found_by_passage_and_by_term(small: Library) -> None:
    def curies(iri: str, claims: object) -> list[str | None]:
        assert isinstance(claims, dict)
        return [claim.ref.curie for claim in claims[iri]]

    assert curies(BASE + "passage/cdct-002", small.claims_of_passage) == [
        "claim:0000001",
        "claim:0000002",
    ]
    assert curies(BASE + "id/CDMO_0000005", small.claims_of_term) == [
        "claim:0000002",
        "claim:0000004",
    ]


def test_a_passage_has_its_section_position_and_reason(small: Library) -> None:
    passage = small.passages[BASE + "passage/cdct-001"]
    assert (passage.start, passage.end, passage.digest) == (0, 5, "a1")
    assert passage.section is not None
    assert passage.section.trail == "Drugs"
    assert passage.reason is not None
    assert passage.reason.label == "navigation"


def test_a_nested_section_has_the_path_to_it(small: Library) -> None:
    section = small.sections[BASE + "source/cdct-drugs-table"]
    assert (section.trail, section.depth) == ("Drugs › Drug table", 1)
    assert section.top == BASE + "source/cdct-drugs"


def test_a_question_has_its_query_and_the_number_of_its_rows(small: Library) -> None:
    [question] = small.questions
    assert (question.name, question.rows) == ("off-label", 1)
    assert question.query.startswith("PREFIX cdmo:")
    assert question.keywords == ("medication", "off-label")


def test_a_line_break_in_a_cell_does_not_add_a_row(small: Library) -> None:
    expected = ox.NamedNode(iris.EXPECTED)
    store = ox.Store()
    store.extend(
        ox.Quad(q.subject, q.predicate, ox.Literal('note\n"one\ntwo\u2028three"\n'), q.graph_name)
        if q.predicate == expected
        else q
        for q in small.store
    )
    [question] = Library(store, small.names).questions
    assert question.rows == 1


def test_every_document_has_triples_and_no_fragment(small: Library) -> None:
    assert BASE + "claim/0000001" in small.documents
    assert all("#" not in iri and small.knows(iri) for iri in small.documents)


@pytest.mark.parametrize("local", ["id/CDMO_0000001", "graph/claims", "ontology"])
def test_a_release_knows_its_resources_and_graphs(small: Library, local: str) -> None:
    assert small.knows(BASE + local)


def test_a_release_knows_no_other_iri(small: Library) -> None:
    assert not small.knows(BASE + "id/CDMO_9999999")


def test_our_base_is_the_home_page_and_a_file_is_its_own_document(small: Library) -> None:
    assert small.ref(BASE).path == "/"
    assert small.ref(iris.DOWNLOADS + "ontology.ttl").path == "/downloads/ontology.ttl"
    assert small.ref("https://example.org/x").path is None


def test_sections_around_a_section_in_a_circle_end() -> None:
    section, part_of = ox.NamedNode(CDMO + "Section"), ox.NamedNode(iris.PART_OF)
    one, other = (ox.NamedNode(f"{BASE}section/{name}") for name in ("one", "other"))
    graph = ox.NamedNode(iris.GRAPH + "claims")
    store = ox.Store()
    for here, outer in ((one, other), (other, one)):
        store.add(ox.Quad(here, ox.NamedNode(iris.TYPE), section, graph))
        store.add(ox.Quad(here, part_of, outer, graph))
        store.add(ox.Quad(here, ox.NamedNode(CDMO + "order"), ox.Literal(1), graph))
    library = Library(store, Names({"cdmo": CDMO}))
    around = [s.ref.iri for s in library.around(library.sections[one.value])]
    assert around == [one.value, other.value]
