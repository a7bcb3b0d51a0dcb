"""Operations that applications can ask for, and the OpenAPI 3.1 document of them all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service import formats, problems
from service.cards.context import release_object
from service.cards.schemas import ANY, TEXT, Schema, ref, schemas
from service.formats import Format
from service.iris import BASE, LICENCE
from service.problems import Problem, of_requests
from service.release import Manifest

API = "/openapi.json"
API_PAGE = "/api/"
CATALOG = "/.well-known/api-catalog"

LINKS = (
    f'<{API}>; rel="service-desc"; type="{formats.CARD.media_type}", '
    f'<{API_PAGE}>; rel="service-doc", <{CATALOG}>; rel="api-catalog"'
)
"""The members of the ``Link`` field that lead to the description (RFC 8631, RFC 9727 §3)."""


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter of an operation.

    :param schema: of its value.
    :param options: the only values that it takes, each with a name for people; empty for any.
    :param values: the name of the schema of these values, if other parameters take the same.
    :param is_path: whether it stands in the path.
    :param required: whether there is no answer without it.
    :param many: whether it may be given more than once.
    """

    name: str
    about: str
    schema: Schema = field(default_factory=lambda: TEXT)
    options: Mapping[str, str] = field(default_factory=dict)
    values: str = ""
    is_path: bool = False
    required: bool = False
    many: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that an application can ask for.

    :param name: its name in generated clients.
    :param about: its answer, in a sentence for those who write applications.
    :param group: the heading that it stands under.
    :param answers: schema by media type; a client that accepts anything gets the first.
    :param failures: the problems that it may answer with, beside those of every request.
    :param body: schema by media type of the body of a request.
    """

    name: str
    path: str
    group: str
    about: str
    answers: Mapping[str, Schema]
    inputs: tuple[Input, ...] = ()
    failures: tuple[type[Problem], ...] = ()
    method: str = "get"
    status: int = 200
    body: Mapping[str, Schema] = field(default_factory=dict)


OF_EVERY_REQUEST = (
    *(problems.BadRequest, problems.MethodNotAllowed, problems.NotAcceptable),
    *(problems.FieldsTooLarge, problems.TooManyRequests, problems.QueueFull, Problem),
)
"""The problems that any request can meet."""

MISSING = (problems.UnknownResource,)


def media(offers: Iterable[Format], schema: Schema = ANY) -> dict[str, Schema]:
    """Return the schema of each format: our JSON has one, text is text."""
    text = (formats.CSV, formats.TSV, formats.HTML, formats.JSON_LINES, formats.TURTLE)
    return {
        f.media_type: schema if f is formats.CARD else TEXT if f in text else ANY for f in offers
    }


# -- the document ----------------------------------------------------------------------------

_NO_JSON = (formats.HTML, formats.TEXT)

HEADERS: Mapping[str, str] = {
    "ETag": "Weak; changes with the release alone. Send it as If-None-Match and get 304.",
    "Cache-Control": "How long an answer may be kept, and shown while it is asked for again.",
    "Link": "Other formats, the licence, the JSON-LD context, the next part of a list.",
}
"""Header fields of answers, each with its meaning."""

ABOUT = """\
Everything here is read-only, needs no key, and may be read by scripts of any site.

An `id` is a published IRI. It begins with {base}: put the address of this host in that place \
to fetch what it names, and never store the address of a host in the place of an IRI.

Failures are problems (RFC 9457): `type` names the page that explains them, `detail` says what \
to mend, and `field` what is at fault. Keys, parameters and addresses are added, never \
changed; ignore keys that you do not know."""


def openapi(operations: Iterable[Operation], manifest: Manifest, host: str) -> dict[str, Any]:
    """Return the OpenAPI document.

    :param host: the address of this host, without a slash at its end.
    """
    operations = list(operations)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for operation in operations:
        paths[operation.path][operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": manifest.title,
            "version": manifest.version,
            "description": ABOUT.format(base=BASE),
            "license": {"name": "CC BY 4.0", "url": LICENCE},
            "x-release": release_object(manifest),
        },
        "servers": [{"url": host, "description": f"This host; it stands for {BASE} in IRIs."}],
        "tags": [{"name": name} for name in dict.fromkeys(o.group for o in operations)],
        "paths": dict(paths),
        "components": {
            "schemas": schemas(of_requests()) | _values(operations),
            "responses": _problem_responses(),
            "headers": {
                name: {"description": about, "schema": TEXT} for name, about in HEADERS.items()
            },
        },
        "externalDocs": {"url": host + API_PAGE, "description": "A page to try it."},
    }


def _values(operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the schemas of the values that several parameters take."""
    inputs = (one for operation in operations for one in operation.inputs if one.values)
    about = "By these names, and also by IRI, CURIE or label."
    return {
        one.values: {"type": "string", "enum": list(one.options), "description": about}
        for one in inputs
    }


def _operation(operation: Operation) -> dict[str, Any]:
    failures: tuple[type[Problem], ...] = (*OF_EVERY_REQUEST, *operation.failures)
    statuses = sorted({p.status for p in failures})
    value: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.about,
        "tags": [operation.group],
        "parameters": [_parameter(one) for one in operation.inputs],
        "responses": {
            str(operation.status): _answer(operation),
            **{str(s): {"$ref": f"#/components/responses/Problem{s}"} for s in statuses},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    if operation.body:
        content = {media: {"schema": schema} for media, schema in operation.body.items()}
        value["requestBody"] = {"required": True, "content": content}
    return value


def _parameter(one: Input) -> dict[str, Any]:
    schema = {"type": "array", "items": one.schema} if one.many else one.schema
    example = {"example": one.example} if one.example else {}
    return {
        "name": one.name,
        "in": "path" if one.is_path else "query",
        "required": one.is_path or one.required,
        "description": one.about,
        "schema": schema,
        **example,
    }


def _answer(operation: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": operation.about}
    if operation.answers:
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
        answer["content"] = {m: {"schema": schema} for m, schema in operation.answers.items()}
    elif operation.status == 303:
        location = {"description": "The path of the document.", "schema": TEXT}
        answer["headers"] = {"Location": location}
    return answer


def _problem_responses() -> dict[str, Any]:
    by_status: dict[int, list[type[Problem]]] = defaultdict(list)
    for problem in of_requests():
        by_status[problem.status].append(problem)
    content = {
        formats.PROBLEM.media_type: {"schema": ref("Problem")},
        **{f.media_type: {"schema": TEXT} for f in _NO_JSON},
    }
    return {
        "Problem": {"description": "A problem (RFC 9457).", "content": content},
        **{
            f"Problem{status}": {
                "description": "; ".join(f"{p.slug}: {p.title}" for p in problems) + ".",
                "content": content,
            }
            for status, problems in sorted(by_status.items())
        },
    }
