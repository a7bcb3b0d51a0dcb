"""The addresses of the site in an export, and the file of each.

The addresses come from the routes of the application and from the release, not from a crawl.
A list narrowed by one parameter is a page of its own, and so are its further pages; lists
narrowed further need a server.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import parse_qsl

from service import formats
from service.cards import CONTEXT_PATH, SORTS
from service.formats import Format
from service.site.exported import Exported
from service.site.linked_data import TABLES
from service.site.offers import OFFERS
from service.site.site import Site

NEEDS_A_SERVER = {
    "about.recipes": "code that asks a server",
    "api.catalog": "interfaces of a server",
    "api.description": "interfaces of a server",
    "api.language_models": "interfaces of a server",
    "comparison.compare": "any two of all terms",
    "find.search_json": "the script of the search page finds",
    "find.suggest": "the script of the search page finds",
    "linked_data.parent": "redirects to a list",
    "linked_data.resource": "redirects to a document; w3id.org does that",
    "problems.index": "what may fail at a server",
    "problems.problem": "what may fail at a server",
    "reconcile.preview": "a service for OpenRefine",
    "reconcile.properties": "a service for OpenRefine",
    "reconcile.service": "a service for OpenRefine",
    "reconcile.suggest": "a service for OpenRefine",
    "reconcile.view": "a service for OpenRefine",
    "resources.resource": "other people's data",
    "self_description.endpoint": "the engine is in the reader's browser",
}
"""The routes without files in an export, each with the reason."""

ABSOLUTE = {"api.robots", "api.sitemap", "find.opensearch"}
"""The routes whose responses name the site's own address; an export may not know it."""

SCRIPTED = ("/search", "/query")
"""Pages whose parameters a script reads: those of the search and of queries."""

DATA = {
    "/query/vocabulary": "query/vocabulary.json",
    "/query/examples": "query/examples.json",
    "/query/names.json": "query/names.json",
    "/search-index.json": "search-index.json",
    CONTEXT_PATH: CONTEXT_PATH[1:],
}
"""Data that the scripts of pages and readers of JSON-LD ask for."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_.]+")


class Plan:
    """The addresses of an export, each with its file.

    :ivar files: the file of each address, relative to the folder of the export; only files of pages
        end in ``.html``.
    :param chosen: the formats of documents, apart from pages.
    """

    def __init__(self, source: Exported, chosen: Sequence[Format]) -> None:
        self.files: dict[str, str] = {}
        self._taken: set[str] = set()
        self._waiting: list[str] = []
        site = source.site
        for address, file in _data(site, chosen):
            self.files[address] = file
        for address in _pages(source):
            self._add_page(address)
        for fmt in chosen:
            if "graph" in fmt.kinds:
                void = f".well-known/void.{fmt.extension}"
                self.files[f"/.well-known/void?format={fmt.name}"] = void
        for iri in site.library.documents:
            if path := site.library.names.document(iri):
                offers = (*chosen, *(f for begin, f in TABLES.items() if iri.startswith(begin)))
                for fmt in offers:
                    self.files[f"{path}.{fmt.extension}"] = f"{path[1:]}.{fmt.extension}"
                self._add_page(path)

    def _add_page(self, address: str) -> None:
        file = file_of(address)
        while file in self._taken:  # by an address that differs only in punctuation
            file = f"{file.removesuffix('.html')}-.html"
        self._taken.add(file)
        self.files[address] = file
        self._waiting.append(address)

    @property
    def data(self) -> list[str]:
        """The addresses of data, not of pages."""
        return [address for address, file in self.files.items() if not file.endswith(".html")]

    def take_pages(self) -> Iterator[str]:
        """Yield each page once, also pages that are first linked while others are written."""
        while self._waiting:
            yield self._waiting.pop(0)

    def drop(self, address: str) -> None:
        """Remove an address that has no response in its format."""
        del self.files[address]

    def resolve(self, address: str) -> str | None:
        """Return the file that an address of the served site leads to, or None.

        A page of a narrowed list becomes one of the export once it is linked.
        """
        address, hash_sign, part = address.partition("#")
        path, mark, parameters = address.partition("?")
        tail = hash_sign + part
        if path in SCRIPTED or path.startswith("/static/"):
            return f"{self.files.get(path, path[1:])}{mark}{parameters}{tail}"
        is_list = self.files.get(path, "").endswith(".html") and is_page_of_list(parameters)
        if is_list and address not in self.files:
            self._add_page(address)
        file = self.files.get(address)
        return file and file + tail


def is_page_of_list(parameters: str) -> bool:
    """Tell whether one parameter narrows a list, with or without one for a further page."""
    names = [name for name, _ in parse_qsl(parameters)]
    return bool(names) and len(set(names) - {"start"}) <= 1


def file_of(address: str) -> str:
    """Return the file of a page.

    >>> file_of("/terms/"), file_of("/about"), file_of("/terms/?section=a:b&start=100")
    ('terms/index.html', 'about.html', 'terms/section-a-b-start-100.html')
    """
    path, _, parameters = address[1:].partition("?")
    if parameters:
        slug = "-".join(_UNSAFE.sub("-", f"{k}-{v}") for k, v in parse_qsl(parameters))
        return f"{path.rstrip('/')}/{slug}.html"
    return f"{path}index.html" if path.endswith("/") or not path else f"{path}.html"


def _pages(source: Exported) -> Iterator[str]:
    for name, address in source.routes():
        if name in (*OFFERS, "exported.a_to_z") and name not in NEEDS_A_SERVER:
            yield address
    for kind in source.site.library.kinds.values():
        yield f"/browse/{kind.name}"


def _data(site: Site, chosen: Iterable[Format]) -> Iterator[tuple[str, str]]:
    yield from DATA.items()
    for name in site.release.manifest.files:
        yield f"/downloads/{name}", f"downloads/{name}"
    for name in SORTS:
        for fmt in formats.LISTS:
            if fmt is not formats.HTML:
                yield f"/{name}.{fmt.extension}", f"{name}.{fmt.extension}"
    for kind in site.library.kinds.values():
        for fmt in formats.LISTS:
            if fmt is not formats.HTML:
                file = f"terms/kind-{kind.name}.{fmt.extension}"
                yield f"/terms.{fmt.extension}?kind={kind.name}", file
