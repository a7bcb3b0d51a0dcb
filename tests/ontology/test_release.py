"""The release of the real sources builds, is consistent, and its dumps agree."""

import owlready2
import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, Graph, URIRef

from service import iris
from service.pipeline.format import format_sources
from service.pipeline.loading import read_prefixes
from service.release import Release, damage, graph_iri, open_store
from service.sources import locate


def rows(release: Release, query: str) -> list[tuple[str, ...]]:
    """Query the union of the release's graphs."""
    solutions = open_store(release).query(
        query, prefixes=dict(release.manifest.prefixes), use_default_graph_as_union=True
    )
    assert isinstance(solutions, ox.QuerySolutions)
    return [tuple(str(value) for value in row) for row in solutions]


def test_the_sources_have_no_violations(real_release: Release) -> None:
    """Errors, HermiT's too, would have stopped the build; the report lists warnings and waivers."""
    report = real_release.dump("report.tsv").read_text("utf-8").splitlines()
    assert report[0].startswith("level\t")
    assert [line for line in report[1:] if not line.startswith("waived\t")] == []


def test_the_release_is_whole(real_release: Release) -> None:
    assert damage(real_release) == []
    assert all(count > 0 for count in real_release.manifest.graphs.values())


def test_every_passage_is_cited_or_has_a_reason(real_release: Release) -> None:
    query = """
        SELECT ?passage WHERE {
          ?passage a cdmo:Passage .
          FILTER NOT EXISTS { ?claim cdmo:statedIn ?passage }
          FILTER NOT EXISTS { ?passage cdmo:assertsNothing ?reason }
        }"""
    assert rows(real_release, query) == []


def test_no_hedged_claim_is_an_axiom(real_release: Release) -> None:
    query = """
        SELECT ?claim WHERE {
          ?axiom cdmo:derivedFrom ?claim .
          ?claim cdmo:citation/cdmo:assertion ?assertion .
          FILTER(?assertion != cdmo:plain)
        }"""
    assert rows(real_release, query) == []


def test_an_aim_or_a_hope_is_never_a_plain_statement(real_release: Release) -> None:
    """Relations such as *aims at*, which mean an aim themselves, are an exception."""
    query = """
        SELECT ?claim ?standing WHERE {
          ?claim cdmo:relation ?relation ; cdmo:standing ?standing .
          FILTER(?relation NOT IN (cdmo:aimsAt, cdmo:investigates))
          FILTER NOT EXISTS {
            ?claim cdmo:citation ?citation .
            ?citation cdmo:assertion ?assertion .
            FILTER(?assertion != cdmo:underResearch)
            FILTER NOT EXISTS { ?citation cdmo:aim ?aim }
          }
        }"""
    results = rows(real_release, query)
    assert len(results) >= 100
    assert {standing for _, standing in results} == {f"<{iris.CDMO}prospective>"}


def test_an_example_is_not_restricted_to_some_cases(real_release: Release) -> None:
    query = """
        SELECT ?citation ?frequency WHERE {
          ?citation cdmo:hedge ?hedge ; cdmo:frequency ?frequency .
          FILTER(CONTAINS(?hedge, "such as"))
        }"""
    results = rows(real_release, query)
    assert len(results) >= 20
    assert {frequency for _, frequency in results} == {f"<{iris.CDMO}asExample>"}


def test_a_possible_necessity_is_not_called_needed(real_release: Release) -> None:
    query = """
        SELECT ?citation WHERE {
          ?citation cdmo:advice cdmo:needed ; cdmo:hedge ?hedge .
          FILTER(CONTAINS(?hedge, "may be"))
        }"""
    assert rows(real_release, query) == []


def test_owlready2_sees_every_class_of_the_dump(real_release: Release) -> None:
    """It silently reads nothing from Turtle, so it gets the N-Triples of the same graph."""
    graph = Graph().parse(real_release.dump("ontology.ttl"))
    declared = {str(c) for c in graph.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)}
    world = owlready2.World()
    world.get_ontology(real_release.dump("ontology.nt").as_uri()).load(only_local=True)
    assert {c.iri for c in world.classes()} == declared


def test_the_inferred_graph_repeats_nothing_asserted(real_release: Release) -> None:
    store = open_store(real_release)
    inferred, ontology = (ox.NamedNode(graph_iri(n)) for n in ("inferred", "ontology"))
    for quad in store.quads_for_pattern(None, None, None, inferred):
        assert not list(
            store.quads_for_pattern(quad.subject, quad.predicate, quad.object, ontology)
        )


def test_every_term_of_ours_that_is_used_is_declared(real_release: Release) -> None:
    query = """
        SELECT DISTINCT ?used WHERE {
          { ?s ?p ?used } UNION { ?s ?used ?o }
          FILTER(ISIRI(?used))
          FILTER(REGEX(STR(?used), "^https://w3id.org/cdmo/(id|schema|claim|passage|tension|question|source)/"))
          FILTER NOT EXISTS { ?used a ?type }
        }"""
    assert rows(real_release, query) == []


