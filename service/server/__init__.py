"""The ASGI application, and how it is served.

:class:`service.server.app.Application` is an ordinary ASGI 3 application: any ASGI server can run
it. ``cdmo serve`` runs it on Granian (:mod:`service.server.run`).
"""
