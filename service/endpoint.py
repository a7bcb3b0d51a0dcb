"""The one executor of queries, behind ``/sparql``, the query page and ``cdmo query``."""

import asyncio
import hashlib
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from service import __version__, formats
from service.cards import LINKS
from service.engine.pool import Formats, Pool
from service.engine.result import Result
from service.formats import Format
from service.problems import BadRequest, NotAcceptable
from service.release import Release
from service.sparql.protocol import Query
from service.sparql.references import is_volatile

PATH = "/sparql"

DISCONNECT_KEY = "cdmo.disconnect"
"""The key of an ASGI scope for a future that is done once the client has gone."""

CACHED = "public, max-age=60, stale-while-revalidate=3600"
"""``Cache-Control`` of what changes only with the release (RFC 5861 §3): fresh for a minute; for
another hour a client may show it while it revalidates."""

_OFFERS = (formats.SOLUTIONS, formats.GRAPHS)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Plan:
    """A query operation that may run.

    :param accepted: the formats that the client accepts, for each kind of result.
    :param etag: the weak entity tag of the result (RFC 9110 §8.8.3); None if the same query may
        have another result the next time.
    """

    query: Query
    accepted: Formats
    etag: str | None

    def headers(self, result: Result) -> list[tuple[str, str]]:
        """Return the header fields of the result's response.

        List a field that differs for each answer in ``service.server.cache`` too.
        """
        return [
            ("Content-Type", result.format.content_type),
            ("X-Query-Id", result.query_id),
            ("Link", LINKS),
            *self.validators(),
        ]

    def validators(self) -> list[tuple[str, str]]:
        """Return the fields that a 304 shares with the 200 (RFC 9110 §15.4.5)."""
        fields = [("Vary", "Accept")]
        if self.etag:
            return [*fields, ("ETag", self.etag), ("Cache-Control", CACHED)]
        return [*fields, ("Cache-Control", "no-store")]


def _named(names: tuple[str, ...], offers: tuple[Format, ...]) -> Format | None:
    """Return the offer that the names refer to, or None.

    :raises BadRequest: if they refer to several offers.
    """
    named = {offer for name in names if (offer := formats.by_name(name, offers))}
    if len(named) > 1:
        listed = ", ".join(sorted(offer.name for offer in named))
        raise BadRequest(f"'format' names several formats: {listed}. Name one.", parameter="format")
    return next(iter(named), None)


class Endpoint:
    """The SPARQL endpoint of one release.

    :param pool: belongs to one event loop; :meth:`wait` reaches it from any other thread.
    """

    def __init__(self, release: Release, pool: Pool) -> None:
        self.release = release
        self.pool = pool
        # Everything that a result depends on besides the query: data, prefixes, our own code.
        manifest = f"{__version__} {release.manifest.to_json()}"
        self._digest = hashlib.sha256(manifest.encode())

    def plan(self, query: Query, accept: str | None) -> Plan:
        """Choose the formats of a query's result, before its kind is known.

        :param query: a query with a text.
        :param accept: the value of the ``Accept`` field, or None.
        :raises NotAcceptable: if no result can be sent in a format that the client accepts.
        :raises BadRequest: if ``format=`` names two formats for one kind of result.
        """
        if query.formats:
            accepted = Formats(*(_named(query.formats, offers) for offers in _OFFERS))
        else:
            accepted = Formats(*(formats.negotiate(accept, offers) for offers in _OFFERS))
        if accepted == (None, None):
            offers = [f.media_type for f in (*formats.SOLUTIONS, *formats.GRAPHS)]
            given = f"format={','.join(query.formats)[:80]}" if query.formats else "Accept"
            raise NotAcceptable(
                f"Results come as {', '.join(offers)}; {given} names none of them.", offers=offers
            )
        return Plan(query, accepted, self._etag(query, accepted))

    def _etag(self, query: Query, accepted: Formats) -> str | None:
        text = query.text or ""
        if is_volatile(text) or not self.pool.replicas.hold_the_release:
            return None
        names = [f.name if f else None for f in accepted]
        digest = self._digest.copy()
        digest.update(f"{query.default_graphs} {query.named_graphs} {names} {text}".encode())
        return f'W/"{digest.hexdigest()[:32]}"'

    async def answer(self, plan: Plan, max_bytes: int | None = None, client: str = "") -> Result:
        """Run a query; see :meth:`service.engine.pool.Pool.run`.

        :param max_bytes: a lower limit than the operator's.
        :param client: the address of the client.
        """
        return await self.pool.run(plan.query, plan.accepted, max_bytes, client)

    async def answer_whole(
        self, plan: Plan, max_bytes: int | None = None, client: str = ""
    ) -> tuple[Result, bytes]:
        """Run a query and return its result with all of its bytes."""
        result = await self.answer(plan, max_bytes, client)
        try:
            return result, await result.whole()
        finally:
            result.close()

    def wait(
        self, coroutine: Coroutine[Any, Any, Value], disconnect: Future[None] | None = None
    ) -> Value:
        """Run a coroutine of this endpoint from another thread and return its value.

        :param disconnect: cancels the coroutine once it is done.
        """
        future = asyncio.run_coroutine_threadsafe(coroutine, self.pool.loop)
        if disconnect:
            disconnect.add_done_callback(lambda _: future.cancel())
        return future.result()
