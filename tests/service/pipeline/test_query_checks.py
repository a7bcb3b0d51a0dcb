"""Names in queries exist."""

from collections.abc import Callable
from pathlib import Path

import pytest

from service.pipeline import check
from service.sources import Sources


@pytest.mark.parametrize(
    "path", ["cdmo:treat", "cdmo:treats/cdmo:passages", "^cdmo:treats|cdmo:treat", "(cdmo:treat)+"]
)
def test_a_misspelt_name_is_seen_wherever_it_stands_in_a_path(
    tiny: Sources, edit: Callable[[str, str, str], Path], path: str
) -> None:
    file = edit("ontology/questions/what-treats.ttl", "cdmo:treats", path)
    (violation,) = [v for v in check(tiny) if v.rule == "query-name-unknown"]
    assert violation.file == file
    assert "exists nowhere" in violation.message
