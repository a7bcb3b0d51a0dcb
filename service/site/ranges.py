"""Byte ranges of files (RFC 9110 §14): one range is sent; what else is asked for is ignored.

Werkzeug sends one range; it refuses requests for several, in other units, or that are malformed,
all of which a server answers as if the field were absent.
"""

import re

from flask import request

_ONE = re.compile(r"(?i:bytes)=(?:([0-9]{1,18})-([0-9]{0,18})|-[0-9]{1,18})")


def ignore_others() -> None:
    """Remove a ``Range`` field that does not ask for one range of bytes."""
    one = _ONE.fullmatch(request.headers.get("Range", "").strip())
    if one is None or (one[2] and int(one[1]) > int(one[2])):
        request.environ.pop("HTTP_RANGE", None)
