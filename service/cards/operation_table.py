"""What an operation is: something that an application can ask for, and with which parameters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from service import formats, problems
from service.cards.schemas import ANY, TEXT, Schema
from service.formats import Format
from service.problems import Problem

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
    :param options: the values that it takes, each with a name for people; empty if it takes others.
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
    :param about: what it answers, in a sentence for those who write applications.
    :param group: the heading that it stands under.
    :param answers: schema by media type; the first is what a client gets that takes anything.
    :param failures: the problems that it may answer with, beside those of every request.
    :param body: schema by media type of what is sent.
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
