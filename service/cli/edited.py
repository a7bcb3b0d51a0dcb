"""What the verbs that edit the sources share: how they begin and how they end."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from service.cli.editing import finish
from service.cli.verbs import say

if TYPE_CHECKING:
    from service.editing.edits import Edits
    from service.editing.lookup import Lookup
    from service.editing.passage_finder import Passages, Recorded

Add = Callable[[str, Callable[[argparse.Namespace], int], str, str], argparse.ArgumentParser]
"""Adds a verb by its name, what it does, its help and examples, and returns its parser."""


def begin() -> "tuple[Edits, Lookup]":
    """Read the sources and their names."""
    from service.editing.edits import Edits
    from service.editing.lookup import Lookup
    from service.sources import locate

    edits = Edits.of(locate())
    return edits, Lookup(edits.loaded)


def add_documents(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--source`` to a verb that finds passages by their words."""
    parser.add_argument(
        "--source",
        type=Path,
        action="append",
        default=[],
        help="the document, to find passages by words (default: SERVICE_SOURCE_FILES)",
    )


def show_passage(edits: "Edits", passages: "Passages", words: str) -> "Recorded":
    """Return the passage that some words name, and show it."""
    passage = passages.find(words)
    say(f"{edits.loaded.name(passage.iri)}  {passage.words}".rstrip())
    return passage


def conclude(edits: "Edits", arguments: argparse.Namespace, iri: str, then: str) -> int:
    """Check the edit, write or show it, and say what comes next."""
    from service.editing.trial import refuse_new_errors
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
