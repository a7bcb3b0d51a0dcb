"""The verb that compares documents."""

import argparse

from service.cli.verbs import Verbs, say


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    verbs.add(
        "disagreements",
        _disagreements,
        "propose where documents disagree, and no tension tells of it",
        "  cdmo disagreements\n",
    )


def _disagreements(arguments: argparse.Namespace) -> int:
    from service.editing.differences import find_differences, lines_of
    from service.editing.edits import Edits
    from service.sources import locate

    loaded = Edits.of(locate()).loaded
    differences = find_differences(loaded)
    for difference in differences:
        print("\n".join(lines_of(loaded, difference)))
    count = len(differences)
    say(f"{count} candidates: read both passages." if count else "No candidates.")
    return 0
