"""Places for queries, shared fairly among clients."""

import asyncio
from collections import Counter


class Places:
    """A fixed number of places, each for one running query.

    A free place goes to the waiting client that holds the fewest places; among equals, to the
    one that has waited longest. So a client with many queries delays only its own.

    :ivar taken: the number of places that each client holds.
    """

    def __init__(self, count: int) -> None:
        self.taken: Counter[str] = Counter()
        self._free = count
        self._queue: list[tuple[str, asyncio.Future[None]]] = []

    @property
    def waiting(self) -> int:
        """The number of waiting queries."""
        return len(self._queue)

    @property
    def is_full(self) -> bool:
        """Whether a query must wait."""
        return not self._free

    async def take(self, client: str, seconds: float) -> None:
        """Take a place for a client; the caller gives it back.

        :param seconds: the longest wait.
        :raises TimeoutError: if no place is free by then.
        """
        if self._free:
            self._free -= 1
            self.taken[client] += 1
        else:
            await self._wait(client, seconds)

    async def _wait(self, client: str, seconds: float) -> None:
        turn = asyncio.get_running_loop().create_future()
        entry = client, turn
        self._queue.append(entry)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException:
            if entry in self._queue:
                self._queue.remove(entry)
            else:  # it got a place at the moment it gave up
                self.give_back(client)
            raise

    def give_back(self, client: str) -> None:
        """Give a place back; the next waiting client gets it."""
        self.taken[client] -= 1
        if not self.taken[client]:
            del self.taken[client]
        if not self._queue:
            self._free += 1
            return
        entry = min(self._queue, key=lambda waiting: self.taken[waiting[0]])
        self._queue.remove(entry)
        self.taken[entry[0]] += 1
        entry[1].set_result(None)
