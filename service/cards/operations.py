"""The table of operations that an application can ask for, with parameters and answers.

The OpenAPI document, the page to try it and the file for language models are made from it. It
takes parameters, formats and names of values from the tables that the service reads them by.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from service import formats, problems
from service.cards.context import CONTEXT_PATH
from service.cards.hits import DEFAULT_HITS, KINDS, MAX_HITS
from service.cards.named import Takes
from service.cards.objects import SORTS
from service.cards.openapi import CATALOG, MISSING, Input, Operation, media
from service.cards.parameters import MAX_NUMBER, MAX_VALUE, PARAMETERS, Parameter
from service.cards.protocol_operations import reconciliation, sparql
from service.cards.schemas import ANY, TEXT, Schema, either, name_of, ref, released, words_of

Values = Callable[[Takes], Mapping[str, str]]
"""Returns the values that a parameter takes, each with the name that people know."""

SPACES: Mapping[str, tuple[str, ...]] = {
    "id": ("term",),
    "claim": ("claim",),
    "passage": ("passage",),
    "tension": ("tension",),
    "question": ("question",),
    "source": ("source", "section", "list"),
    "mapping": ("mappingSet",),
    "schema": ("relation", "class", "individual"),
    "graph": ("graph",),
}
"""The first parts of the paths of our IRIs, each with the sorts of the resources there."""


def operations(
    values: Values, examples: Mapping[str, str], files: Iterable[str], *, of_document: bool
) -> list[Operation]:
    """Return every operation.

    :param values: of the release.
    :param examples: a name that is there, for each of :data:`SPACES`.
    :param files: the names of the files of the release.
    :param of_document: whether the release restates a document; other data has no lists.
    """
    own: list[Operation] = []
    if of_document:
        kinds = _valued("type", "The kind of terms.", "kind", values)
        own = [*_lists(values), _search(), *reconciliation(kinds, examples)]
    return [*own, *_documents(examples), *sparql(), *_others(files)]


# -- lists and search ------------------------------------------------------------------------


def _lists(values: Values) -> Iterator[Operation]:
    for name in SORTS:
        inputs = tuple(
            _input(p, values) for p in PARAMETERS if name in p.lists and p.takes != "format"
        )
        for offer in (f for f in formats.LISTS if f is not formats.HTML):
            yield Operation(
                f"{name}_{offer.extension}",
                f"/{name}.{offer.extension}",
                "Lists",
                f"{name.capitalize()} as {offer.label}, narrowed by any of the parameters.",
                media([offer], released(ref(name_of(name)))),
                inputs,
            )


def _input(parameter: Parameter, values: Values) -> Input:
    if parameter.takes == "number":
        least = int(parameter.name == "limit")
        schema: Schema = {"type": "integer", "minimum": least, "maximum": MAX_NUMBER - 1}
        return Input(parameter.name, parameter.about, schema)
    if parameter.takes == "words":
        schema = {**TEXT, "maxLength": MAX_VALUE, "pattern": _PRINTABLE}
        return Input(parameter.name, parameter.about, schema)
    return _valued(parameter.name, parameter.about, parameter.takes, values)


def _valued(name: str, about: str, takes: Takes, values: Values) -> Input:
    """Return a parameter that takes the names of things of the release."""
    schema = f"{name_of(takes)}Name"
    return Input(name, about, ref(schema), values(takes), schema)


_PRINTABLE = r"^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$"


def _search() -> Operation:
    limit: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_HITS, "default": DEFAULT_HITS}
    kinds: Schema = {**TEXT, "enum": list(KINDS), "default": KINDS[0]}
    return Operation(
        "search",
        "/search.json",
        "Search",
        "What a name means here, as people write it: the best first, each with why it fits.",
        media([formats.CARD], released(ref("Search"))),
        (
            Input("q", "The name, a code, or words.", example="CK"),
            Input("kind", "What to look for.", kinds, {kind: kind for kind in KINDS}),
            Input("limit", "How many hits to send at most.", limit),
        ),
    )


# -- documents -------------------------------------------------------------------------------


def _documents(examples: Mapping[str, str]) -> Iterator[Operation]:
    for space, sorts in SPACES.items():
        if space in examples:
            name = Input("name", "The last part of the IRI.", is_path=True, example=examples[space])
            yield Operation(
                f"{space}_card",
                f"/doc/{space}/{{name}}.json",
                "Cards",
                f"The card of one {' or '.join(map(words_of, sorts))}: what its page shows.",
                media([formats.CARD], released(either(map(ref, map(name_of, sorts))))),
                (name,),
                MISSING,
            )
    spaces = [space for space in SPACES if space in examples]
    if not spaces:
        return
    space, suffixes = spaces[0], [f.extension for f in formats.DOCUMENTS]
    parts = (
        Input("space", "The first part of the IRI.", {**TEXT, "enum": spaces},
              dict.fromkeys(spaces, ""), is_path=True, example=space),
        Input("name", "The last part of the IRI.", is_path=True, example=examples[space]),
    )  # fmt: skip
    tables = {"question": ("The answer to a question", formats.CSV),
              "mapping": ("A mapping set as SSSOM", formats.TSV)}  # fmt: skip
    for space, (what, table) in tables.items():
        if space in examples:
            name = Input("name", "The last part of the IRI.", is_path=True, example=examples[space])
            yield Operation(
                f"{space}_table", f"/doc/{space}/{{name}}.{table.extension}", "Cards",
                f"{what}, as {table.label}.",
                media([table]), (name,), MISSING,
            )  # fmt: skip
    yield Operation(
        "document", "/doc/{space}/{name}", "Documents",
        "The description of a resource, in the format that Accept asks for.",
        media(formats.DOCUMENTS), parts, MISSING,
    )  # fmt: skip
    suffix = Input("suffix", "The suffix of a format.", {**TEXT, "enum": suffixes},
                   dict.fromkeys(suffixes, ""), is_path=True, example=suffixes[0])  # fmt: skip
    yield Operation(
        "document_in_format", "/doc/{space}/{name}.{suffix}", "Documents",
        "The description of a resource, in the format that the address names.",
        media(formats.DOCUMENTS), (*parts, suffix), MISSING,
    )  # fmt: skip
    yield Operation(
        "resource", "/{space}/{name}", "Documents",
        "What is at an IRI when this host stands in it: the way to its document.",
        {}, parts, MISSING, status=303,
    )  # fmt: skip


# -- files and descriptions ------------------------------------------------------------------


def _others(files: Iterable[str]) -> Iterator[Operation]:
    names = sorted(files)
    if names:
        one = Input("name", "Of the file.", {**TEXT, "enum": names}, dict.fromkeys(names, ""),
                    is_path=True, example=names[0])  # fmt: skip
        yield Operation(
            "download", "/downloads/{name}", "Downloads", "A file of the release.",
            {"*/*": ANY}, (one,), (*MISSING, problems.RangeNotSatisfiable),
        )  # fmt: skip
    yield Operation(
        "context", CONTEXT_PATH, "About the service",
        "The one context of all our JSON: with it the JSON is the RDF.",
        {formats.JSON_LD.media_type: {"type": "object"}},
    )  # fmt: skip
    named = {f.name: f.label for f in formats.GRAPHS}
    yield Operation(
        "void", "/.well-known/void", "About the service",
        "The dataset described: VoID with its partitions, and DCAT.",
        media(formats.GRAPHS),
        (Input("format", "The format, by its short name.", {**TEXT, "enum": ["", *named]}, named,
               example=next(iter(named))),),
    )  # fmt: skip
    yield Operation(
        "catalog", CATALOG, "About the service", "The interfaces of this host (RFC 9727).",
        {"application/linkset+json": {"type": "object"}},
    )  # fmt: skip
