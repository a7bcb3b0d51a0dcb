"""The web wing: a Flask application over one opened release.

:func:`create_app` is the only way in; nothing is read at import.
"""

from typing import TYPE_CHECKING

from service.engine import Engine
from service.release import Release
from service.settings import Settings

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: Settings, release: Release, engine: Engine) -> "Flask":
    """Return the application that serves ``release``.

    :param engine: answers queries, each in a process that can be ended.
    """
    # Here, not above: the endpoint of this package answers before Flask is loaded.
    from service.site.application import create_app as make  # noqa: PLC0415

    return make(settings, release, engine)
