"""Reconciliation: the Reconciliation Service API 0.2 that OpenRefine and others speak."""

import json

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from service import formats
from service.cards import as_json
from service.cards import reconciliation as api
from service.cards.properties import PROPERTIES, extend, propose_properties, term_named
from service.library import describe
from service.names import Names
from service.problems import BadRequest, UnknownResource, UnsupportedMediaType
from service.site.addresses import host_address
from service.site.site import site

bp = Blueprint("reconcile", __name__, url_prefix="/reconcile")

FORM = "application/x-www-form-urlencoded"

FRAMED = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors *"
"""The policy of a preview, which pages of other sites show in a frame."""


@bp.get("")
@bp.post("")
def service() -> Response:
    """Answer a batch of queries or an extension; without either, describe the service.

    :raises BadRequest: if the request has neither or both, or one is not as specified.
    :raises UnsupportedMediaType: if the content is no form.
    """
    if request.method == "POST" and request.mimetype not in (FORM, "multipart/form-data"):
        raise UnsupportedMediaType("Send queries or extend in a form.", accepts=[FORM])
    parameters = request.form if request.method == "POST" else request.args
    known = ("queries", "extend")
    for name in parameters:
        if name not in known:
            raise BadRequest(
                f"There is no parameter {name[:50]!r} here.", field=name[:50], known=known
            )
    library = site().library
    if parameters.keys() >= {*known} or (request.method == "POST" and not parameters):
        raise BadRequest("A request has queries or extend.", known=known)
    if "queries" in parameters:
        queries = api.parse_queries(library, parameters["queries"])
        return _json(api.reconcile(library, site().index, queries))
    if "extend" in parameters:
        return _json(extend(library, parameters["extend"]))
    body = as_json(api.manifest(library, host_address()), site().release.manifest)
    return Response(body, mimetype=formats.CARD.media_type)


@bp.get("/suggest/<any(entity,type,property):what>")
def suggest(what: str) -> Response:
    """Answer with what ``prefix`` may become, from the place ``cursor`` on."""
    prefix, start = request.args.get("prefix", ""), _number("cursor", 0)
    if what == "entity":
        return _json(api.suggest_entities(site().library, site().index, prefix, start))
    if what == "type":
        return _json(api.suggest_types(site().library, prefix, start))
    return _json(api.suggest_properties(prefix, start))


@bp.get("/properties")
def properties() -> Response:
    """Propose properties for extension."""
    limit = _number("limit", len(PROPERTIES))
    return _json(propose_properties(site().library, request.args.get("type", ""), limit))


@bp.get("/preview")
def preview() -> Response:
    """Show a term in brief, in a frame of another page."""
    library = site().library
    iri = _term()
    term = library.terms[iri]
    html = render_template(
        "preview.html",
        term=term,
        kinds=[library.kinds[kind].ref for kind in term.kinds],
        synonyms=describe(library, iri).synonyms,
    )
    return Response(html, headers={"Content-Security-Policy": FRAMED})


@bp.get("/view")
def view() -> BaseResponse:
    """Lead to the document of a term."""
    return redirect(Names.document(_term()) or "/", 303)


def _term() -> str:
    """Return the IRI of the term that ``id`` names.

    :raises UnknownResource: if there is none.
    """
    name = request.args.get("id", "")
    iri = term_named(site().library, name)
    if iri is None:
        raise UnknownResource(f"There is no term {name[:100]!r}.", field="id")
    return iri


def _number(name: str, default: int) -> int:
    """Read a parameter that is a whole number.

    :raises BadRequest: if it is none, or very large.
    """
    text = request.args.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) < 5):
        raise BadRequest(f"{name} is a whole number below 10000.", field=name)
    return int(text)


def _json(value: object) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(body, mimetype=formats.CARD.media_type)
