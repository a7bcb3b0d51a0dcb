"""``cdmo check``: the files that it reports on, the sources it checks, and watching them."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.cli import main, watching
from service.sources import Sources, locate

Edit = Callable[[str, str, str], Path]
ROOT = Path(__file__).parents[3]
CLAIMS, TERMS = "ontology/claims/claims.ttl", "ontology/modules/terms.ttl"
WRONG_TERM = (TERMS, '"an intervention that greases the skin"', '"greasing the skin"')
WRONG_CLAIM = (CLAIMS, "cdmo:relation cdmo:detects", "cdmo:relation cdmo:sees")


@pytest.fixture
def run(
    tiny: Sources,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Callable[..., tuple[int, str, str]]:
    """A function that runs ``cdmo check`` on the tiny sources: exit code, output, progress."""

    def check(*words: str) -> tuple[int, str, str]:
        monkeypatch.chdir(tiny.root)
        capfd.readouterr()
        code = main(["check", "--dist", str(tmp_path / "dist"), *words])
        return code, *capfd.readouterr()

    return check


def test_only_findings_in_named_files_are_reported(
    run: Callable[..., tuple[int, str, str]], edit: Edit
) -> None:
    edit(*WRONG_TERM)
    edit(*WRONG_CLAIM)
    code, output, progress = run(TERMS)
    assert code == 1
    assert "definition-form" in output
    assert "claim-relation-unknown" not in output
    assert "findings in other files: cdmo check" in progress
    assert "definition-form" in run("ontology/modules")[1]
    code, output, _ = run("ontology/display.ttl")
    assert (code, output) == (0, "")
    assert run("README.md")[0] == 2


def test_only_findings_in_changed_files_are_reported(
    run: Callable[..., tuple[int, str, str]], edit: Edit, tiny: Sources
) -> None:
    edit(*WRONG_CLAIM)
    git = ["git", "-C", str(tiny.root), "-c", "user.name=n", "-c", "user.email=e@example.org"]
    assert run("--changed")[0] == 2
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *command], check=True)
    assert run("--changed")[1:] == (
        "",
        "Checking ontology and mappings\nNo file of the sources has changed.\n",
    )
    edit(*WRONG_TERM)
    (tiny.ontology / "questions" / "new.ttl").write_text("not Turtle")
    _, output, _ = run("--changed")
    assert "definition-form" in output
    assert "questions/new.ttl:1" in output
    assert "claim-relation-unknown" not in output


def test_the_checkout_around_the_current_folder_is_checked(
    tiny: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(tiny.root, clone)
    for folder in (clone, clone / "ontology" / "claims"):
        monkeypatch.chdir(folder)
        assert locate().root == clone
    monkeypatch.chdir("/")
    assert locate().root == ROOT


def test_watching_checks_again_at_each_change(tiny: Sources, edit: Edit, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "service",
        "check",
        "--watch",
        "--dist",
        str(tmp_path / "dist"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=tiny.root, env=environment, stdout=-1, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        lines = iter(process.stdout.readline, "")

        def until(words: str) -> str:
            seen = []
            for line in lines:
                seen.append(line)
                if words in line:
                    return "".join(seen)
            raise AssertionError("".join(seen))

        try:
            assert until("Watching for changes").count("Checking ") == 1
            edit(*WRONG_TERM)
            assert "definition-form" in until(" errors, ")
            path = edit(TERMS, "@prefix", "@prefixx")
            assert f"Changed: {TERMS}" in (output := until(" errors, "))
            assert "turtle-syntax" in output
            path.unlink()
            assert f"Changed: {TERMS}" in until(" errors, ")
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()


def test_changes_count_once_files_stay_unchanged() -> None:
    a, b = Path("a"), Path("b")
    states = [{a: (1, 1, 1)}] * 2 + [{a: (2, 1, 1)}, {a: (2, 1, 1), b: (1, 1, 1)}]
    states += [{a: (3, 1, 1), b: (1, 1, 1)}] * 3
    samples: Iterator[watching.State] = iter(states)
    changed = watching.changes(lambda: next(samples), lambda _: None)
    assert next(changed) == {a, b}
