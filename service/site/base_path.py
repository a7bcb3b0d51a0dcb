"""Links of pages whose service stands below a path of its host.

Everything else knows only paths from the root of the service. The server takes the base path from
the requests (:mod:`service.server.public`) and adds it to header fields; here pages get it.
"""

import re

from flask import Response, current_app

_LINK = re.compile(r'(?<=\s)((?:href|src|action|formaction)=")/(?!/)')
"""A link from the root. In text a quotation mark is escaped, so that it begins only attributes."""


def add(page: str) -> str:
    """Return an HTML page with the base path in its links from the root."""
    base = current_app.config["BASE_PATH"]
    return _LINK.sub(rf"\g<1>{base}/", page) if base else page


def complete(response: Response) -> Response:
    """Add the base path to the links of a response that is a page."""
    if current_app.config["BASE_PATH"] and response.mimetype == "text/html":
        response.direct_passthrough = False
        response.set_data(add(response.get_data(as_text=True)))
    return response
