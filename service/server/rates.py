"""The limit on the requests of each client."""

import math
import time
from collections import OrderedDict

from service.problems import TooManyRequests

BURST_SECONDS = 10
"""A client may send the requests of this time in one burst."""
MAX_CLIENTS = 10_000
"""The most clients with a bucket; the one longest silent loses its bucket first."""


class Rates:
    """A token bucket for each client.

    :param per_second: requests of a client in a second, on average.
    """

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._burst = max(1.0, per_second * BURST_SECONDS)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, time

    def count(self, client: str) -> None:
        """Count a request.

        :raises TooManyRequests: if the client has sent too many.
        """
        now = time.monotonic()
        tokens, since = self._buckets.pop(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._per_second)
        is_enough = tokens >= 1
        self._buckets[client] = (tokens - is_enough, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        if not is_enough:
            raise TooManyRequests(
                f"Your address may send {self._per_second:g} requests a second on average.",
                retry_after_seconds=math.ceil((1 - tokens) / self._per_second),
            )
