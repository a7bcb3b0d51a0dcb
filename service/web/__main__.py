"""``python -m service.web`` is one web process; :func:`service.web.server.serve` starts them."""

import sys
from pathlib import Path

from service.web.server import work

work(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
