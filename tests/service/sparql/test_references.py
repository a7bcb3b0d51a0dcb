"""References: the services and graphs in a query are those that the engine sees."""

from collections import Counter

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.problems import ServiceRefused
from service.sparql.policy import Policy
from service.sparql.references import References, declared_prefixes, form, is_volatile, references
from service.sparql.tokens import unescape


def _is_refused(names: References) -> bool:
    """Tell whether a policy that allows nothing refuses a query."""
    return bool(names.services or names.default_graphs or names.named_graphs)


def test_a_graph_is_resolved_by_prefix_and_base() -> None:
    graphs = references(
        "BASE <http://e/> PREFIX a: <x#> SELECT * FROM a:b FROM NAMED <c/../d> { ?s ?p ?o }"
    )
    assert (graphs.default_graphs, graphs.named_graphs) == (("http://e/x#b",), ("http://e/d",))


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
def test_a_keyword_inside_a_string_comment_or_name_does_not_count(text: str) -> None:
    assert not _is_refused(references(text))


def test_the_refusal_of_a_doubtful_call_says_how_to_rewrite_it() -> None:
    text = "SELECT ?service { ?service ?p <urn:x#y> BIND(?service AS ?s) }"
    with pytest.raises(ServiceRefused, match="name with a prefix"):
        Policy(frozenset(), frozenset()).check(references(text), ())


def test_service_is_seen_at_any_depth() -> None:
    text = "SELECT * { { SELECT * { ?s ?p ?o OPTIONAL { sErViCe#x\n silent ?where {} } } } }"
    assert references(text).services == ("?where",)


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
        "VALUES ?z { '''#' } SERVICE <> { ?a ?b ?c }",
        "VALUES ?z { '''a' } #\\x\nSERVICE <> { ?a ?b ?c } #'''\n",
        "BIND(1<'>' AS ?z) SERVICE <> { ?a ?b ?c } BIND('' AS ?y)",
        "?s ?p true.SERVICE#>\n<> { ?a ?b ?c }",
    ],
)
def test_every_call_that_the_engine_would_make_is_seen(pattern: str) -> None:
    """The engine needs no space after a keyword, and some text has two readings."""
    store = ox.Store()
    node = ox.NamedNode(f"{E}s")
    store.add(ox.Quad(node, node, ox.Literal(True), node))
    query = f"{PROLOGUE} SELECT * {{ {pattern} }}"
    solutions = store.query(query, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    with pytest.raises(OSError, match="not allowed"):
        next(solutions)
    assert _is_refused(references(query, E))


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ("PREFIX a: <http://good/> PREFIXa:<http://evil/>", "a:x"),
        ("PREFIX a: <http://good/> PREFIX#\na:#\n<http://evil/>", "a:x"),
        ("VERSION '' PREFIX a: <http://good/> PREFIX a: <http://evil/>", "a:x"),
        ("PREFIX SILENTe: <http://good/> PREFIX e: <http://evil/>", "SILENTe:x"),
        ("BASE <http://good/> BASE<http://evil/>", "<x>"),
        ("BASE <http://evil/>", r"<\u0078>"),
    ],
)
def test_a_call_has_the_address_that_the_engine_would_use(declared: str, name: str) -> None:
    query = f"{declared} SELECT * {{ SERVICE {name} {{}} }}"
    ox.Store().query(query)
    names = references(query)
    assert set(names.services) - {"http://good/x"}


@pytest.mark.parametrize(
    "text",
    ["SELECT*FROMe:g { }", "SELECT * FROMNAMED <g> { }", "ASKFROM<g>{}", "ASK FROMNAMEDe:g {}"],
)
def test_a_graph_is_seen_without_a_space_before_it(text: str) -> None:
    assert _is_refused(references(f"PREFIX e: <{E}> {text}", E))


