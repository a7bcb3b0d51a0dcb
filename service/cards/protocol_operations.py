"""The operations that specifications of others describe: SPARQL, and reconciliation."""

from collections.abc import Iterator, Mapping

from service import formats, problems
from service.cards.openapi import MISSING, Input, Operation, media
from service.cards.schemas import IRI, TEXT, Schema
from service.sparql import protocol

SPARQL, RECONCILE = "/sparql", "/reconcile"


def sparql() -> Iterator[Operation]:
    """Yield the operations of the SPARQL 1.1 Protocol, and of reading a whole graph."""
    failures = (
        *(problems.MalformedQuery, problems.UpdateRefused, problems.ServiceRefused),
        *(problems.GraphRefused, problems.UnknownResource, problems.BodyTooLarge),
        *(problems.UnsupportedMediaType, problems.ServiceFailed, problems.QueryTimeout),
        *(problems.QueryTooCostly, problems.ResultTooLarge, problems.QueryCancelled),
        problems.EngineFault,
    )
    results = media((*formats.SOLUTIONS, *formats.GRAPHS, formats.HTML))
    seconds: Schema = {"type": "number", "exclusiveMinimum": 0}
    graphs = (
        Input("default-graph-uri", "A graph that the query asks.", IRI, many=True),
        Input("named-graph-uri", "A graph that the query may name.", IRI, many=True),
        Input("timeout", "The time limit in seconds, below the operator's.", seconds),
        Input("format", "The format, by its short name or its media type."),
    )
    query = Input("query", "A query in SPARQL 1.1.", example="ASK {}")
    whole = (
        Input("graph", "The graph that is asked for whole, without a query.", IRI),
        Input("default", "Given without a value: all graphs are asked for whole."),
    )
    yield Operation(
        "query", SPARQL, "Queries",
        "The result of a query, or a graph; without either, what the endpoint says of itself.",
        results, (query, *graphs, *whole), failures,
    )  # fmt: skip
    form = {"type": "object", "required": ["query"], "properties": {
        **{i.name: i.schema for i in (query, *graphs) if not i.many},
    }}  # fmt: skip
    body: Mapping[str, Schema] = {protocol.QUERY: TEXT, protocol.FORM: form}
    yield Operation(
        "post_query", SPARQL, "Queries", "The result of a query that is sent in the body.",
        results, (), failures, method="post", body=body,
    )  # fmt: skip
    yield Operation(
        "cancel_query", "/queries/{id}", "Queries",
        "End a query that runs; its response names it in the field X-Query-Id.",
        {}, (Input("id", "Of the query.", is_path=True, example="0123456789abcdef"),),
        MISSING, method="delete", status=204,
    )  # fmt: skip


def reconciliation(kinds: Input, examples: Mapping[str, str]) -> Iterator[Operation]:
    """Yield the operations of the Reconciliation Service API 0.2, which defines them.

    :param kinds: the parameter that takes a kind of term.
    """
    plain = media([formats.CARD], {"type": "object"})
    number: Schema = {"type": "integer", "minimum": 0, "maximum": 9999}
    prefix = Input("prefix", "What was typed.", example="calc")
    cursor = Input("cursor", "How many to leave out at the beginning.", number)
    example = '{"a": {"query": "CK"}}'
    batch = (
        Input("queries", "Queries by keys of your own, as a JSON object.", example=example),
        Input("extend", "Terms and the properties that are wanted, as a JSON object."),
    )
    failures = (problems.UnsupportedMediaType, problems.BodyTooLarge)
    about = "The terms that names mean, a batch at once; without queries, what the service can do."
    yield Operation(
        "reconcile", RECONCILE, "Reconciliation", about, plain, batch, (problems.BodyTooLarge,)
    )  # fmt: skip
    form: Schema = {
        "type": "object",
        "properties": {one.name: {**TEXT, "description": one.about} for one in batch},
    }
    yield Operation(
        "post_reconcile", RECONCILE, "Reconciliation", "The same for a batch of any size.",
        plain, (), failures, method="post", body={protocol.FORM: form},
    )  # fmt: skip
    for what in ("entity", "type", "property"):
        yield Operation(
            f"suggest_{what}", f"{RECONCILE}/suggest/{what}", "Reconciliation",
            f"What a typed beginning may become: {what}.", plain, (prefix, cursor),
        )  # fmt: skip
    yield Operation(
        "propose_properties", f"{RECONCILE}/properties", "Reconciliation",
        "The properties that a batch may ask for.", plain,
        (kinds, Input("limit", "How many at most.", number)),
    )  # fmt: skip
    if "id" in examples:
        term = Input("id", "The term, by IRI or CURIE.", example=examples["id"], required=True)
        yield Operation(
            "preview", f"{RECONCILE}/preview", "Reconciliation", "A term in brief, for a frame.",
            media([formats.HTML]), (term,), MISSING,
        )  # fmt: skip
        yield Operation(
            "view", f"{RECONCILE}/view", "Reconciliation", "The way to the page of a term.",
            {}, (term,), MISSING, status=303,
        )  # fmt: skip
