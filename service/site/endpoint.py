"""The SPARQL endpoint, without a server: what a request asks, and the fields of its answer.

:class:`Endpoint` judges a request and plans it; :mod:`service.site.gateway` carries the plan out
on the event loop, :mod:`service.site.sparql` in a thread, for any other WSGI server. Nothing here
needs Flask, so that a server that has just been started answers queries before its pages.
"""

import hashlib
import json
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urljoin

import pyoxigraph as ox

from service import __version__, compression, formats
from service.engine import Job
from service.formats import Format
from service.iris import BASE
from service.names import Names
from service.problems import (
    GraphRefused,
    MalformedQuery,
    MethodNotAllowed,
    NotAcceptable,
    ResultTooLarge,
    ServiceRefused,
    UpdateRefused,
)
from service.rdf.writers import represent
from service.release import Release
from service.settings import Settings
from service.site.description import service_description
from service.sparql import protocol, tokens

PATH = "/sparql"
MAX_DEPTH = 2_000
MAX_CONVERTED_BYTES = 16 << 20
"""Largest answer of the engine that is made into another here, where nothing can stop it."""
MAX_DESCRIBED = 500
"""Resources in one DESCRIBE."""
MAX_DESCRIBED_TRIPLES = 50_000

CORS = (
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "ETag, Link, Retry-After, Server-Timing, X-Query-Id, Content-Location",
    ),
)
PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, HEAD, POST, QUERY, DELETE, OPTIONS"),
    (
        "Access-Control-Allow-Headers",
        "Accept, Content-Type, If-None-Match, Cache-Control, Authorization, X-Requested-With",
    ),
    ("Access-Control-Max-Age", "86400"),
)
SECURITY = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
"""For answers of the endpoint, which are data and never a page of ours."""


_WRITTEN_HERE = {"jsonld": "jsonld"}
_COMMON = ("rdf", "rdfs", "owl", "xsd", "skos", "CDMO", "cdmo", "claim", "passage", "IAO")


class Plan(NamedTuple):
    """A query that may run, and how its answer is sent.

    :param job: for the engine.
    :param format: of the answer.
    :param etag: strong entity tag; None if asking again may give another answer.
    :param coding: in which it is sent unless it is short, :mod:`service.compression`; or empty.
    :param described: IRIs that a DESCRIBE names itself; None if the engine's answer is final.
    """

    job: Job
    format: Format
    etag: str | None
    coding: str = ""
    described: tuple[str, ...] | None = None

    @property
    def converted(self) -> bool:
        """Whether the engine's answer is made into another one before it is sent."""
        return self.described is not None or self.format.name in _WRITTEN_HERE


