"""Places for queries: which client waits, and which is next."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.engine.fairness import Places

LONG = 10.0


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await test()

    asyncio.run(main())


async def waiting(places: Places, client: str) -> "asyncio.Task[str]":
    """Begin to wait for a place."""

    async def take() -> str:
        await places.take(client, LONG)
        return client

    task = asyncio.create_task(take())
    await asyncio.sleep(0)
    return task


def test_a_free_place_goes_to_the_client_that_holds_fewest() -> None:
    async def test() -> None:
        places = Places(3)
        for client in ("greedy", "greedy", "modest"):
            await places.take(client, LONG)
        first = await waiting(places, "greedy")
        second = await waiting(places, "modest")
        third = await waiting(places, "new")
        places.give_back("greedy")
        assert await third == "new"
        places.give_back("modest")
        assert await second == "modest"
        places.give_back("greedy")
        assert await first == "greedy"
        assert places.taken == {"new": 1, "modest": 1, "greedy": 1}

    run(test)


def test_clients_with_as_many_places_are_served_in_order() -> None:
    async def test() -> None:
        places = Places(1)
        await places.take("a", LONG)
        first, second = await waiting(places, "b"), await waiting(places, "c")
        places.give_back("a")
        assert await first == "b"
        assert not second.done()
        second.cancel()

    run(test)


def test_a_client_that_waits_too_long_leaves_the_queue() -> None:
    async def test() -> None:
        places = Places(1)
        await places.take("a", LONG)
        with pytest.raises(TimeoutError):
            await places.take("b", 0.01)
        assert places.waiting == 0
        places.give_back("a")
        assert not places.is_full

    run(test)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["take", "back", "cancel"]))))
def test_no_place_is_ever_lost(steps: list[tuple[str, str]]) -> None:
    async def test() -> None:
        places = Places(2)
        tasks: list[asyncio.Task[str]] = []
        for client, step in steps:
            if step == "take":
                tasks.append(await waiting(places, client))
            elif step == "back" and places.taken[client]:
                places.give_back(client)
            elif step == "cancel" and tasks:
                tasks.pop().cancel()  # one that has its place already keeps it
                await asyncio.sleep(0)
            assert sum(places.taken.values()) <= 2
            assert not places.waiting or sum(places.taken.values()) == 2
        for task in tasks:
            task.cancel()
        await asyncio.sleep(0)
        for client in list(places.taken.elements()):
            places.give_back(client)
        assert not places.is_full
        assert places.waiting == 0

    run(test)