def test_a_query_form_needs_no_space_after_it() -> None:
    assert form("ASKWHERE{}") == "ASK"
    assert form("SELECTDISTINCT?x{}") == "SELECT"


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * FROM "' + '\\"' * 50_000,
        'SELECT * FROM """' + 'x\\"""' * 20_000,
        "SELECT * FROM " + "é" * 50_000,
        "SELECT * FROM " + "a-" * 50_000,
        "#" + "PREFIX" * 20_000 + "\nCONSTRUCT FROM",
        "SELECT * FROM " + "{" * 100_000,
    ],
    ids=["escapes", "long string", "accents", "hyphens", "prefixes", "braces"],
)
def test_reading_time_is_linear_in_the_length(text: str) -> None:
    """A backtracking reader would take minutes for each of these, and run into the time limit."""
    assert not references(text).services
    assert not declared_prefixes(text)


def test_declared_prefixes_are_those_of_the_prologue() -> None:
    text = "# PREFIX no: <http://e/ >\nPREFIX a: <http://e/> BASE <x> PREFIX r: <r> ASK {}"
    assert declared_prefixes(text) == {"a": "http://e/"}


def test_code_points_are_unescaped_except_where_the_character_would_end_a_string() -> None:
    assert unescape(r'\u0041SK { ?s <http://e/\u003E> "\u0041\u0022\\u0041" }') == (
        r'ASK { ?s <http://e/\u003E> "A\u0022\\u0041" }'
    )


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (NOW() AS ?t) {}",
        "SELECT (NOW#\n() AS ?t) {}",
        "SELECT (STRUUID() AS ?t) {}",
        "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }",
    ],
)
def test_a_query_with_a_changing_result_is_volatile(query: str) -> None:
    assert is_volatile(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?now { ?now ?p ?o }",
        "CONSTRUCT { ?s ?p 1 } { ?s ?p ?o FILTER(?o < 2) }",
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> SELECT * { ?s ?p ?o }",
        "# NOW()\nBASE <http://e/service> ASK {}",
    ],
)
def test_other_queries_are_not_volatile(query: str) -> None:
    assert not is_volatile(query)


# -- compared with the engine ----------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        "SELECT (1<2AS?x)FROM#>\n<g>",
        "SELECT(1<'>'AS?x)FROM<g>",
        "SELECT(EXISTS{}<2AS?x)FROM#>\n<g>",
        "SELECT (1<2&&'#'>'a'AS?x)FROM NAMED#>\n<g>",
        "SELECT * FROMe:g WHERE",
        "SELECT * FROMNAMEDe:g FROM <https://w3id.org/cdmo/graph/claims>",
        "ASKFROMe:g WHERE",
        "VERSION'1.2'PREFIXe:<g>SELECT*FROM#\ne:",
        "BASE <x/> BASE#\n<y> SELECT * FROM <../g>",
    ],
)
def test_every_graph_that_the_engine_sees_is_seen(head: str) -> None:
    store = ox.Store()
    node = ox.NamedNode(f"{E}s")
    store.add(ox.Quad(node, node, ox.Literal("''")))
    query = f"BASE <{E}> PREFIX e: <{E}> {head} {{ ?s ?p ?o BIND('' AS ?y) }}"
    rows = store.query(query)
    assert not rows if isinstance(rows, ox.QueryBoolean) else not list(rows)
    names = references(query, E)
    claims = "https://w3id.org/cdmo/graph/claims"
    assert {*names.default_graphs, *names.named_graphs} - {claims}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p (1 <http://e/from#x> <http://e/service#x>) }",
        "SELECT * { VALUES (?a ?b) { (1 <http://e/FROM#>) (<http://e/SERVICE#> 2) } }",
        "SELECT * { ?s <http://e/service#a>/<http://e/from#b> ?o . (1 <http://e/from#>) ?p ?o }",
        "SELECT * { ?s ?p ?o FILTER(?o IN (<http://e/from#>, <http://e/service#>)) }",
        "SELECT (COUNT(DISTINCT <http://e/from#x>) AS ?n) {}",
        "SELECT * { << ?s <http://e/from#x> ?o >> ?p ?o }",
        "SELECT * { ?s ?p ?o FILTER(<<( ?s <http://e/from#x> ?o )>> = ?o) }",
        "SELECT * { ?s ?p ?o FILTER STRLEN(?o) <http://e/service#s> ?p ?o }",
        "SELECT * { ?s ?p ?o } ORDER BY STR(?s) <http://www.w3.org/2001/XMLSchema#string>(?o)",
        "SELECT * { { SELECT (1 AS ?x) (?s AS ?y) { ?s ?p (2 <http://e/from#x>) } } }",
        "SELECT * { ?s ?p ?o FILTER(?o<<http://e/from#x>) }",
        "PREFIX from: <http://e/> DESCRIBE from:x from:y",
        "PREFIX service: <http://e/> SELECT * { GRAPH service:g { ?s ?p ?o } }",
    ],
)
def test_an_iri_is_no_keyword_where_the_engine_reads_an_iri(query: str) -> None:
    ox.Store().query(query)
    assert not _is_refused(references(query, E))


