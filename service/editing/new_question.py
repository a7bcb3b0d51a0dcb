"""Write a new competency question with the rows of its answer from the release."""

import re
from collections.abc import Sequence

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.pipeline import integrity
from service.pipeline.blocks import Block
from service.pipeline.queries import syntax_error
from service.problems import EditRefused, UsageError
from service.rdf.terms import triple
from service.sparql.references import references


def add_question(
    edits: Edits,
    store: ox.Store,
    name: str,
    *,
    label: str,
    comment: str,
    keywords: Sequence[str],
    query: str,
    counting: bool,
    source: str,
) -> str:
    """Add a question in a file of its own; its answer from the release gives the expected rows.

    :param store: the release.
    :param name: of its file and its IRI: words in lower case with hyphens.
    :param counting: whether its rows count the dataset itself.
    :param source: the IRI of the one document that it is about, or "" for all of them.
    :return: the rows, as CSV.
    :raises UsageError: if the query cannot be asked, or its rows have no order.
    :raises EditRefused: if there is a question with this name.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise UsageError(f"'{name}' is no name of a question: write words-with-hyphens.")
    path = edits.loaded.sources.ontology / "questions" / f"{name}.ttl"
    if path.exists():
        raise EditRefused(f"There is a question with this name: {path}")
    if not label.endswith("?"):
        raise UsageError("A question ends with a question mark.")
    query = with_prefixes(query, edits)
    if references(query).services:
        raise UsageError("The query asks another endpoint. Leave SERVICE out of it.")
    try:
        result = ox.Store().query(query)
    except SyntaxError as fault:
        raise UsageError(
            "The query is no SPARQL: line {}, {}".format(*syntax_error(fault, query))
        ) from None
    if not isinstance(result, ox.QuerySolutions):
        raise UsageError("A question is a SELECT query.")
    if not integrity.is_ordered(query):
        raise UsageError("Say by ORDER BY in which order the rows stand.")
    rows = integrity.answer(store, query).replace("\r\n", "\n")
    iri = iris.QUESTION + name
    triples = [
        triple(iri, iris.TYPE, iris.CDMO + "Question"),
        triple(iri, iris.TYPE, iris.SH + "SPARQLSelectExecutable"),
        triple(iri, iris.LABEL, ox.Literal(label, language="en")),
        triple(iri, iris.COMMENT, ox.Literal(comment, language="en")),
        *(triple(iri, iris.KEYWORDS, ox.Literal(word, language="en")) for word in keywords),
        triple(iri, iris.SELECT, ox.Literal(query)),
        triple(iri, iris.EXPECTED, ox.Literal(rows)),
    ]
    if source:
        triples.append(triple(iri, iris.DCTERMS + "source", source))
    if counting:
        triples.append(triple(iri, iris.COUNTS_DATASET, ox.Literal(True)))
    edits.add(path, Block(ox.NamedNode(iri), tuple(triples)))
    return rows


def with_prefixes(query: str, edits: Edits) -> str:
    """Return a query with a declaration for each prefix that it uses, and one line end."""
    declared = set(re.findall(r"^\s*PREFIX\s+([\w.-]*):", query, re.IGNORECASE | re.MULTILINE))
    used = set(re.findall(r"(?<![\w<?:])([A-Za-z][\w.-]*):[\w]", re.sub(r"<[^<>\s]*>", "", query)))
    prefixes = edits.loaded.names.prefixes
    missing = sorted((used - declared) & set(prefixes), key=lambda p: (p.lower(), p))
    head = "".join(f"PREFIX {p}: <{prefixes[p]}>\n" for p in missing)
    between = "\n" if head and not declared else ""
    return head + between + query.strip() + "\n"
