"""The verbs of ``cdmo new`` about the make of a document: lists, passages that assert nothing."""

import argparse
from typing import TYPE_CHECKING

from service import iris
from service.cli.edit_steps import (
    Missing,
    add_documents,
    add_dry_run,
    begin,
    complete,
    conclude,
    passages_of,
    show_passage,
)
from service.cli.verbs import Verbs
from service.problems import UsageError

if TYPE_CHECKING:
    from service.editing.lookup import Lookup
    from service.editing.passage_finder import Passages, Recorded


def add_forms(forms: Verbs) -> None:
    """Add these forms to those of ``cdmo new``."""
    listing = forms.add(
        "list",
        _list,
        "write what a document enumerates: the entries, in their order",
        "  cdmo new list --label 'Drugs against pain' --topic 'pain medication' --passage 125 \\\n"
        "      --entry ibuprofen=126 --entry 'pain patch=127' --choice\n",
    )
    add_dry_run(listing)
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
    nothing = forms.add(
        "nothing",
        _nothing,
        "write that a passage asserts nothing, and why",
        "  cdmo new nothing 24 --reason Rhetorical\n"
        "  cdmo new nothing 'questions remain' --source guide.txt --reason Rhetorical\n",
    )
    add_dry_run(nothing)
    nothing.add_argument("passage", nargs="?", help="its number or name, or words of its text")
    nothing.add_argument("--reason", help="such as Navigation, Repetition, Rhetorical")
    add_documents(nothing)


def _list(arguments: argparse.Namespace) -> None:
    from service.editing.new_list import add_list

    edits, lookup = begin(arguments)
    complete(
        arguments,
        Missing("label", "what it enumerates, and where"),
        Missing("topic", "the term of which the entries are examples or parts"),
        Missing("passage", "the passage that opens it"),
    )
    passages = passages_of(edits, arguments)
    iri = add_list(
        edits,
        arguments.label,
        topic=lookup.term(arguments.topic),
        opening=passages.find(arguments.passage),
        entries=[_entry(lookup, passages, entry) for entry in arguments.entry],
        complete=not arguments.choice,
    )
    conclude(edits, arguments, iri, "cdmo check")


def _entry(lookup: "Lookup", passages: "Passages", entry: str) -> "tuple[str, Recorded]":
    term, is_entry, passage = entry.partition("=")
    if not is_entry:
        raise UsageError(f"'{entry}' is no entry: write TERM=PASSAGE.")
    return lookup.term(term), passages.find(passage)


def _nothing(arguments: argparse.Namespace) -> None:
    from service.editing.passage_finder import silence

    edits, lookup = begin(arguments)
    known = lookup.instances(iris.CDMO + "Reason")
    reasons = [iri.removeprefix(iris.CDMO) for iri in known]
    complete(
        arguments,
        Missing("passage", "the passage: its number, or words of it"),
        Missing("reason", "why it asserts nothing", reasons),
    )
    passages = passages_of(edits, arguments)
    passage = show_passage(edits, passages, arguments.passage)
    silence(edits, lookup, passage, arguments.reason)
    conclude(edits, arguments, "", "cdmo check")
