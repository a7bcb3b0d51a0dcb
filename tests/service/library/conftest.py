"""Descriptions of the small release, by local name."""

from collections.abc import Callable

import pytest

from service.iris import BASE
from service.library import Description, Library, describe

Describe = Callable[[str], Description]


@pytest.fixture
def described(small: Library) -> Describe:
    """A function that describes a resource of ours by the path of its IRI."""
    return lambda local: describe(small, BASE + local)
