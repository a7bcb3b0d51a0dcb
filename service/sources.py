"""The sources of a release: where they are, and whether they are the ones it was built from.

Apart from the build wing, so that serving a release that is up to date loads none of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from service import __version__
from service.problems import SourceError

_SERVICE = Path(__file__).parent

CODE = (
    *sorted((_SERVICE / "pipeline").glob("*.py")),
    *sorted((_SERVICE / "rdf").glob("*.py")),
    _SERVICE / "changes.py",
)
"""The code that shapes a release."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Two folders: the ontology's and the mapping sets'."""

    ontology: Path
    mappings: Path

    @property
    def turtle_files(self) -> list[Path]:
        """All Turtle files, sorted by path."""
        return sorted(self.ontology.rglob("*.ttl"))

    def digest(self, *more: Path) -> str:
        """Return the SHA-256, in hexadecimal, over names and bytes of all source files.

        :param more: further files that matter, for example the code that builds.
        """
        files = {
            p: p.relative_to(root) for root in (self.ontology, self.mappings) for p in _files(root)
        }
        total = sha256()
        for path in sorted({*files, *more}):
            data = path.read_bytes()
            total.update(f"{files.get(path, path.name)} {len(data)}\n".encode())
            total.update(data)
        return total.hexdigest()

    @property
    def identity(self) -> str:
        """What a release says of the sources and the code it was built from."""
        return f"{__version__}-{self.digest(*CODE)}"


def _files(root: Path) -> Iterator[Path]:
    return (p for p in root.rglob("*") if p.is_file() and not p.name.startswith("."))


def locate() -> Sources:
    """Find the sources beside this package (a checkout) or inside it (an installed wheel).

    :raises SourceError: if they are in neither place.
    """
    for root in (_SERVICE.parent, _SERVICE / "data"):
        if (root / "ontology" / "prefixes.ttl").is_file():
            return Sources(root / "ontology", root / "mappings")
    raise SourceError(f"There is no ontology/prefixes.ttl beside or inside {_SERVICE}.")
