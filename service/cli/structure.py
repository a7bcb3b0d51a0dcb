"""The verbs of ``cdmo new`` about the make of a document: lists, passages that assert nothing."""

import argparse
from typing import TYPE_CHECKING

from service import iris
from service.cli.edited import Add, add_documents, begin, conclude, show_passage
from service.cli.prompts import Missing, complete
from service.cli.verbs import documents_of
from service.problems import UsageError

if TYPE_CHECKING:
    from service.editing.lookup import Lookup
    from service.editing.passage_finder import Passages, Recorded


def add_verbs(add: Add) -> None:
    """Add these verbs to those of ``cdmo new``."""
    listing = add(
        "list",
        _list,
        "write what a document enumerates: the entries, in their order",
        "  cdmo new list --label 'Drugs against pain' --topic 'pain medication' --passage 125 \\\n"
        "      --entry ibuprofen=126 --entry 'pain patch=127' --choice\n",
    )
    listing.add_argument("--label", help="in our words, what it enumerates and where")
    listing.add_argument("--topic", help="the term of which the entries are examples or parts")
    listing.add_argument("--passage", help="the one that opens it: a number, a name or words")
    listing.add_argument(
        "--entry",
        action="append",
        default=[],
        metavar="TERM=PASSAGE",
        help="an entry with the passage that names it; twice or more",
    )
    listing.add_argument(
        "--choice", action="store_true", help="it offers a choice ('may include', 'such as')"
    )
    add_documents(listing)
    nothing = add(
        "nothing",
        _nothing,
        "write that a passage asserts nothing, and why",
        "  cdmo new nothing 24 --reason Rhetorical\n"
        "  cdmo new nothing 'questions remain' --source guide.txt --reason Rhetorical\n",
    )
    nothing.add_argument("passage", nargs="?", help="its number or name, or words of its text")
    nothing.add_argument("--reason", help="such as Navigation, Repetition, Rhetorical")
    add_documents(nothing)


def _list(arguments: argparse.Namespace) -> int:
    from service.editing.new_list import NewList, add_list
    from service.editing.passage_finder import Passages

    edits, lookup = begin()
    complete(
        arguments,
        Missing("label", "what it enumerates, and where"),
        Missing("topic", "the term of which the entries are examples or parts"),
        Missing("passage", "the passage that opens it"),
    )
    passages = Passages(edits.loaded, documents_of(arguments))
    new = NewList(
        arguments.label,
        lookup.term(arguments.topic),
        passages.find(arguments.passage),
        [_entry(lookup, passages, entry) for entry in arguments.entry],
        not arguments.choice,
    )
    return conclude(edits, arguments, add_list(edits, new), "cdmo check")


def _entry(lookup: "Lookup", passages: "Passages", entry: str) -> "tuple[str, Recorded]":
    term, is_entry, passage = entry.partition("=")
    if not is_entry:
        raise UsageError(f"'{entry}' is no entry: write TERM=PASSAGE.")
    return lookup.term(term), passages.find(passage)


def _nothing(arguments: argparse.Namespace) -> int:
    from service.editing.passage_finder import Passages
    from service.editing.silence import silence

    edits, lookup = begin()
    known = lookup.instances(iris.CDMO + "Reason")
    reasons = [iri.removeprefix(iris.CDMO) for iri in known]
    complete(
        arguments,
        Missing("passage", "the passage: its number, or words of it"),
        Missing("reason", "why it asserts nothing", reasons),
    )
    passages = Passages(edits.loaded, documents_of(arguments))
    passage = show_passage(edits, passages, arguments.passage)
    silence(edits, lookup, passage, arguments.reason)
    return conclude(edits, arguments, "", "cdmo check")
