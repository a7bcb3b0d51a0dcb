"""Remembered findings of a check, by everything that the check reads."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from service import iris
from service.pipeline.turtle_tokens import bare
from service.pipeline.violations import Place, Related, Violation
from service.sources import Sources

_NOW = re.compile(r"\bNOW\s*\(\s*\)", re.IGNORECASE)
_CHANCE = re.compile(rb"\b(RAND|UUID|STRUUID|BNODE)\s*\(", re.IGNORECASE)
_TIME = re.compile(rb"\bNOW\s*\(", re.IGNORECASE)


def state(sources: Sources, documents: Sequence[str]) -> list[bytes]:
    """Return everything on which the findings of a check depend, except the code.

    It is empty if a query is volatile (it uses the time or a random value), or if a file cannot
    be read.
    """
    digest = sha256()
    for path in sources.files:
        try:
            data = path.read_bytes()
        except OSError:
            return []
        if _is_volatile(path.parent.name, data):
            return []
        digest.update(f"{path} {len(data)}\n".encode())
        digest.update(data)
    folders = f"{sources.ontology}\n{sources.mappings}"
    texts = (folders, _hour(), *(sha256(document.encode()).hexdigest() for document in documents))
    return [digest.digest(), *(text.encode() for text in texts)]


def _is_volatile(folder: str, data: bytes) -> bool:
    """Tell whether a query in a file of a folder is volatile: it may differ at each run."""
    if folder not in ("checks", "rules", "questions"):
        return False
    return bool(_CHANCE.search(data) or (folder != "checks" and _TIME.search(data)))


def at_this_hour(query: str) -> str:
    """Return a query with the current hour instead of ``NOW()``.

    >>> at_this_hour("ASK { FILTER(?day < 'NOW()') }")
    "ASK { FILTER(?day < 'NOW()') }"
    """
    for match in reversed([*_NOW.finditer(bare(query))]):
        literal = f'"{_hour()}"^^<{iris.XSD}dateTime>'
        query = query[: match.start()] + literal + query[match.end() :]
    return query


def _hour() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H}:00:00Z"


def to_bytes(violations: Sequence[Violation]) -> bytes:
    """Return violations in the form in which they are remembered."""
    return json.dumps([asdict(violation) for violation in violations], default=str).encode()


def from_bytes(data: bytes) -> list[Violation]:
    """Return the violations that :func:`to_bytes` wrote."""
    return [_violation(**values) for values in json.loads(data)]


def _violation(*, file: str | None, related: list[Any], **values: Any) -> Violation:
    return Violation(
        file=_path(file),
        related=tuple(Related(_place(*place), note) for place, note in related),
        **values,
    )


def _place(file: str | None, line: int | None, column: int | None) -> Place:
    return Place(_path(file), line, column)


def _path(file: str | None) -> Path | None:
    return None if file is None else Path(file)
