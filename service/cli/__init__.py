"""The command ``cdmo``: check, build and serve the ontology.

Exit codes: 0 done, 1 the sources, the release or the document have problems,
2 the command line cannot be understood.

Each module of this room adds the verbs of one family; a new verb is one more ``verbs.add`` in its
``add_verbs``. The wings are imported inside the verbs that need them: `cdmo serve` of a built
release starts without rdflib's parsers, pySHACL and owlready2, and `--help` without anything.
"""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from service.cli import (
    asking,
    check,
    checking,
    comparing,
    creating,
    editing,
    exchanging,
    explaining,
    releasing,
    serving,
    splitting,
)
from service.cli.verbs import Verbs
from service.problems import Problem, of_system

FAMILIES = (
    serving,
    releasing,
    check,
    checking,
    creating,
    editing,
    splitting,
    exchanging,
    comparing,
    asking,
    explaining,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line ``argv`` (default: the process's) and return the exit code."""
    verbs = Verbs()
    for family in FAMILIES:
        family.add_verbs(verbs)
    arguments = verbs.parser.parse_args(argv)
    try:
        code = int(arguments.run(arguments) or 0)
        sys.stdout.flush()  # else a full disk shows only when it is too late to report
        return code
    except Problem as problem:
        if violations := problem.extras.get("violations"):
            from service.pipeline.causes import fold
            from service.pipeline.report_formats import to_text

            sys.stderr.write(to_text(fold(violations)))
        print(f"cdmo: {problem.title}: {problem.detail}", file=sys.stderr)
        return problem.exit_code
    except BrokenPipeError:
        # The reader of our output went away (`cdmo query … | head`): not our failure.
        _write_no_more()
        return 0
    except OSError as error:
        print(f"cdmo: {of_system(error).detail}", file=sys.stderr)
        _write_no_more()
        return Problem.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _write_no_more() -> None:
    """Discard the rest of the output: at the end of the process it would fail again."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
