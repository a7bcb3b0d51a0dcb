"""The verb that accepts the rows of questions."""

import argparse
import sys
from typing import TYPE_CHECKING

from service.cli.editing import add_dry_run, finish
from service.cli.prompts import is_yes
from service.cli.verbs import Verbs, add_dist, release_of, say

if TYPE_CHECKING:
    from service.editing.expected import Difference


def add_verbs(verbs: Verbs) -> None:
    """Add the verb of this family."""
    verb = verbs.add(
        "accept",
        _accept,
        "show which questions the release answers otherwise than expected, and accept rows",
        "  cdmo accept                        show them; on a terminal, ask for each\n"
        "  cdmo accept drugs-of-each-class    accept the rows of one\n"
        "  cdmo accept --all                  accept all, counts of the dataset too\n",
    )
    verb.add_argument("names", nargs="*", metavar="NAME", help="questions to accept")
    verb.add_argument("--all", action="store_true", help="accept the rows of all")
    add_dry_run(verb)
    add_dist(verb)


def _accept(arguments: argparse.Namespace) -> int:
    from service.editing.edits import Edits
    from service.editing.expected import accept, differences, named
    from service.release import open_store
    from service.sources import locate

    arguments.release = None
    edits = Edits.of(locate())
    differing = differences(edits, open_store(release_of(arguments)))
    faults = [d for d in differing if d.is_fault]
    if arguments.all:
        chosen = differing
    elif arguments.names:
        chosen = named(differing, arguments.names, edits)
    else:
        chosen = _ask_each(faults)
        if counting := len(differing) - len(faults):
            say(f"{counting} more count the dataset; their rows are no fault (--all writes them).")
    for difference in chosen if arguments.all or arguments.names else ():
        _show(difference)
    accept(edits, chosen)
    finish(edits, arguments)
    if arguments.dry_run:
        return 0
    left = [d for d in faults if d not in chosen]
    say(f"{len(chosen)} accepted, {len(left)} left." if differing else "All rows are as expected.")
    return 1 if left else 0


def _ask_each(faults: "list[Difference]") -> "list[Difference]":
    """Show each difference and, on a terminal, ask whether to accept it."""
    chosen = []
    for difference in faults:
        _show(difference)
        if sys.stdin.isatty() and is_yes("Accept these rows?"):
            chosen.append(difference)
    return chosen


def _show(difference: "Difference") -> None:
    print(f"question:{difference.question.name}")
    for line in difference.lines():
        print(f"  {line}")
