"""Ask on a terminal for what the command line left out; elsewhere say what is missing."""

import argparse
import sys
from collections.abc import Sequence
from typing import NamedTuple

from service.problems import UsageError


class Missing(NamedTuple):
    """An option without which a verb cannot go on.

    :param option: its name, without hyphens.
    :param words: what to ask.
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
    """Fill in each option that was not given.

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
