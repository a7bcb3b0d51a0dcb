"""Read the manifests of the W3C SPARQL 1.1 tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
W3C = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
"""The address of the published tests, and so the base of their IRIs."""

EVALUATION = (
    "aggregates",
    "bind",
    "bindings",
    "cast",
    "construct",
    "exists",
    "functions",
    "grouping",
    "negation",
    "project-expression",
    "property-path",
    "subquery",
    "json-res",
    "csv-tsv-res",
)
"""Folders of evaluation and result-format tests. Left out: updates (the endpoint is read-only),
``service`` (it calls no other endpoint), entailment (the build infers, queries do not)."""

SYNTAX = ("syntax-query", "syntax-fed")


@dataclass(frozen=True)
class QueryTest:
    """A test of a query."""

    iri: str
    kind: str
    query: Path
    data: tuple[Path, ...] = ()
    graphs: tuple[Path, ...] = ()
    result: Path | None = None

    def __str__(self) -> str:
        return self.iri.removeprefix(W3C).replace("/manifest", "")


@dataclass(frozen=True)
class Request:
    """A request of a protocol test, and the expected response."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    statuses: frozenset[str]
    boolean: bool | None
    format: str | None


@dataclass(frozen=True)
class ProtocolTest:
    """A test of the protocol: requests in order."""

    iri: str
    requests: tuple[Request, ...]

    def __str__(self) -> str:
        return self.iri.partition("#")[2]


def _read(folder: Path) -> tuple[Graph, list[Node]]:
    graph = Graph()
    base = f"{W3C}{folder.name}/"
    graph.parse(folder / "manifest.ttl", format="turtle", publicID=base + "manifest.ttl")
    entries = next(graph.objects(None, MF.entries))
    return graph, list(Collection(graph, entries))


def query_tests(root: Path, names: tuple[str, ...]) -> Iterator[QueryTest]:
    """Yield the query tests in some folders."""
    for name in names:
        folder = root / name
        graph, entries = _read(folder)

        def local(node: Node | None, folder: Path = folder) -> Path | None:
            return folder / str(node).rpartition("/")[2] if isinstance(node, URIRef) else None

        for entry in entries:
            kind = str(graph.value(entry, RDF.type)).partition("#")[2]
            action = graph.value(entry, MF.action)
            query = local(graph.value(action, QT.query)) or local(action)
            if query is None or "Update" in kind:
                continue
            yield QueryTest(
                str(entry),
                kind,
                query,
                tuple(p for n in graph.objects(action, QT.data) if (p := local(n))),
                tuple(p for n in graph.objects(action, QT.graphData) if (p := local(n))),
                local(graph.value(entry, MF.result)),
            )


def protocol_tests(root: Path) -> Iterator[ProtocolTest]:
    """Yield the protocol tests, those of updates among them."""
    graph, entries = _read(root / "protocol")
    for entry in entries:
        action = graph.value(entry, MF.action)
        listed = graph.value(action, HT.requests)
        assert listed is not None, entry
        requests = Collection(graph, listed)
        yield ProtocolTest(str(entry), tuple(_request(graph, r) for r in requests))


def _request(graph: Graph, node: Node) -> Request:
    headers: list[tuple[str, str]] = []
    listed = graph.value(node, HT.headers)
    if listed is not None:
        for header in Collection(graph, listed):
            name, value = graph.value(header, HT.fieldName), graph.value(header, HT.fieldValue)
            headers.append((str(name), str(value)))
    body = graph.value(node, HT.body)
    text = str(graph.value(body, CNT.chars) or "") if body is not None else ""
    encoding = str(graph.value(body, CNT.characterEncoding) or "utf-8") if body else "utf-8"
    response = graph.value(node, HT.resp)
    boolean = graph.value(response, MF.expectedBoolean)
    form = graph.value(response, MF.expectedFormat)
    return Request(
        str(graph.value(node, HT.methodName)),
        str(graph.value(node, HT.absolutePath)),
        tuple(headers),
        text.encode(encoding),
        frozenset(str(s)[-3] for s in graph.objects(response, MF.expectedStatus)),
        None if boolean is None else str(boolean) == "true",
        None if form is None else str(form),
    )


def address(path: Path) -> str:
    """Return the published IRI of a test file."""
    return f"{W3C}{path.parent.name}/{path.name}"
