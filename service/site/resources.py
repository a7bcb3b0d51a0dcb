"""Other people's data: the page of each resource, lists of terms, and the search.

Their IRIs belong to other hosts. ``/resource?iri=…`` is the one address here of what the data
says of an IRI, in each format: by ``format=``, or as the ``Accept`` field asks.
"""

from urllib.parse import quote, urlencode

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from service import cards, formats
from service.library import SORTS, Description, Ref
from service.names import RESOURCE, Names
from service.problems import UnknownResource
from service.rdf.gather import gather
from service.rdf.writers import represent
from service.site.addresses import MAX_IRI, is_iri, wanted
from service.site.linked_data import respond
from service.site.site import site

bp = Blueprint("resources", __name__)

PAGE_SIZE = 200
"""Terms on a page of a list."""

MAX_BELOW = 1_000
"""Narrower terms that the document of a term names; ``DESCRIBE`` names all of them."""

MAX_HITS = 100


@bp.before_request
def refuse_ours() -> None:
    """Answer 404 where our release is served, whose IRIs have addresses of their own.

    :raises UnknownResource: always there.
    """
    if site().source and request.method != "OPTIONS":
        raise UnknownResource("This address is for other data. Search for a name instead.")


@bp.get(RESOURCE)
def resource() -> Response:
    """Describe the resource that ``iri`` names; a CURIE of a known prefix leads to its IRI.

    :raises UnknownResource: if the data has no triple of it.
    :raises NotAcceptable: if the client takes none of the formats on offer.
    """
    vocabulary, iri = site().vocabulary, request.args.get("iri", "")
    name = request.args.get("format")
    if not (is_iri(iri) and vocabulary.knows(iri)):
        whole = vocabulary.names.iri(iri) or ""
        if is_iri(whole) and vocabulary.knows(whole):
            return redirect(Names.resource(whole) + (f"&format={quote(name)}" if name else ""), 303)
        raise UnknownResource(f"The data has no triple of <{iri[:MAX_IRI]}>.", iri=iri[:MAX_IRI])
    chosen = wanted(formats.DOCUMENTS, "This document", name)
    return respond(Names.resource(iri), chosen, lambda: _body(iri, chosen))


def _body(iri: str, chosen: formats.Format) -> bytes:
    library = site().library
    if chosen is formats.HTML:
        described = site().vocabulary.resource(iri)
        definition = next((w.text for w in described.definitions), "")
        page = render_template(
            "described.html", ref=described.ref, r=described, definition=definition
        )
        return page.encode()
    if chosen is formats.CARD:
        return cards.to_bytes(cards.resource_card(site().vocabulary.resource(iri)))
    return represent(
        Description(library, iri, gather(library.store, iri, MAX_BELOW)).triples,
        chosen,
        library.names,
    )


def terms(suffix: str | None = None) -> str:
    """List the terms of a ``sort``, or those ``below`` one, a page from ``start`` on.

    :param suffix: of the address; there is none.

    :raises UnknownResource: if there is no such sort, or nothing below it.
    :raises NotAcceptable: if the client takes no page.
    """
    if suffix:
        raise UnknownResource("Lists of other data are pages only.")
    wanted((formats.HTML,), "This page")
    vocabulary = site().vocabulary
    start = _start()
    above: Ref | None = None
    if "below" in request.args:
        iri = request.args["below"]
        if not is_iri(iri):
            raise UnknownResource(f"{iri[:MAX_IRI]!r} is no IRI.")
        above, total = vocabulary.ref(iri), vocabulary.catalogue.count_below(iri)
        listed = vocabulary.catalogue.below(iri, start, PAGE_SIZE)
        sort, query = "", ("below", iri)
    else:
        sort = request.args.get("sort", "")
        total = vocabulary.catalogue.count(sort)
        listed = vocabulary.catalogue.terms(sort, start, PAGE_SIZE)
        query = ("sort", sort)
    if not listed and not (above and above.path):
        raise UnknownResource(f"There are no such terms. Sorts of terms are: {', '.join(SORTS)}.")
    end = start + PAGE_SIZE
    return render_template(
        "terms.html",
        above=above,
        sort=sort,
        terms=[vocabulary.ref(iri) for iri in listed],
        start=start,
        total=total,
        earlier=_terms_from(max(0, start - PAGE_SIZE), *query) if start else None,
        later=_terms_from(end, *query) if end < total else None,
    )


def _terms_from(start: int, name: str, value: str) -> str:
    return f"/terms?{urlencode({name: value, 'start': start})}"


def _start() -> int:
    start = request.args.get("start", "0")
    return int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 0


def search(words: str) -> str:
    """Show the resources whose names have all words."""
    vocabulary = site().vocabulary
    terms, partial = vocabulary.search(words, MAX_HITS + 1)
    return render_template(
        "found.html",
        searched=words,
        hits=[(vocabulary.ref(hit.iri), hit) for hit in terms[:MAX_HITS]],
        more=len(terms) > MAX_HITS,
        partial=partial,
    )
