"""What the verbs that edit the sources share: how they begin and how they end."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from service.cli.editing import finish
from service.cli.verbs import say

if TYPE_CHECKING:
    from service.editing.edits import Edits
    from service.editing.lookup import Lookup

Add = Callable[[str, Callable[[argparse.Namespace], int], str, str], argparse.ArgumentParser]
"""Adds a verb by its name, what it does, its help and examples, and returns its parser."""


def begin() -> "tuple[Edits, Lookup]":
    """Read the sources and their names."""
    from service.editing.edits import Edits
    from service.editing.lookup import Lookup
    from service.sources import locate

    edits = Edits.of(locate())
    return edits, Lookup(edits.loaded)


def conclude(edits: "Edits", arguments: argparse.Namespace, iri: str, then: str) -> int:
    """Check the edit, write or show it, and say what comes next."""
    from service.editing.preview import refuse_new_errors
    from service.pipeline.causes import fold
    from service.pipeline.report_formats import to_text

    awaiting = refuse_new_errors(edits)
    finish(edits, arguments)
    if awaiting:
        say(f"Now a tension has to tell of this:\n{to_text(fold(awaiting))}".rstrip())
    if not arguments.dry_run:
        what = getattr(arguments, "what", "")
        done = "has a new citation" if what == "citation" else "is new"
        say(f"{edits.loaded.name(iri)} {done}. Next: {then}" if iri else f"Next: {then}")
    return 0
