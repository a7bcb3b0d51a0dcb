"""The verb that checks the sources: once, or again at each change."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from service.cli.verbs import Verbs, add_dist, add_source, dist_of, say, text_of
from service.problems import UsageError

if TYPE_CHECKING:
    from service.pipeline.memory import Memory
    from service.pipeline.violations import Violation
    from service.sources import Sources


def add_verbs(verbs: Verbs) -> None:
    """Add the verb."""
    check = verbs.add(
        "check",
        _run,
        "check the ontology and the mapping sets",
        "  cdmo check\n  cdmo check ontology/claims/causes.ttl\n  cdmo check --changed\n"
        "  cdmo check --watch\n  cdmo check --source article.txt\n  cdmo check --format github\n"
        "  cdmo check --format sarif > findings.sarif\n\n"
        "exit codes:\n  0  no errors (warnings, perhaps)\n  1  errors\n"
        "  2  the command line cannot be understood\n",
    )
    check.add_argument(
        "files",
        nargs="*",
        type=Path,
        help="report only what concerns these files or folders; all of the sources are checked",
    )
    check.add_argument(
        "--changed", action="store_true", help="report only what concerns files changed since HEAD"
    )
    check.add_argument(
        "--watch", action="store_true", help="check again at each change, until Ctrl-C"
    )
    check.add_argument(
        "--fresh", action="store_true", help="use no results that earlier checks remember"
    )
    add_source(check)
    check.add_argument(
        "--format",
        default="text",
        choices=["text", "json", "github", "sarif"],
        help="of the findings, on standard output (default text); progress goes to standard error",
    )
    check.add_argument(
        "--all", action="store_true", help="in text, also what merely follows from other findings"
    )
    add_dist(check)


def _run(arguments: argparse.Namespace) -> int:
    from service.pipeline.memory import Memory
    from service.sources import locate

    sources = locate()
    memory = Memory() if arguments.fresh else Memory.of(dist_of(arguments))
    if arguments.watch:
        return _watch(arguments, sources, memory)
    return _check(arguments, sources, memory)


def _check(arguments: argparse.Namespace, sources: "Sources", memory: "Memory") -> int:
    from service.pipeline import check

    folders = (sources.ontology, sources.mappings)
    say(f"Checking {' and '.join(map(os.path.relpath, folders))}")
    concerned = _concerned(arguments, sources)
    if concerned is not None and not concerned:
        say("No file of the sources has changed.")
        return 0
    documents = map(text_of, arguments.source)
    try:
        violations = check(
            sources, *documents, memory=memory, report=lambda stage: _show(f"{stage} …")
        )
    finally:
        _show("")
    shown = [v for v in violations if concerned is None or _concerns(v, concerned)]
    _print_findings(shown, arguments, sources)
    errors = sum(violation.severity == "error" for violation in shown)
    warnings = len(shown) - errors
    say(f"{errors} errors, {warnings} warnings" if shown else "All checks passed.")
    if elsewhere := len(violations) - len(shown):
        say(f"{elsewhere} findings in other files: cdmo check")
    return 1 if errors else 0


def _watch(arguments: argparse.Namespace, sources: "Sources", memory: "Memory") -> int:
    """Check at each change; report a state that cannot be checked, and wait for the next."""
    from service.cli.watching import changes, state

    def check_now() -> None:
        try:
            _check(arguments, sources, memory)
        except Exception as fault:  # noqa: BLE001 - a file that is half written, or gone meanwhile
            say(f"cdmo: {fault}")

    changed = changes(lambda: state([*sources.files, *arguments.source]))
    check_now()
    say("Watching for changes; stop with Ctrl+C.")
    try:
        for files in changed:
            say(f"\nChanged: {_listed(files, sources)}")
            check_now()
    except KeyboardInterrupt:
        say("")
    return 0


def _listed(files: Iterable[Path], sources: "Sources") -> str:
    names = sorted(str(path.relative_to(sources.root)) for path in files)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


# -- some files alone -----------------------------------------------------------------------------


def _concerned(arguments: argparse.Namespace, sources: "Sources") -> set[Path] | None:
    """Return the files to report on; None for all.

    :raises UsageError: for a file that is none of the sources, or if git cannot tell changes.
    """
    known = {path.resolve() for path in sources.files}
    if not arguments.files and not arguments.changed:
        return None
    concerned = _changed(sources) & known if arguments.changed else set()
    for path in arguments.files:
        within = {file for file in known if file.is_relative_to(path.resolve())}
        if not within:
            raise UsageError(f"{path} is no file of the sources in {sources.root}.")
        concerned |= within
    return concerned


def _changed(sources: "Sources") -> set[Path]:
    """Return the files that differ from the last commit or are new."""
    changed: set[Path] = set()
    for command in (
        ["diff", "--name-only", "-z", "--relative", "HEAD", "--", "."],
        ["ls-files", "--others", "--exclude-standard", "-z", "--", "."],
    ):
        try:
            output = subprocess.run(  # noqa: S603
                ["git", "-C", sources.root, *command],  # noqa: S607
                capture_output=True,
                check=True,
                text=True,
            ).stdout
        except (OSError, subprocess.CalledProcessError) as fault:
            reason = str(getattr(fault, "stderr", "") or fault).strip()
            raise UsageError(f"git cannot tell what has changed: {reason}") from None
        changed |= {(sources.root / name).resolve() for name in output.split("\0") if name}
    return changed


def _concerns(violation: "Violation", files: set[Path]) -> bool:
    """Tell whether a finding is about files, or about no single one."""
    places = [violation.file, *(related.place.file for related in violation.related)]
    return violation.file is None or any(p is not None and p.resolve() in files for p in places)


# -- output ---------------------------------------------------------------------------------------


def _show(stage: str) -> None:
    """Show the stage of a check on a terminal, in the place of the one before."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{stage}")
        sys.stderr.flush()


def _print_findings(
    violations: "list[Violation]", arguments: argparse.Namespace, sources: "Sources"
) -> None:
    from service.pipeline.causes import fold
    from service.pipeline.loading import load
    from service.pipeline.report_formats import FORMATS, to_text
    from service.pipeline.rule_book import read_rules

    findings = fold(violations)
    if arguments.format == "text":
        sys.stdout.write(to_text(findings, every=arguments.all))
    else:
        rules = read_rules(load(sources)[0]) if arguments.format == "sarif" else {}
        sys.stdout.write(FORMATS[arguments.format](findings, sources.root, rules))
    sys.stdout.flush()
