"""What waits for a thread is counted, and too much of it is refused."""

import asyncio
import threading

import pytest

from service.problems import QueueFull
from service.site.gateway import Threads


def test_waiting_for_a_thread_is_bounded() -> None:
    async def run() -> None:
        go_on = threading.Event()
        threads = Threads(1, "test", waiting=1)
        begun = [asyncio.ensure_future(threads.run(go_on.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        room = [threads.has_room]
        with pytest.raises(QueueFull) as refused:
            await threads.run(go_on.wait)
        assert refused.value.extras["retry_after_seconds"]
        go_on.set()
        assert await asyncio.gather(*begun) == [True, True]
        room.append(threads.has_room)
        assert await threads.run(go_on.wait)
        assert room == [False, True]

    asyncio.run(run())
