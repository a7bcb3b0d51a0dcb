"""How a view that waits for a query learns that its client has gone."""

from collections.abc import Callable

ENVIRONMENT_KEY = "cdmo.disconnect"
"""The key of the :class:`Disconnect` in the ASGI scope of a request."""


class Disconnect:
    """The end of a client's connection, before it has its answer."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[], object]] = []
        self._fired = False

    def on_disconnect(self, callback: Callable[[], object]) -> None:
        """Call a function, in any thread, when the client disconnects."""
        self._callbacks.append(callback)
        if self._fired:
            callback()

    def fire(self) -> None:
        """Call all functions."""
        self._fired = True
        for callback in self._callbacks:
            callback()
