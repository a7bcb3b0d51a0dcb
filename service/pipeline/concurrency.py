"""Queries at once: the engine lets other threads run while it evaluates."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Value = TypeVar("Value")

WORKERS = min(4, os.cpu_count() or 1)


def concurrently(function: Callable[[Item], Value], items: Iterable[Item]) -> list[Value]:
    """Return the values of a function for items, in their order, computed on all processors."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(function, items))
