"""A verb that cannot write says where, why and how to mend it, and leaves no incomplete file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.pipeline import build
from service.release import Release
from service.sources import Sources

from .server import ROOT, has_namespaces, in_namespace

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_namespaces(), reason="needs root and mount namespaces"),
]

TERMS = "ontology/modules/terms.ttl"
SAYS = "cdmo: Something cannot be written: "
FULL = "No space left on device. Make room on that disk, then do it again."
READ_ONLY = "Read-only file system. Make its file system writable, or name another place."


def cdmo(folder: Path, script: str) -> "subprocess.CompletedProcess[str]":
    """Run a script with the command ``cdmo`` in a folder, in its own mount namespace."""
    command = f'cdmo() {{ {sys.executable} -m service "$@"; }}; cd {folder}; {script}'
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SERVICE_")}
    return subprocess.run(
        in_namespace("", "sh", "-c", command),
        env={**environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_build_onto_a_full_disk_leaves_the_latest_release(tiny: Sources) -> None:
    """The build succeeds once there is room."""
    root = tiny.root
    first = build(tiny, root / "dist")
    terms = root / TERMS
    terms.write_text(terms.read_text().replace("marks the skin green", "dyes the skin green"))
    size = sum(path.stat().st_size for path in first.path.rglob("*"))
    result = cdmo(
        root,
        f"mkdir disk; mount -t tmpfs -o size={size * 3 // 2} none disk && cp -a dist/. disk\n"
        "cdmo build --dist disk; echo $?; ls -A disk; cdmo query --release disk/current 'ASK {}'\n"
        "mount -o remount,size=1g disk; cdmo build --dist disk",
    )
    code, *lines = result.stdout.split()
    assert (code, result.returncode) == ("1", 0), result.stderr
    assert lines[:4] == [".lock", first.manifest.name, "current", "yes"]
    assert f"{SAYS}disk: {FULL}\n" in result.stderr
    assert "Traceback" not in result.stderr
    assert Path(lines[4]).parent == root / "disk"
    assert Path(lines[4]).name != first.manifest.name


@pytest.mark.parametrize(
    ("verb", "place"),
    [
        ("build --dist dist", "dist"),
        ("format", TERMS),
        ("rename 'green spot' 'greener spot'", "mappings/hp.sssom.tsv"),
    ],
)
def test_a_verb_on_a_read_only_file_system_says_so(tiny: Sources, verb: str, place: str) -> None:
    terms = tiny.root / TERMS
    if verb == "format":
        terms.write_text(terms.read_text().replace(" ;", "  ;", 1))
    result = cdmo(tiny.root, f"mount --bind . .; mount -o remount,ro,bind .; cd $PWD; cdmo {verb}")
    assert result.returncode == 1, result.stderr
    *_, line = result.stderr.splitlines()
    assert line.startswith(SAYS)
    assert line.endswith(f"{place}: {READ_ONLY}")
    assert "Traceback" not in result.stderr


def test_sources_on_a_full_disk_are_not_truncated(tiny: Sources) -> None:
    """A file written in place would be cut."""
    terms = tiny.root / TERMS
    terms.write_text(terms.read_text().replace(" ;", "  ;", 1))
    result = cdmo(
        tiny.root,
        "mkdir disk; mount -t tmpfs -o size=64m none disk; cp -a ontology mappings disk; cd disk\n"
        "head -c 64m /dev/zero > filler 2>/dev/null; cdmo format; echo $?\n"
        f"cmp ../{TERMS} {TERMS} && find . -name '.*' -type f",
    )
    assert result.stdout == "1\n", result.stderr
    assert f"{TERMS}: {FULL}\n" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_check_without_room_for_temporary_files_says_so(tiny: Sources) -> None:
    """The reasoner reads its input from a temporary file."""
    result = cdmo(
        tiny.root, "mkdir t; mount -t tmpfs -o size=40k none t; export TMPDIR=$PWD/t; cdmo check"
    )
    assert result.returncode == 1
    line = f"{SAYS}the folder of temporary files, which TMPDIR names: {FULL}\n"
    assert result.stderr.endswith(line), result.stderr
    assert "Traceback" not in result.stderr


def test_output_that_cannot_be_written_is_a_failure(small_release: Release, tmp_path: Path) -> None:
    query = "'SELECT * { ?s ?p ?o }'"
    result = cdmo(tmp_path, f"cdmo query --release {small_release.path} {query} > /dev/full")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == f"cdmo: {FULL}"
