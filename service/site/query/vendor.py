"""What the set-up installs beside our own scripts, if npm can be reached."""

from pathlib import Path

VENDOR = Path(__file__).parents[1] / "static" / "vendor"
"""Where the set-up puts it (``hatch_build.py``)."""


def editor_installed() -> bool:
    """Tell whether the query editor is installed; without it the page has the plain form alone."""
    return _has("yasgui/yasgui.min.js", "yasgui/yasgui.min.css")


def engine_installed() -> bool:
    """Tell whether the engine is installed with which an export answers queries in the browser."""
    return _has("oxigraph/web.js", "oxigraph/web_bg.wasm")


def _has(*names: str) -> bool:
    return all((VENDOR / name).is_file() for name in names)
