"""The query editor that the set-up installs beside our own scripts, if npm can be reached."""

from pathlib import Path

EDITOR = Path(__file__).parents[1] / "static" / "vendor" / "yasgui"
"""Where the set-up puts the query editor (``hatch_build.py``)."""


def editor_installed() -> bool:
    """Tell whether the query editor is installed; without it the page has the plain form alone."""
    return all((EDITOR / name).is_file() for name in ("yasgui.min.js", "yasgui.min.css"))