class Endpoint:
    """Judges requests to one release."""

    def __init__(self, settings: Settings, release: Release) -> None:
        manifest = release.manifest
        self.settings = settings
        self.release = release
        self.names = Names(manifest.prefixes)
        self.graphs = frozenset(manifest.graphs)
        self.allowed_services = frozenset(settings.service_allowed.split())
        # All that shapes an answer beside the request: data, prefixes, and our own writing.
        self._digest = hashlib.sha256(f"{__version__} {manifest.to_json()}".encode())

    def plan(
        self,
        query: protocol.Query,
        accept: str | None,
        accept_encoding: str | None,
        reading: tokens.Reading | None = None,
    ) -> Plan:
        """Judge a query and say how it will be answered.

        :param query: with a text.
        :param reading: what was read in it, if it has been read.
        :raises UpdateRefused, ServiceRefused, GraphRefused: for what is never done here.
        :raises NotAcceptable: if no format for this kind of result is acceptable.
        :raises MalformedQuery: if it nests without end.
        """
        reading = reading or tokens.read(query.text or "", BASE)
        text, outline = reading.text, reading.outline
        self._judge(outline, query)
        chosen = self._format(outline, query, accept)
        accepted = compression.negotiate(accept_encoding)
        own = bool(outline.default_graphs or outline.named_graphs)
        given = bool(own or query.default_graphs or query.named_graphs)
        job = Job(
            text,
            "ntriples" if chosen.name in _WRITTEN_HERE else chosen.name,
            query.default_graphs,
            query.named_graphs,
            own,
            query.timeout_seconds,
            accepted,
            self._prefixes(reading) if outline.kind == "graph" else None,
        )
        described = None
        if outline.form == "DESCRIBE" and not given:
            described, select = reading.described, reading.select
            job = job._replace(text=select or text, writer="json" if select else "ntriples")
        if described is not None or chosen.name in _WRITTEN_HERE:
            job = job._replace(coding="", max_bytes=MAX_CONVERTED_BYTES)
        etag = None if outline.volatile else self._etag(query, chosen, accepted)
        return Plan(job, chosen, etag, accepted, described)

    def _prefixes(self, reading: tokens.Reading) -> dict[str, str]:
        """Return the prefixes that a graph is written with: the query's own, and a few of ours."""
        common = {p: self.names.prefixes[p] for p in _COMMON if p in self.names.prefixes}
        return common | reading.prefixes

    def _judge(self, outline: tokens.Outline, query: protocol.Query) -> None:
        if outline.update:
            raise UpdateRefused(
                f"{outline.update} is an update; this endpoint answers queries only.",
                token=outline.update,
            )
        if outline.depth > MAX_DEPTH:
            raise MalformedQuery(
                f"The query nests its brackets more than {MAX_DEPTH} deep.", limit=MAX_DEPTH
            )
        for service in outline.services:
            if service not in self.allowed_services:
                raise ServiceRefused(
                    f"This endpoint does not call others; the query asks SERVICE of {service}. "
                    "Ask that endpoint yourself and join the answers.",
                    service=service,
                )
        for graph in (
            *outline.default_graphs,
            *outline.named_graphs,
            *query.default_graphs,
            *query.named_graphs,
        ):
            if graph not in self.graphs:
                raise GraphRefused(
                    f"There is no graph <{graph}> here, and none is ever fetched.",
                    graph=graph,
                    graphs=sorted(self.graphs),
                )

    def _format(self, outline: tokens.Outline, query: protocol.Query, accept: str | None) -> Format:
        offers = formats.GRAPHS if outline.kind == "graph" else formats.SOLUTIONS
        if not outline.form:
            # No form, so no query: let the engine's parser say where it goes wrong.
            return offers[0]
        if query.format is not None:
            chosen = formats.by_name(query.format, offers)
            asked = f"format={query.format[:80]}"
        else:
            chosen = formats.negotiate(accept, offers)
            asked = "Accept"
        if chosen is None:
            raise NotAcceptable(
                f"The result of {outline.form} comes as {', '.join(o.media_type for o in offers)}; "
                f"{asked} asks for none of them.",
                offers=[o.media_type for o in offers],
            )
        return chosen

    def _etag(self, query: protocol.Query, chosen: Format, accepted: str) -> str:
        asked = (query.default_graphs, query.named_graphs, chosen.name, accepted)
        digest = self._digest.copy()
        digest.update(f"{asked} {query.text}".encode())
        return f'"{digest.hexdigest()[:32]}"'

    def fields(
        self,
        plan: Plan,
        query_id: str,
        timing: str,
        *,
        compressed: bool,
    ) -> list[tuple[str, str]]:
        """Return the header fields of an answer."""
        found = [
            ("Content-Type", plan.format.content_type),
            ("Vary", "Accept, Accept-Encoding"),
            ("Server-Timing", timing),
            ("X-Query-Id", query_id),
            *CORS,
            *SECURITY,
        ]
        if plan.etag:
            found += [("ETag", plan.etag), ("Cache-Control", "public, no-cache")]
        else:
            found.append(("Cache-Control", "no-store"))
        if compressed:
            found.append(("Content-Encoding", plan.coding))
        return found

    def convert(self, plan: Plan, body: bytes, store: Callable[[], ox.Store]) -> bytes:
        """Make the engine's complete answer into the one that is sent.

        :raises ResultTooLarge: if a DESCRIBE names too many resources.
        :raises NotAcceptable: if the format cannot say it.
        """
        if plan.described is None:
            triples = [q.triple for q in ox.parse(body, ox.RdfFormat.N_TRIPLES)]
            if any(isinstance(triple.object, ox.Triple) for triple in triples):
                raise NotAcceptable("JSON-LD has no triple terms. Ask for another format.")
            return represent(triples, plan.format, self.names)
        resources = dict.fromkeys(plan.described)
        if plan.job.writer == "json":
            for row in json.loads(body)["results"]["bindings"]:
                resources.update({v["value"]: None for v in row.values() if v["type"] == "uri"})
        if len(resources) > MAX_DESCRIBED:
            raise ResultTooLarge(
                f"DESCRIBE names {len(resources)} resources, more than {MAX_DESCRIBED}. "
                "Add LIMIT, or use CONSTRUCT.",
                limit=MAX_DESCRIBED,
            )
        # Two threads that import one package at a time can fail: what makes the pages goes first.
        pages = store()
        from service.library.gather import gather  # noqa: PLC0415 - it brings rdflib

        found: dict[ox.Triple, None] = {}
        for iri in resources:
            found.update(dict.fromkeys(gather(pages, iri)))
            if len(found) > MAX_DESCRIBED_TRIPLES:
                raise ResultTooLarge(
                    f"What is to be said of these is more than {MAX_DESCRIBED_TRIPLES} triples. "
                    "Name fewer resources, or use CONSTRUCT.",
                    limit=MAX_DESCRIBED_TRIPLES,
                )
        return represent(found, plan.format, self.names)

    def convert_whole(
        self, plan: Plan, body: bytes, store: Callable[[], ox.Store]
    ) -> tuple[bytes, bool]:
        """Convert, compress if that is worth it, and say whether it was; see :meth:`convert`."""
        data = self.convert(plan, body, store)
        if plan.coding and len(data) > compression.SMALL_BYTES:
            return compression.compressed(data, plan.coding), True
        return data, False

    def describe_itself(self, accept: str | None, base: str) -> tuple[Format, bytes]:
        """Return the SPARQL 1.1 Service Description in an acceptable format.

        :param base: the address of this host, for example ``http://127.0.0.1:8080/``.
        :raises NotAcceptable: if none is.
        """
        offers = formats.GRAPHS
        chosen = formats.negotiate(accept, offers)
        if chosen is None:
            raise NotAcceptable(
                "The service description comes as RDF.", offers=[o.media_type for o in offers]
            )
        triples = service_description(urljoin(base, PATH), self.release.manifest)
        return chosen, represent(triples, chosen, self.names)


def matches(if_none_match: str | None, etag: str | None, *, exists: bool = True) -> bool:
    """Say whether a client holds this representation already (RFC 9110 §13.1.2).

    :param exists: whether it is known that there is a representation, for ``*``.
    """
    if not if_none_match or not etag:
        return False
    if if_none_match.strip() == "*":
        return exists
    return etag in [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]


def unchanged(etag: str | None) -> list[tuple[str, str]]:
    """Return the fields of a 304 that its 200 would have too (RFC 9110 §15.4.5)."""
    return [
        ("ETag", etag or ""),
        ("Vary", "Accept, Accept-Encoding"),
        ("Cache-Control", "public, no-cache"),
    ]


def refuse_method(method: str) -> MethodNotAllowed:
    """Return the problem for a method that the endpoint does not have."""
    return MethodNotAllowed(
        f"The endpoint takes {', '.join(protocol.METHODS)}, not {method[:20]}.",
        allow=list(protocol.METHODS),
    )
