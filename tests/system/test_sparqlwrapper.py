"""SPARQLWrapper: every return format, every query form, by GET and by POST."""

from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from xml.dom.minidom import Document

import pytest
from rdflib import Graph
from SPARQLWrapper import GET, POST, SPARQLWrapper

from service.release import Release

from .server import Server, running

# The library uses a deprecated class of rdflib.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")

TERM = "https://w3id.org/cdmo/id/CDMO_0000001"
QUERIES = {
    "SELECT": f"SELECT ?p ?o {{ <{TERM}> ?p ?o }}",
    "ASK": f"ASK {{ <{TERM}> ?p ?o }}",
    "CONSTRUCT": f"CONSTRUCT {{ <{TERM}> ?p ?o }} WHERE {{ <{TERM}> ?p ?o }}",
    "DESCRIBE": f"DESCRIBE <{TERM}>",
}
SOLUTIONS: dict[str, Any] = {"json": dict, "xml": Document, "csv": bytes, "tsv": bytes}
GRAPHS: dict[str, Any] = {
    **{"json": Graph, "xml": Graph, "rdf": Graph, "rdf+xml": Graph, "json-ld": Graph},
    **{"turtle": bytes, "n3": bytes},
}
FORMATS = ("json", "xml", "turtle", "n3", "rdf", "rdf+xml", "csv", "tsv", "json-ld")
"""The values of its return formats."""


@pytest.fixture(scope="module")
def server(small_release: Release) -> Iterator[Server]:
    with running(small_release.path) as server:
        yield server


def ask(server: Server, return_format: str, form: str, method: str) -> Any:
    wrapper = SPARQLWrapper(server.url, returnFormat=return_format)
    wrapper.setMethod(method)
    wrapper.setQuery(QUERIES[form])
    return wrapper.query().convert()


def test_every_return_format_is_tested() -> None:
    from SPARQLWrapper.Wrapper import _allowedFormats

    assert {*FORMATS} == {*_allowedFormats}


@pytest.mark.parametrize("method", [GET, POST])
@pytest.mark.parametrize("form", QUERIES)
@pytest.mark.parametrize("return_format", FORMATS)
def test_a_result_comes_in_the_return_format_or_is_refused(
    server: Server, return_format: str, form: str, method: str
) -> None:
    """A format that cannot hold the result, such as CSV for a graph, is refused by name."""
    kinds = GRAPHS if form in {"CONSTRUCT", "DESCRIBE"} else SOLUTIONS
    if return_format not in kinds:
        with pytest.raises(HTTPError) as refused:
            ask(server, return_format, form, method)
        assert refused.value.code == 406
        assert b"comes as" in refused.value.read()
        return
    result = ask(server, return_format, form, method)
    assert isinstance(result, kinds[return_format])
    assert result
    if kinds[return_format] is bytes and kinds is GRAPHS:
        assert len(Graph().parse(data=result, format="turtle"))
