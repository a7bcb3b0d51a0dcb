"""The floor: a constant answer from the same server, with nothing behind it."""

import sys
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, RuntimeModes, TaskImpl

FIELDS = [("Content-Type", "application/sparql-results+json")]
BODY = b'{"head":{},"boolean":true}'


async def application(_: Any, proto: Any) -> None:
    """Answer anything with the same bytes."""
    proto.response_bytes(200, FIELDS, BODY)


if __name__ == "__main__":
    sys.path.insert(0, __file__.rpartition("/")[0])
    Granian(
        "floor:application",
        port=int(sys.argv[1]),
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=1,
        runtime_mode=RuntimeModes.mt,
        task_impl=TaskImpl.rust if sys.version_info < (3, 12) else TaskImpl.asyncio,
    ).serve()
