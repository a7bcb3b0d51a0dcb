"""Scripts of others that are installed beside ours, or not."""

from pathlib import Path

VENDOR = Path(__file__).parent / "static" / "vendor" / "yasgui"
"""Where the set-up puts the query editor (``hatch_build.py``)."""


def editor_installed() -> bool:
    """Say whether the query editor is there; without it the page shows the plain form alone."""
    return all((VENDOR / name).is_file() for name in ("yasgui.min.js", "yasgui.min.css"))
