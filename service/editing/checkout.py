"""What git says of the checkout that a release is made from."""

import shutil
import subprocess
from pathlib import Path

from service.problems import UsageError


def refuse_unready(root: Path, tag: str) -> None:
    """Refuse a checkout that has changes, or has the tag already.

    :raises UsageError: if it has, or is no checkout of git.
    """
    if _git(root, "rev-parse", "--show-toplevel").strip() != str(root.resolve()):
        raise UsageError(f"{root} is not the top of a checkout: a release is made there.")
    if changed := _git(root, "status", "--porcelain").splitlines():
        some = ", ".join(line[3:] for line in changed[:3])
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise UsageError(f"The checkout has changes: commit them first ({some}{more}).")
    if _git(root, "tag", "--list", tag).strip():
        raise UsageError(f"The tag {tag} exists: that version has been released.")


def _git(root: Path, *words: str) -> str:
    program = shutil.which("git")
    if program is None:
        raise UsageError("A release needs git, which is not installed.")
    command = [program, "-C", str(root), *words]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    except subprocess.CalledProcessError as fault:
        raise UsageError(f"git cannot read {root}: {fault.stderr.strip()}") from None
