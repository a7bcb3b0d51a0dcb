"""The shared parts of verbs that edit the sources: begin, ask for missing options, and finish."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from service.cli.verbs import documents_of, edits_of, say
from service.problems import UsageError

if TYPE_CHECKING:
    from service.editing.edits import Edits
    from service.editing.lookup import Lookup
    from service.editing.mentions import Mention
    from service.editing.passage_finder import Passages, Recorded


def add_dry_run(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--dry-run`` to a verb that changes files."""
    parser.add_argument(
        "--dry-run", action="store_true", help="write nothing; print what would change as a diff"
    )


def add_documents(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--source`` to a verb that finds passages by their words."""
    parser.add_argument(
        "--source",
        type=Path,
        action="append",
        default=[],
        help="the document, to find passages by words (default: SERVICE_SOURCE_FILES)",
    )


def begin(arguments: argparse.Namespace) -> "tuple[Edits, Lookup]":
    """Read the sources and their names."""
    from service.editing.lookup import Lookup

    edits = edits_of(arguments)
    return edits, Lookup(edits.loaded)


def passages_of(edits: "Edits", arguments: argparse.Namespace) -> "Passages":
    """Return the passages, with the texts of ``--source`` or of the documents of the settings."""
    from service.editing.passage_finder import Passages

    return Passages(edits.loaded, documents_of(arguments))


def show_passage(edits: "Edits", passages: "Passages", words: str) -> "Recorded":
    """Return the passage that some words name, and show it."""
    passage = passages.find(words)
    say(f"{edits.loaded.name(passage.iri)}  {passage.words}".rstrip())
    return passage


def finish(edits: "Edits", arguments: argparse.Namespace, notes: Iterable[str] = ()) -> None:
    """Write an edit and name its files, or print it; then print the notes."""
    if arguments.dry_run:
        sys.stdout.write(edits.diff())
    else:
        for path in edits.write():
            name = path.relative_to(edits.loaded.sources.root)
            print(f"{name}: {'written' if path.exists() else 'removed'}")
    for note in notes:
        say(note)


def conclude(edits: "Edits", arguments: argparse.Namespace, iri: str, then: str) -> None:
    """Check the edit, write or show it, and tell the next step."""
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


def say_mentions(mentions: "Sequence[Mention]", name: str) -> None:
    """Print the texts that still contain the old name."""
    from service.editing.mentions import mention_lines

    if mentions:
        say(f"Left for you to judge, {len(mentions)} with '{name}':")
        for line in mention_lines(mentions, Path.cwd()):
            say(f"  {line}")


# -- missing options ------------------------------------------------------------------------------


class Missing(NamedTuple):
    """An option without which a verb cannot go on.

    :param option: its name, without hyphens.
    :param words: the question to ask.
    :param choices: the values that it may have; empty for any.
    """

    option: str
    words: str
    choices: Sequence[str] = ()

    @property
    def flag(self) -> str:
        """The option as it is typed."""
        return "--" + self.option.replace("_", "-")


def complete(arguments: argparse.Namespace, *options: Missing) -> None:
    """Ask on a terminal for each option that was not given; elsewhere say which are missing.

    :raises UsageError: if standard input is no terminal; it names all that are missing.
    """
    missing = [m for m in options if not getattr(arguments, m.option)]
    if not missing:
        return
    if not sys.stdin.isatty():
        needed = "\n".join(
            f"  {m.flag}: {m.words}" + (f" ({', '.join(m.choices)})" if m.choices else "")
            for m in missing
        )
        raise UsageError(f"These options are missing:\n{needed}")
    for m in missing:
        answer = _ask(m)
        is_list = isinstance(getattr(arguments, m.option), list)
        setattr(arguments, m.option, [answer] if is_list else answer)


def is_yes(question: str) -> bool:
    """Ask a question on the terminal and tell whether the answer is yes."""
    return input(f"{question} [y/n] ").strip().lower() in ("y", "yes")


def _ask(missing: Missing) -> str:
    choices = f" ({', '.join(missing.choices)})" if missing.choices else ""
    while True:
        try:
            answer = input(f"{missing.words}{choices}: ").strip()
        except EOFError:
            raise UsageError(f"{missing.flag} is missing.") from None
        if answer and (not missing.choices or answer in missing.choices):
            return answer