def test_the_dataset_lists_the_dumps_that_a_release_has(real_release: Release) -> None:
    """All files are distributions; RDF files are data dumps too."""

    def files(relation: str) -> set[str]:
        results = rows(real_release, f"SELECT ?file WHERE {{ ?dataset {relation} ?file }}")
        return {file.strip("<>").removeprefix(iris.DOWNLOADS) for (file,) in results}

    names = real_release.manifest.files
    distributions = {name for name in names if name.startswith(("dataset.", "ontology."))}
    assert files("dcat:distribution") == distributions
    assert files("void:dataDump") == distributions - {"ontology.obographs.json"}


def test_the_graphs_of_a_release_are_described(real_release: Release) -> None:
    query = "SELECT ?graph WHERE { ?dataset void:subset ?graph . ?graph dcterms:description ?text }"
    graphs = {graph.strip("<>") for (graph,) in rows(real_release, query)}
    assert graphs == set(real_release.manifest.graphs)


def test_no_direct_triple_rests_on_an_aim_or_a_hope_alone(real_release: Release) -> None:
    """Each needs a claim that is at least hedged; aims and hopes have relations of their own."""
    claims = """
        SELECT DISTINCT ?s ?p ?o WHERE {
          ?claim cdmo:polarity cdmo:positive ;
            cdmo:standing ?standing ;
            cdmo:subject ?s ;
            cdmo:object ?o ;
            cdmo:relation/rdfs:subPropertyOf* ?p .
          FILTER(?standing != cdmo:prospective)
        }"""
    inverses = "SELECT ?p ?q WHERE { ?p owl:inverseOf|^owl:inverseOf ?q }"
    symmetric = "SELECT ?p WHERE { ?p a owl:SymmetricProperty }"
    backwards = {pair[0]: pair[1] for pair in rows(real_release, inverses)}
    backwards |= {p: p for (p,) in rows(real_release, symmetric)}
    supported = set(rows(real_release, claims))
    supported |= {(o, backwards[p], s) for s, p, o in supported if p in backwards}
    direct = """
        SELECT ?s ?p ?o WHERE {
          VALUES ?graph { graph:stated graph:qualified graph:hedged }
          GRAPH ?graph { ?s ?p ?o }
        }"""
    triples = set(rows(real_release, direct))
    assert len(triples) > 1000
    assert triples <= supported


def test_aims_and_hopes_have_relations_of_their_own(real_release: Release) -> None:
    query = """
        SELECT DISTINCT ?p WHERE {
          GRAPH graph:prospective { ?s ?p ?o }
          FILTER NOT EXISTS { ?general cdmo:intendedForm|cdmo:hopedForm ?p }
          FILTER NOT EXISTS {
            ?general cdmo:intendedForm|cdmo:hopedForm ?form .
            ?form owl:inverseOf|^owl:inverseOf ?p .
          }
        }"""
    assert rows(real_release, query) == []


def test_each_direct_triple_is_in_one_graph(real_release: Release) -> None:
    query = """
        SELECT ?s ?p ?o WHERE {
          VALUES ?direct { graph:stated graph:qualified graph:hedged }
          GRAPH ?direct { ?s ?p ?o }
        }
        GROUP BY ?s ?p ?o
        HAVING (COUNT(?direct) > 1)"""
    assert rows(real_release, query) == []


@pytest.mark.parametrize(
    ("query", "member", "other"),
    [
        # stated, hedged, hoped for
        ("GRAPH graph:stated { ?x cdmo:treats CDMO:0000001 }", "0000307", "0000318"),
        ("GRAPH graph:hedged { ?x cdmo:treats CDMO:0000001 }", "0000318", "0000307"),
        ("?x cdmo:hopedToHelpAgainst CDMO:0000001", "0000410", "0000307"),
        ("?x cdmo:treats CDMO:0000001", "0000307", "0000410"),
        ("?x cdmo:helpsAgainst CDMO:0000106", "0000330", "0000394"),
        ("?x cdmo:meantToHelpAgainst CDMO:0000106", "0000447", "0000330"),
    ],
)
def test_one_pattern_tells_stated_hedged_and_hoped_for_apart(
    real_release: Release, query: str, member: str, other: str
) -> None:
    results = {x for (x,) in rows(real_release, f"SELECT ?x WHERE {{ {query} }}")}
    iri = f"<{iris.TERM}CDMO_{{}}>"
    assert iri.format(member) in results
    assert iri.format(other) not in results


def test_treatment_firmness_and_chapter_take_four_patterns(real_release: Release) -> None:
    query = """
        SELECT ?treatment ?firmness ?chapter WHERE {
          ?claim cdmo:subject ?treatment ;
            cdmo:relation cdmo:treats ;
            cdmo:firmness ?firmness ;
            cdmo:chapter ?chapter
        }"""
    results = {(t, chapter) for t, _, chapter in rows(real_release, query)}
    source = f"<{iris.BASE}source/cdct-"
    for chapter in ("treatment>", "medications>", "faq>"):
        assert (f"<{iris.TERM}CDMO_0000307>", source + chapter) in results


def test_a_passage_mentions_its_terms_in_one_step(real_release: Release) -> None:
    query = "SELECT ?p WHERE { ?p cdmo:mentions CDMO:0000307 ; cdmo:mentions CDMO:0000607 }"
    assert (f"<{iris.BASE}passage/cdct-122>",) in rows(real_release, query)


def test_the_sources_are_formatted_and_have_current_derived_comments() -> None:
    sources = locate()
    prefixes = read_prefixes(sources).prefixes
    assert format_sources(sources.turtle_files, prefixes, sources=sources, check=True) == []
