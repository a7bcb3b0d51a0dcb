"""A result between worker and reader: kept in memory first, then in a file, then no room."""

import asyncio
import errno
import os
from collections.abc import Callable, Iterator

import pytest

from service.engine import result as result_module
from service.engine.result import AHEAD_BYTES, Quota, Result, Spool
from service.problems import QueryCancelled, ResultTooLarge

PART = b"x" * 100_000


def spool(quota_bytes: int = 10_000_000) -> tuple[Spool, Quota]:
    quota = Quota(quota_bytes)
    return Spool(quota), quota


def read_all(spool: Spool) -> bytes:
    return b"".join(iter(spool.read, b""))


def test_bytes_are_read_in_the_order_of_writing() -> None:
    results, quota = spool()
    parts = [bytes([number]) * 100_000 for number in range(30)]
    for part in parts:
        results.write(part)
    assert quota.left == 10_000_000 - 3_000_000
    assert read_all(results) == b"".join(parts)
    assert results.read() == b""
    assert quota.left == 10_000_000
    results.close()


def test_writing_goes_on_while_the_file_is_read() -> None:
    results, _ = spool()
    data = b""
    for number in range(40):
        results.write(bytes([number]) * 100_000)
        if number % 3 == 0:
            data += results.read()
    data += read_all(results)
    assert data == b"".join(bytes([number]) * 100_000 for number in range(40))
    results.close()


@pytest.mark.parametrize("quota_bytes", [0, 2_000_000])
def test_without_disk_space_the_worker_waits(quota_bytes: int) -> None:
    results, _ = spool(quota_bytes)
    while results.has_room:
        results.write(PART)
    most = max(quota_bytes, AHEAD_BYTES)
    assert most <= len(read_all(results)) <= most + len(PART)
    results.write(PART)
    assert len(read_all(results)) == len(PART)
    results.close()


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EROFS, errno.EMFILE])
def test_where_no_file_can_be_written_the_worker_waits(
    fault: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: object) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(result_module, "TemporaryFile", fail)
    results, quota = spool()
    while results.has_room:
        results.write(PART)
    assert AHEAD_BYTES <= len(read_all(results)) <= AHEAD_BYTES + 2 * len(PART)
    assert quota.left == 10_000_000
    results.write(PART)
    assert read_all(results) == PART
    assert [os.strerror(fault) in record.message for record in caplog.records] == [True]
    results.close()


def test_a_file_that_fills_up_within_a_part_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def write_half(descriptor: int, data: bytes, at: int) -> int:
        if at > 200_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data[: len(data) // 2 + 1], at)

    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", write_half)
    results, _ = spool()
    data = b""
    while results.has_room:
        results.write(part := os.urandom(100_000))
        data += part
    assert read_all(results) == data
    results.close()


def test_all_results_share_the_disk_space() -> None:
    quota = Quota(2_000_000)
    first, second = Spool(quota), Spool(quota)
    while first.has_room:
        first.write(PART)
    for _ in range(11):
        second.write(PART)
    rooms = [second.has_room]
    first.close()
    rooms.append(second.has_room)
    assert rooms == [False, True]
    second.close()
    assert quota.left == 2_000_000


def test_a_closed_result_frees_its_disk_space() -> None:
    results, quota = spool()
    for _ in range(30):
        results.write(PART)
    results.close()
    assert quota.left == 10_000_000


# -- the result -------------------------------------------------------------------------------


NewResult = Callable[..., Result]


@pytest.fixture
def result() -> Iterator[NewResult]:
    """A function that makes results, which are closed after the test."""
    results = []

    def new(quota_bytes: int = 10_000_000) -> Result:
        results.append(Result("0123456789abcdef", Spool(Quota(quota_bytes)), close=lambda: None))
        return results[-1]

    yield new
    for each in results:
        each.close()


def test_a_reader_waits_for_the_next_part(result: NewResult) -> None:
    async def main() -> bytes:
        parts = result()
        loop = asyncio.get_running_loop()
        loop.call_later(0.001, parts.add, b"a")
        loop.call_later(0.002, parts.add, b"b")
        loop.call_later(0.003, parts.finish, 0.5)
        return await parts.whole()

    assert asyncio.run(main()) == b"ab"


def test_a_worker_waits_for_room(result: NewResult) -> None:
    async def main() -> int:
        parts = result(quota_bytes=0)

        async def write() -> None:
            for _ in range(30):
                await parts.room()
                parts.add(PART)
            parts.finish(0.5)

        writer = asyncio.create_task(write())
        size = len(await parts.whole())
        await writer
        return size

    assert asyncio.run(main()) == 3_000_000


def test_a_failing_result_yields_its_parts_and_then_its_problem(result: NewResult) -> None:
    async def main() -> None:
        parts = result()
        parts.add(b"a")
        parts.fail(QueryCancelled("first"))
        parts.fail(ResultTooLarge("second"))
        with pytest.raises(QueryCancelled):
            await parts.begun()
        chunks = parts.chunks()
        assert await anext(chunks) == b"a"
        with pytest.raises(QueryCancelled):
            await anext(chunks)

    asyncio.run(main())
