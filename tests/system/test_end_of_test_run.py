"""A test run that is terminated or killed leaves no server, worker or browser behind."""

import os
import shutil
import signal
import subprocess
import sys

import pytest

from . import processes
from .server import ROOT, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

SERVER_TEST = "tests/system/test_sparql.py::test_quick_queries_are_answered_during_long_ones"
BROWSER_TEST = "tests/service/site/in_browser/test_pages_in_browser.py"
has_chromium = pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize(
    ("test", "last_started"),
    [
        pytest.param(SERVER_TEST, "-m service.engine.host", id="server"),
        pytest.param(BROWSER_TEST, "--type=renderer", id="browser", marks=has_chromium),
    ],
)
def test_an_ended_test_run_leaves_no_process(
    test: str, last_started: str, number: signal.Signals
) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    started: set[int] = set()
    try:

        def has_started_all() -> bool:
            started.update(processes.descendants(run.pid))
            return any(last_started in processes.command(pid) for pid in started)

        assert wait_until(has_started_all, 60)
        os.kill(run.pid, number)
        run.wait(30)
        assert wait_until(lambda: all(map(processes.has_ended, started))), [
            processes.command(pid) for pid in started if not processes.has_ended(pid)
        ]
    finally:
        for pid in {run.pid, *started}:
            if not processes.has_ended(pid):
                os.kill(pid, signal.SIGKILL)
        run.wait()
