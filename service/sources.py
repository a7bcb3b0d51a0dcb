"""The sources of a release: their folders, and their digest, which the release records.

This is no part of the pipeline, so that serving an up-to-date release need not import it.
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
    *(_SERVICE / f"{name}.py" for name in ("changes", "iris", "names", "release")),
)
"""The code that a release depends on."""


def code_digest() -> str:
    """Return the SHA-256, in hexadecimal, over the code that a release depends on."""
    return sha256(b"".join(path.read_bytes() for path in CODE)).hexdigest()


@dataclass(frozen=True, slots=True)
class Sources:
    """The folders of the ontology and of the mapping sets."""

    ontology: Path
    mappings: Path

    @property
    def root(self) -> Path:
        """The folder that contains both; in a checkout, its root."""
        return self.ontology.parent

    @property
    def files(self) -> list[Path]:
        """All files, sorted by path."""
        return sorted(path for root in (self.ontology, self.mappings) for path in _files(root))

    @property
    def turtle_files(self) -> list[Path]:
        """All Turtle files, sorted by path."""
        return sorted(path for path in _files(self.ontology) if path.suffix == ".ttl")

    @property
    def mapping_files(self) -> list[Path]:
        """The released mapping sets, sorted by name."""
        return sorted(self.mappings.glob("*.sssom.tsv"))

    def digest(self, *more: Path) -> str:
        """Return the SHA-256, in hexadecimal, over names and bytes of all source files.

        :param more: further files to include, for example the code.
        :raises SourceError: if a file cannot be read.
        """
        files = {
            p: p.relative_to(root) for root in (self.ontology, self.mappings) for p in _files(root)
        }
        total = sha256()
        for path in sorted({*files, *more}):
            try:
                data = path.read_bytes()
            except OSError as error:
                raise SourceError(f"{path} cannot be read: {error.strerror or error}") from None
            total.update(f"{files.get(path, path.name)} {len(data)}\n".encode())
            total.update(data)
        return total.hexdigest()

    @property
    def identity(self) -> str:
        """The digest of sources and code that a release's manifest records."""
        return f"{__version__}-{self.digest(*CODE)}"


def _files(root: Path) -> Iterator[Path]:
    """Yield a folder's files, but not the hidden files and broken links that editors leave."""
    return (p for p in root.rglob("*") if p.is_file() and not p.name.startswith("."))


def locate() -> Sources:
    """Find the sources to work on.

    The checkout around the current folder comes first, so that each clone uses its own sources;
    then the sources beside this package (a checkout) or inside it (an installed wheel).

    :raises SourceError: if they are in none of these places.
    """
    here = Path.cwd()
    for root in (here, *here.parents, _SERVICE.parent, _SERVICE / "data"):
        if (root / "ontology" / "prefixes.ttl").is_file():
            return Sources(root / "ontology", root / "mappings")
    raise SourceError(
        f"There is no ontology/prefixes.ttl in {here}, above it, or beside or inside {_SERVICE}."
    )
