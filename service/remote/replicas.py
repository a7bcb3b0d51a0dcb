"""Check which of several engines are up and which release they hold, and put them in order."""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Literal

import pyoxigraph as ox

from service import formats
from service.problems import RemoteFault
from service.remote.adapters import OTHER, Adapter, of_response
from service.remote.connection import Replica, post_form, shown

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
"""The pause between two checks."""
ANSWER_SECONDS = 3.0
"""A replica that does not answer a check within this time counts as down."""

PUBLISHED = "urn:x-cdmo:published"
"""The graph in which :mod:`service.remote.publication` records the release that a store holds."""
DIGEST = "urn:x-cdmo:digest"
"""The property that links a store to the digest of its release."""
CHANGING = "changing"
"""Stands in place of the digest while a store gets another release."""
_CHECK = f"SELECT ?digest {{ GRAPH <{PUBLISHED}> {{ <{PUBLISHED}> <{DIGEST}> ?digest }} }}"

_MOST_BYTES = 1 << 16

State = Literal["down", "unchecked", "up"]


@dataclass(frozen=True, slots=True)
class Health:
    """The outcome of a replica's last check.

    :param digest: the digest of the release that it holds; "" if unknown.
    :param reason: why it is down.
    """

    state: State = "unchecked"
    adapter: Adapter = OTHER
    digest: str = ""
    reason: str = ""


def check(url: str) -> Health:
    """Check whether a replica answers, and which release it holds; takes a few seconds at most."""
    try:
        reply = post_form(url, [("query", _CHECK)], formats.XML.media_type, ANSWER_SECONDS)
        try:
            body = reply.read(_MOST_BYTES)
        finally:
            reply.close()
        if reply.status != 200:
            return Health("down", reason=f"status {reply.status}")
        adapter = of_response(reply.fields)
        rows = ox.parse_query_results(body, ox.QueryResultsFormat.XML)
        if not isinstance(rows, ox.QuerySolutions):
            return Health("down", reason="its answer is none")
        digests = [str(row["digest"].value) for row in rows]
        return Health("up", adapter, "".join(digests))
    except RemoteFault as fault:
        return Health("down", reason=fault.detail)
    except (SyntaxError, ValueError):
        return Health("down", reason="its answer cannot be read")


class Replicas:
    """Engines with the same data, checked again and again.

    :param urls: their addresses for queries, in the order of preference.
    :param digest: the digest of the served release.
    :ivar retries: the number of queries asked again after an engine failed.
    """

    def __init__(self, urls: tuple[str, ...], digest: str) -> None:
        self._digest = digest
        self._health = dict.fromkeys(urls, Health())
        self._tasks: list[asyncio.Task[None]] = []
        self.retries = 0

    async def start(self) -> None:
        """Check each replica once, and go on checking in the background."""
        await asyncio.gather(*map(self._check, self._health))
        self._tasks = [asyncio.create_task(self._keep_checking(url)) for url in self._health]

    async def close(self) -> None:
        """Stop checking."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def in_order(self) -> tuple[Replica, ...]:
        """Return the replicas to ask, the preferred one first.

        These are the ones that are up and may hold the served release; else those that are up; else
        all of them, since a check may be wrong.
        """
        known = [url for url, health in self._health.items() if health.state == "up"]
        same = [url for url in known if self._health[url].digest in {"", self._digest}]
        return tuple(self._replica(url) for url in same or known or self._health)

    def _replica(self, url: str) -> Replica:
        health = self._health[url]
        number = [*self._health].index(url) + 1
        return Replica(url, health.adapter.name, number, health.digest)

    @property
    def are_ready(self) -> bool:
        """Whether a replica is up, or there are no replicas."""
        states = [health.state for health in self._health.values()]
        return not states or "up" in states

    @property
    def up(self) -> int:
        """The number of replicas that are up."""
        return sum(health.state == "up" for health in self._health.values())

    @property
    def hold_the_release(self) -> bool:
        """Whether all replicas that are asked hold the served release."""
        asked = (self._health[replica.url] for replica in self.in_order())
        return all(health.digest == self._digest for health in asked)

    def report(self) -> list[str]:
        """Return a line about each replica, without its address: anybody may read it."""
        return [
            f"{self._replica(url).name}: {self._words(health)}"
            for url, health in self._health.items()
        ]

    def _words(self, health: Health) -> str:
        if health.state != "up":
            return health.state
        phrases = {
            "": "a release that it does not name",
            self._digest: "this release",
            CHANGING: "parts of two releases",
        }
        other = f"another release, {health.digest[:12]}"
        return f"up, {health.adapter.name}, holds {phrases.get(health.digest, other)}"

    async def _keep_checking(self, url: str) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await self._check(url)

    async def _check(self, url: str) -> None:
        before = self._health[url]
        try:
            async with asyncio.timeout(2 * ANSWER_SECONDS):
                state = await asyncio.to_thread(check, url)
        except TimeoutError:  # it sends a byte at a time
            state = Health("down", reason="its answer does not end")
        if state.state == "down":
            state = replace(state, adapter=before.adapter, digest=before.digest)
        self._health[url] = state
        if (before.state, before.digest) != (state.state, state.digest):
            level = logging.WARNING if "down" in {before.state, state.state} else logging.INFO
            reason = state.reason and f", {state.reason}"
            log.log(level, "%s: %s%s", shown(url), self._words(state), reason)
