"""``python -m service.engine`` is the host process; :class:`service.engine.Host` starts it."""

from service.engine.host import main

main()
