"""Every statement of a Turtle file has its line and column."""

import re
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.pipeline.statements import Statements
from service.sources import locate

HEAD = "@prefix : <urn:x:> .\n"


def places(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield each statement's predicate and object, and the text at the object's place."""
    document = HEAD + text
    triples = [quad.triple for quad in ox.parse(document, ox.RdfFormat.TURTLE)]
    statements = Statements(document, triples)
    lines = document.split("\n")
    located = [s for of_subject in statements.by_subject.values() for s in of_subject]
    assert len(located) == len(triples)
    for statement in located:
        line, column = statements.line_and_column(statement.value)
        written = re.match(r"\S+", lines[line - 1][column - 1 :])
        assert written is not None
        value = statement.triple.object
        word = value.value if isinstance(value, ox.NamedNode | ox.Literal) else "_"
        yield statement.triple.predicate.value.rpartition(":")[2], word, written[0]


@pytest.mark.parametrize(
    ("text", "places_of"),
    [
        (":s :p :a .", {"p": [":a"]}),
        (":s :p :a , :b ; :q 3.5 .", {"p": [":a", ":b"], "q": ["3.5"]}),
        (':s :p "é" , "b"@en , "c"^^:t .', {"p": ['"é"', '"b"@en', '"c"^^:t']}),
        (":s :p [ :q :a ; :r ( :b ) ] .", {"p": ["["], "q": [":a"], "r": ["("]}),
        (":s :p [] , () ; ; :q true .", {"p": ["[]", "()"], "q": ["true"]}),
        ("[ :p :a ] :q :b .\n[ :r :c ] .", {"p": [":a"], "q": [":b"], "r": [":c"]}),
        ("( :a ) :p :b .", {"p": [":b"]}),
        ("PREFIX y: <urn:y:>\ny:s :p y:a.\n@base <urn:z> .", {"p": ["y:a."]}),
        (":s :p 'a # no comment' ; # :q :b\n :r :c .", {"p": ["'a"], "r": [":c"]}),
    ],
)  # fmt: skip
def test_a_value_has_its_place(text: str, places_of: dict[str, list[str]]) -> None:
    starts: dict[str, list[str]] = {}
    for predicate, _, written in places(text):
        if "rdf-syntax" not in predicate:
            starts.setdefault(predicate, []).append(written)
    assert starts == places_of


def test_lines_end_where_editors_end_them() -> None:
    text = ':s :p "a\u2028b" .\r\n\r:t :q :c .'
    statements = Statements(
        HEAD + text, [q.triple for q in ox.parse(HEAD + text, ox.RdfFormat.TURTLE)]
    )
    (last,) = statements.by_subject[ox.NamedNode("urn:x:t")]
    assert statements.line_and_column(last.value) == (4, 7)


_LEAVES = st.sampled_from(["<urn:v>", ":v", '"v"', '"v"@en', '"v"^^:t', "1", "[]", "()", "_:v"])


def _compound(terms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(terms, min_size=1, max_size=3).map(
        lambda objects: "[ " + " ; ".join(f":p{n} {o}" for n, o in enumerate(objects)) + " ]"
    )
    return pairs | st.lists(terms, max_size=3).map(lambda members: f"( {' '.join(members)} )")


@given(st.lists(st.recursive(_LEAVES, _compound, max_leaves=8), min_size=1, max_size=4))
def test_statements_come_in_the_order_of_the_parser(objects: list[str]) -> None:
    for predicate, value, written in places(f":s :p {' , '.join(objects)} ; :z :end ."):
        if "rdf-syntax" in predicate:
            continue  # the rest of a list has the place of its next member
        if value == "_":
            assert written[0] in "[(_"
        elif value.endswith("#nil"):
            assert written[0] == "("
        else:
            assert value.rpartition(":")[2] in written


def test_every_statement_of_the_sources_has_a_place() -> None:
    for path in locate().turtle_files:
        text = path.read_text("utf-8")
        triples = [quad.triple for quad in ox.parse(text, ox.RdfFormat.TURTLE)]
        located = Statements(text, triples).by_subject
        assert sum(map(len, located.values())) == len(triples), path


def test_syntax_of_rdf_1_2_gives_no_places_rather_than_wrong_ones() -> None:
    text = HEAD + ":s :p :a {| :q 1 |} .\n:t :p :b ."
    triples = [quad.triple for quad in ox.parse(text, ox.RdfFormat.TURTLE)]
    assert not Statements(text, triples).by_subject
