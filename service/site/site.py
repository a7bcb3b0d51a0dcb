"""The site: one opened release, shared by all views."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox
from flask import current_app, url_for

from service import __version__
from service.cards import SPACES, Lists, Operation, Takes, operations
from service.iris import BASE, SHA256
from service.library import (
    CATALOGUE,
    Answers,
    Citation,
    Index,
    Library,
    Passage,
    Quotation,
    Ref,
    ReleaseData,
    Vocabulary,
    quote,
    search_entries,
    text_at,
)
from service.names import Names
from service.release import Release, open_queried, open_store
from service.settings import Settings

SERVICE = Path(__file__).parents[1]
SHAPING = frozenset({".py", ".html", ".xml", ".txt", ".css", ".js", ".rq", ".svg"})
"""Suffixes of the files that shape a page."""


@dataclass(frozen=True)
class Site:
    """One release, opened for the web.

    Everything here is computed on first use and stays, since a release never changes.
    """

    settings: Settings
    release: Release

    @cached_property
    def library(self) -> Library:
        """The opened release."""
        return Library(open_store(self.release), Names(self.release.manifest.prefixes))

    @cached_property
    def beside(self) -> ox.Store | None:
        """The store with other vocabularies beside ours; None if the release has none."""
        return open_queried(self.release) if self.release.manifest.others else None

    @cached_property
    def source(self) -> Ref | None:
        """The document that the release restates; None for other people's data."""
        return next(iter(self.library.sources), None)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The release as other people's data."""
        path = self.release.path / CATALOGUE
        return Vocabulary(self.library.store, self.library.names, path)

    @property
    def data(self) -> ReleaseData:
        """What names and links the resources of the release: ours, or those of others."""
        return self.library if self.source else self.vocabulary

    @cached_property
    def name(self) -> str:
        """The name of the site: that of other people's data where it is served."""
        headers = () if self.source else self.vocabulary.headers
        return headers[0].label if len(headers) == 1 else self.release.manifest.title

    @property
    def source_path(self) -> str:
        """The path of the page of the document; of several, of the list of them."""
        if len(self.library.sources) > 1:
            return url_for("lists.sources")
        return (self.source and self.source.path) or "/"

    @cached_property
    def index(self) -> Index:
        """The search index."""
        return Index(search_entries(self.library))

    @cached_property
    def lists(self) -> Lists:
        """The lists of the release, for pages and as data."""
        return Lists(self.library, lambda: self.index)

    @cached_property
    def answers(self) -> Answers:
        """What the answers of questions stand for."""
        return Answers(self.library)

    @cached_property
    def operations(self) -> list[Operation]:
        """What applications can ask for here."""
        files, of_document = self.release.manifest.files, self.source is not None

        def values(takes: Takes) -> dict[str, str]:
            named = self.lists.named
            return {named.short(value): name for value, name in named.called(takes).shown.items()}

        examples: dict[str, str] = {}
        for iri in self.library.documents if of_document else ():
            space, _, name = iri.removeprefix(BASE).partition("/")
            if iri.startswith(BASE) and space in SPACES and "/" not in name:
                examples.setdefault(space, name)
        return operations(values, examples, files, of_document=of_document)

    @cached_property
    def assets(self) -> str:
        """A digest of everything but the release that shapes a page: code, templates, static files.

        Two processes that serve the same files compute the same digest.
        """
        digest = hashlib.sha256(__version__.encode())
        for path in sorted(SERVICE.rglob("*")):
            if path.suffix in SHAPING and path.is_file():
                digest.update(path.read_bytes())
        for source, document in sorted(self.texts.items()):
            digest.update(f"{source} {document}".encode())
        return digest.hexdigest()[:12]

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The documents that the operator gave (setting ``source_files``), by their sources."""
        texts: dict[str, str] = {}
        for path in self.settings.source_files:
            document = path.read_bytes().decode()
            texts.setdefault(self._source_of(document), document)
        return texts

    def _source_of(self, document: str) -> str:
        """Return the source of which a file is: by its digest, else by the passages in it."""
        file_digest = hashlib.sha256(document.encode()).hexdigest()
        for source in self.library.sources:
            if self.library.value(source.iri, SHA256) == file_digest:
                return source.iri
        passages = (p for p in self.library.passages.values() if text_at(p, document) is not None)
        fitting = Counter(passage.source.iri for passage in passages)
        first = [source.iri for source in self.library.sources[:1]]
        return next(iter([source for source, _ in fitting.most_common(1)] or first), "")

    def passage_text(self, passage: Passage) -> str | None:
        """Return the text of a passage, if its document is at hand and its digest matches."""
        document = self.texts.get(passage.source.iri)
        return None if document is None else text_at(passage, document)

    def quotation(self, passage: Passage, citations: Iterable[Citation]) -> Quotation:
        """Return the text of a passage, the hedges of citations set apart; [] without a text."""
        words = self.passage_text(passage)
        return quote(words, (citation.hedge for citation in citations)) if words else []

    def etag(self, variant: str) -> str:
        """Return the entity tag of a representation: its release, our code, its format."""
        return f"{self.release.manifest.digest[:16]}-{self.assets}-{variant}"


def site() -> Site:
    """Return the site of the current application."""
    current = current_app.extensions["site"]
    assert isinstance(current, Site)
    return current
