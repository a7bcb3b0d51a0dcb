"""Pages of a static export, in the place of those that only a server can answer, and their data.

An export is the served site as files (:mod:`service.export`). Its search and its queries run in
the reader's browser, by the scripts in ``static/exported/``; these read the files that are made
here.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, jsonify, render_template

from service import formats
from service.cards import CONTEXT_PATH, SORTS
from service.endpoint import Endpoint
from service.iris import BASE
from service.library import Ref, fold
from service.release import Release
from service.settings import Settings
from service.site.addresses import in_format
from service.site.application import create_app
from service.site.query.page import query_form
from service.site.site import Site, site

bp = Blueprint("exported", __name__)

STATIC = Path(__file__).parent / "static"
"""The files that pages load."""


class Exported:
    """The site as an export sees it: what its application answers, without a server.

    :param endpoint: of the release; no query is run.
    :ivar app: the application, for tests.
    """

    def __init__(self, settings: Settings, release: Release, endpoint: Endpoint) -> None:
        self.app = create_app(settings, release, endpoint)
        self.app.register_blueprint(bp)
        self.app.view_functions["find.search"] = search
        self.app.view_functions["query.query"] = query
        self.app.view_functions["api.page"] = applications
        self._client = self.app.test_client()

    @property
    def site(self) -> Site:
        """The opened release."""
        registered = self.app.extensions["site"]
        assert isinstance(registered, Site)
        return registered

    def routes(self) -> Iterator[tuple[str, str]]:
        """Yield name and address of each route that has one address alone."""
        for rule in self.app.url_map.iter_rules():
            if not rule.arguments:
                yield rule.endpoint, rule.rule

    def get(
        self, address: str, accept: str = "*/*", host: str = "http://localhost/"
    ) -> tuple[int, bytes]:
        """Return status and body of an answer.

        :param host: the address of the site, without a path.
        """
        headers = {"Accept": accept}
        response = self._client.get(address, base_url=host, headers=headers, buffered=True)
        return response.status_code, response.get_data()


def search() -> str:
    """Show the page on which a script lists hits."""
    return render_template("exported/find.html")


def query() -> str:
    """Show the page on which the editor asks the engine in the browser."""
    return query_form(exported=True)


def applications() -> str:
    """Show which files there are for programs."""
    return render_template(
        "exported/data.html",
        base=BASE,
        example=next(term.ref for term in site().library.terms.values() if not term.obsolete),
        lists=SORTS,
        list_formats=[f for f in formats.LISTS if f is not formats.HTML],
        context_path=CONTEXT_PATH,
    )


@bp.get("/a-z/")
def a_to_z() -> str:
    """Show all terms and their other names by first letters, for those without scripts."""
    letters: dict[str, list[tuple[str, Ref]]] = defaultdict(list)
    for entry in site().index.entries:
        if entry.iri in site().library.terms:
            for name in dict.fromkeys((entry.label, *entry.synonyms)):
                first = fold(name)[:1].upper()
                letters[first if first.isalpha() else "0"].append(
                    (name, site().data.ref(entry.iri))
                )
    by_name = [(first, sorted(letters[first], key=lambda n: fold(n[0]))) for first in letters]
    return render_template("exported/a-z.html", letters=sorted(by_name))


@bp.get("/search-index.json")
def search_index() -> Response:
    """Send what the search of an export looks through."""
    names = site().library.names
    entries = [
        {
            "iri": entry.iri,
            "curie": names.curie(entry.iri),
            "label": entry.label,
            "kind": entry.kind,
            "path": page_of(entry.path),
            "group": entry.group,
            "names": [[n.why, n.text, n.where] for n in entry.names],
            "definition": entry.definition,
            "text": entry.text,
            "sentence": entry.sentence,
            "weight": entry.weight,
            "loss": entry.loss,
            "note": entry.note,
        }
        for entry in site().index.entries
    ]
    return jsonify({"prefixes": dict(names.prefixes), "entries": entries})


@bp.get("/query/names.json")
def names() -> Response:
    """Send label, CURIE and path of each IRI that a result may have."""
    quads = chain.from_iterable(map(_nodes, site().library.store))
    iris = sorted({node.value for node in quads if isinstance(node, ox.NamedNode)})
    named: dict[str, Any] = {}
    for ref in map(site().library.ref, iris):
        if ref.curie or ref.path or ref.label != ref.iri:
            named[ref.iri] = [ref.label, ref.curie, page_of(ref.path) if ref.path else None]
    return jsonify(named)


def _nodes(quad: ox.Quad) -> tuple[Any, ...]:
    return quad.subject, quad.predicate, quad.object, quad.graph_name


def page_of(path: str) -> str:
    """Return the address of the page of a document.

    >>> page_of("/doc/id/a#b")
    '/doc/id/a.html#b'
    """
    document, hash_sign, part = path.partition("#")
    return in_format(document, formats.HTML) + hash_sign + part
