"""The sandbox: a process can give up the network, and memory beyond a limit."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the wall is Linux's")


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, since it cannot take its restrictions back."""
    code = f"from service.engine import sandbox\n{code}"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
def test_internet_sockets_are_refused(family: str) -> None:
    result = run(f"import socket\nassert sandbox.forbid_network()\nsocket.socket(socket.{family})")
    assert "PermissionError" in result.stderr


def test_other_sockets_are_allowed() -> None:
    code = "import socket\nassert sandbox.forbid_network()\nsocket.socket(socket.AF_UNIX)"
    assert run(code).returncode == 0


def test_memory_beyond_the_limit_is_refused() -> None:
    allocate = "sandbox.limit_memory(100_000_000)\nbytearray({})"
    assert run(allocate.format(50_000_000)).returncode == 0
    assert "MemoryError" in run(allocate.format(200_000_000)).stderr


def test_a_process_dies_with_its_parent() -> None:
    child = (
        "from service.engine import sandbox; sandbox.die_with_parent(); print(flush=True); input()"
    )
    parent = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}],\n"
        "    stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\nprint(child.pid, flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        pid = int(process.stdout.readline())
        process.kill()
    end = time.monotonic() + 5
    while _is_running(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _is_running(pid)


def test_a_process_ends_if_its_parent_has_ended_already() -> None:
    here = os.getpid()
    assert run(f"sandbox.die_with_parent({here})").returncode == 0
    assert run(f"sandbox.die_with_parent({here + 1})").returncode == 1


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_time_limit_of_the_kernel_ends_a_process() -> None:
    """Workers need it, since a query in the engine cannot be interrupted."""
    code = "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.1)\nwhile True: pass"
    assert run(code).returncode == -signal.SIGALRM