def test_a_relative_iri_is_resolved_as_the_engine_does() -> None:
    graph = ox.NamedNode("urn:x:g")
    for base, reference in [
        ("urn:x:y", "g"), ("http://h/a/../b/", "../c"), ("http://h", "g"), ("http://h/a?b", "#"),
        ("http://h/a", "//i/../g"), ("http://h/a/b", "http://h/a/../g"), ("http://h/", r"\u0067"),
    ]:  # fmt: skip
        text = f"BASE <{base}> CONSTRUCT {{ <{graph.value}> <{graph.value}> <{reference}> }} {{}}"
        triple = next(iter(ox.Store().query(text)))  # type: ignore[arg-type]
        query = f"BASE <{base}> SELECT * FROM <{reference}> {{}}"
        assert references(query).default_graphs == (triple.object.value,)


SPACES = (
    "",
    "",
    " ",
    "\n",
    "#>\n",
    "#'\n",
    '#"\n',
    "#'''\n",
    "# FROM <h> SERVICE <h> {\n",
    " #<\n",
)
OPERANDS = (
    "1", "2.5", "true", "''", "'>'", "'#'", '"<"', "'''#'''", '"""\'"""', "?s", "?o", "e:x", "<x>",
    "<x#y>", "<x'y>", "'a'@en", "'1'^^<x#y>", "e:a.b", "EXISTS{?s ?p ?o}", "<<(<x#y> <x> 1)>>",
)  # fmt: skip
OPERATORS = ("<", "<", "<", ">", "<=", ">=", "=", "!=", "&&", "||", "+", "/")
TERMS = (
    "1", "true", "''", "'#'", "'>'", "'''#'''", "'''", "<x>", "<x#y>", "<x'y>", "'a'@en", "e:x"
)  # fmt: skip

Parts = list[str]


def _parts(*strategies: st.SearchStrategy[Parts]) -> st.SearchStrategy[Parts]:
    return st.tuples(*strategies).map(lambda lists: [part for parts in lists for part in parts])


def _text(*parts: str) -> st.SearchStrategy[Parts]:
    return st.just(list(parts))


def _one(choices: tuple[str, ...]) -> st.SearchStrategy[Parts]:
    return st.sampled_from(choices).map(lambda choice: [choice])


def _some(inner: st.SearchStrategy[Parts], most: int, least: int = 0) -> st.SearchStrategy[Parts]:
    return st.lists(inner, min_size=least, max_size=most).map(
        lambda lists: [part for parts in lists for part in parts]
    )


EXPRESSION: st.SearchStrategy[Parts] = st.recursive(
    _one(OPERANDS),
    lambda inner: st.one_of(
        _parts(inner, _one(OPERATORS), inner),
        _parts(inner, _one(OPERATORS), inner),
        _parts(_text("("), inner, _text(")")),
        _parts(_text("IF", "("), inner, _text(","), inner, _text(",", "1", ")")),
        _parts(inner, _text("IN", "("), inner, _text(",", "<x#y>", ")")),
        _parts(_text("STR", "("), inner, _text(")")),
    ),
    max_leaves=4,
)


