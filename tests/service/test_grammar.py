"""What the tokens of a query say, and the hints for those who wrote one that is none."""

import pyoxigraph as ox
import pytest

from service.grammar import declared, outline, unescape
from service.hints import explain

PREFIXES = {"CHEBI": "http://purl.obolibrary.org/obo/CHEBI_", "rdfs": "http://e/rdfs#"}


def test_from_is_resolved_by_prefix_and_base() -> None:
    found = outline(
        "BASE <http://e/> PREFIX a: <x#> SELECT * FROM a:b FROM NAMED <c/../d> { ?s ?p ?o }"
    )
    assert (found.default_graphs, found.named_graphs) == (("http://e/x#b",), ("http://e/d",))


@pytest.mark.parametrize(
    "text",
    [
        'ASK { ?s ?p "SERVICE <http://e/> { }" }',
        "ASK { ?s ?p '''a ' SERVICE <http://e/>''' }",
        "ASK { ?SERVICE ?p ?o } # SERVICE <http://e/>",
        "PREFIX service: <http://e/> ASK { ?s service:SERVICE <http://e/SERVICE> }",
        "ASK { ?s ?p _:SERVICE . ?s ?p 'x'@service }",
    ],
)
def test_letters_are_not_keywords(text: str) -> None:
    assert outline(text).services == ()


def test_service_is_found_wherever_it_stands() -> None:
    text = "SELECT * { { SELECT * { ?s ?p ?o OPTIONAL { sErViCe#x\n silent ?where {} } } } }"
    assert outline(text).services == ("?where",)


E = "http://127.0.0.1:9/"  # a port to which the engine never connects
PROLOGUE = f"BASE <{E}> PREFIX : <{E}> PREFIX e: <{E}> PREFIX SERVICE: <{E}> "


@pytest.mark.parametrize(
    "pattern",
    [
        "SERVICE:x { ?a ?b ?c }",
        "SERVICEe:x { ?a ?b ?c }",
        "service: { ?a ?b ?c }",
        "{} SERVICE#>\n<> { ?a ?b ?c }",
        "FILTER(1<2)SERVICE#>\n<> { ?a ?b ?c }",
        "FILTER(1<'://')SERVICE#>\n<> { ?a ?b ?c }",
        "VALUES ?z { true } ?s ?p trueSERVICE:x { ?a ?b ?c }",
        "?s ?p trueSERVICE<> { ?a ?b ?c }",
        "LATERAL { SERVICE<> { ?a ?b ?c } }",
    ],
)
def test_whatever_the_engine_takes_for_a_call_outward_is_seen(pattern: str) -> None:
    """The engine's keywords need no space after them; a parser's choice hides nothing."""
    store = ox.Store()
    node = ox.NamedNode(f"{E}s")
    store.add(ox.Quad(node, node, ox.Literal(True), node))
    query = f"{PROLOGUE} SELECT * {{ {pattern} }}"
    found = store.query(query, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    with pytest.raises(OSError, match="not allowed"):
        next(found)
    assert outline(query, E).services


@pytest.mark.parametrize(
    "text",
    ["SELECT*FROMe:g { }", "SELECT * FROMNAMED <g> { }", "ASKFROM<g>{}", "ASK FROMNAMEDe:g {}"],
)
def test_a_graph_is_seen_without_a_space_before_it(text: str) -> None:
    found = outline(f"PREFIX e: <{E}> {text}")
    assert found.default_graphs or found.named_graphs


def test_a_form_needs_no_space_after_it() -> None:
    assert outline("ASKWHERE{}").form == "ASK"
    assert outline("SELECTDISTINCT?x{}").form == "SELECT"


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * FROM "' + '\\"' * 50_000,
        'SELECT * FROM """' + 'x\\"""' * 20_000,
        "SELECT * FROM " + "é" * 50_000,
        "SELECT * FROM " + "a-" * 50_000,
        "SELECT * FROM " + "a." * 50_000,
        "#" + "PREFIX" * 20_000 + "\nCONSTRUCT FROM",
        "SELECT * FROM " + "{" * 100_000,
    ],
    ids=["escapes", "long string", "accents", "hyphens", "dots", "prefixes", "braces"],
)
def test_the_time_to_read_a_text_grows_with_its_length_alone(text: str) -> None:
    """Each of these takes minutes if the reader ever goes back."""
    assert not outline(text).services
    assert not declared(text)


def test_declared_prefixes_are_those_of_the_prologue() -> None:
    text = "# PREFIX no: <http://e/ >\nPREFIX a: <http://e/> BASE <x> PREFIX r: <r> ASK {}"
    assert declared(text) == {"a": "http://e/"}


def test_code_points_are_unescaped_outside_strings_and_iris_only() -> None:
    assert unescape(r'\u0041SK { ?s <http://e/\u0041> "\u0041" }') == (
        r'ASK { ?s <http://e/\u0041> "\u0041" }'
    )


def test_what_may_change_is_known() -> None:
    assert outline("SELECT (NOW() AS ?t) {}").volatile
    assert outline("SELECT (NOW#\n() AS ?t) {}").volatile
    assert outline("CONSTRUCT { [] ?p ?o } { ?s ?p ?o }").volatile
    assert outline('CONSTRUCT { ?s ?p "}" , (1 2) } { ?s ?p ?o }').volatile
    assert not outline("CONSTRUCT { ?s ?p 1 } { ?s ?p ?o FILTER(?o < 2) }").volatile
    assert outline("SELECT * { SERVICE <http://e/> { ?s ?p ?o } }").volatile
    assert not outline("SELECT ?now { ?now ?p ?o }").volatile


@pytest.mark.parametrize(
    ("query", "place", "token", "says"),
    [
        ("SELECT * { chebi:1 ?p ?o }", (1, 12), "chebi:1", "Did you mean CHEBI:"),
        ("SELECT * {\n  ?s rdf:type ?o }", (2, 6), "rdf:type", "PREFIX"),
        ("SELECT ?x ?n { ?x ?p ?o }\nGROUP BY ?n", (1, 8), "?x", "projected but not grouped"),
        ("SELECT * { ?s ?p ?o } GROUP BY ?s", (1, 8), "*", "cannot be used with GROUP BY"),
        ("SELECT (1 AS ?s) { ?s ?p ?o }", (1, 14), "?s", "twice"),
        ("SELECT * { ?s ?p ?o", (1, 10), "{", "never closed"),
        ("SELECT * { ?s ?p ?o } }", (1, 23), "}", "closes nothing"),
        ('SELECT * { ?s ?p "abc }', (1, 18), '"', "does not end"),
        ('SELECT * { ?s ?p """abc }', (1, 18), '"""', "never closed"),
        ("SELECT ?s WHER { ?s ?p ?o }", (1, 11), "WHER", "Did you mean WHERE"),
        ("hello", (1, 1), "hello", ""),
        ("", (1, 1), "", "empty"),
    ],
)
def test_a_mistake_is_explained(query: str, place: tuple[int, int], token: str, says: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        ox.Store().query(query)
    problem = explain(query, str(caught.value), PREFIXES)
    assert (problem.extras["line"], problem.extras["column"]) == place
    assert problem.extras["token"] == token
    assert says in problem.detail