@st.composite
def random_queries(draw: st.DrawFn, body: st.SearchStrategy[Parts], head: tuple[Parts, ...]) -> str:
    """Return a query with one solution, unless it has a dataset of its own."""
    parts = ["SELECT", draw(st.sampled_from(["DISTINCT", "?p", "?p"]))]
    parts += ["?p"] if parts[1] == "DISTINCT" else []
    for number in range(draw(st.integers(0, 2))):
        parts += ["(", *draw(EXPRESSION), "AS", f"?x{number}", ")"]
    parts += [*draw(st.sampled_from(head)), *draw(_one(("WHERE", ""))), "{", "?s", "?p", "?o", "."]
    parts += [*draw(body), "}"]
    if draw(st.booleans()):
        parts += ["ORDER", "BY", "(", *draw(EXPRESSION), ")", "ASC", "(", "?p", ")"]
    text = f"BASE <{E}> PREFIX e: <{E}> "
    for part in parts:
        text += part + draw(st.sampled_from(SPACES))
    return text


def items(*more: st.SearchStrategy[Parts]) -> st.SearchStrategy[Parts]:
    """Return parts of a pattern that remove no solution."""
    kinds = (
        _parts(_text("OPTIONAL", "{", "FILTER", "("), EXPRESSION, _text(")", "}")),
        _parts(_text("OPTIONAL", "{", "FILTER", "STR", "("), EXPRESSION, _text(")", "}")),
        _parts(
            _text("OPTIONAL", "{", "VALUES", "?v", "{"), _some(_one(TERMS), 3, 1), _text("}", "}")
        ),
        _parts(
            _text("OPTIONAL", "{", "VALUES", "(", "?v", ")", "{", "("),
            _one(TERMS),
            _text(")", "(", "2", ")", "}", "}"),
        ),
        _parts(_text("OPTIONAL", "{", "?s", "e:y", "("), _some(_one(TERMS), 3, 1), _text(")", "}")),
        _parts(_text("OPTIONAL", "{", "?s", "("), _one(TERMS[7:9]), _text(")", "?o", "}")),
        _parts(_text("BIND", "("), EXPRESSION, _text("AS", "?b", ")")),
        _parts(
            _text("OPTIONAL", "{", "{", "SELECT", "?s", "("),
            EXPRESSION,
            _text("AS", "?z1", ")", "("),
            EXPRESSION,
            _text("AS", "?z2", ")", "{", "?s", "?p", "(", "1", "<x#y>", ")", "}", "}", "}"),
        ),
        *more,
    )
    return _some(st.one_of(*kinds), 3)


@pytest.mark.slow
@pytest.mark.parametrize("keyword", ["FROM", "SERVICE"])
def test_the_references_of_any_query_are_those_that_the_engine_sees(keyword: str) -> None:
    """No reference is missed."""
    store = ox.Store()
    node = ox.NamedNode(f"{E}s")
    store.add(ox.Quad(node, node, ox.Literal(1)))
    if keyword == "FROM":
        heads: tuple[Parts, ...] = ([], ["FROM", "<g>"], ["FROM", "e:g"], ["FROM", "NAMED", "<g>"])
        queries = random_queries(items(), heads)
    else:
        calls = st.sampled_from([["<h>"], ["e:h"], ["?s"]]).map(
            lambda name: ["SERVICE", *name, "{", "?e", "?f", "?g", "}"]
        )
        queries = random_queries(items(calls), ([],))
    outcomes = Counter[tuple[bool, bool]]()

    @settings(
        max_examples=2000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(queries)
    def agree(query: str) -> None:
        try:
            rows = list(store.query(query))  # type: ignore[arg-type]
            expected = keyword == "FROM" and not rows
        except (SyntaxError, RuntimeError):
            return
        except OSError:
            expected = keyword == "SERVICE"
        names = references(query, E)
        graphs = names.default_graphs + names.named_graphs
        seen = bool(names.services if keyword == "SERVICE" else graphs)
        assert seen or not expected, query
        outcomes[expected, seen] += 1

    agree()
    assert min(outcomes[True, True], outcomes[False, False]) > 20
