"""The sources of a release: their folders, and the digest by which a release records them.

Apart from the pipeline, so that serving an up-to-date release imports none of it.
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
"""The code that shapes a release."""


def code_digest() -> str:
    """Return the SHA-256, in hexadecimal, over the code that shapes a release."""
    return sha256(b"".join(path.read_bytes() for path in CODE)).hexdigest()


@dataclass(frozen=True, slots=True)
class Sources:
    """Two folders: the ontology's and the mapping sets'."""

    ontology: Path
    mappings: Path

    @property
    def root(self) -> Path:
        """The folder of both: of the checkout, if they are in one."""
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

        :param more: further files to include, for example the code that builds.
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
        """The sources and the code, as the manifest of a release records them."""
        return f"{__version__}-{self.digest(*CODE)}"


def _files(root: Path) -> Iterator[Path]:
    """Yield the files of a folder; editors leave hidden ones, and links to nowhere."""
    return (p for p in root.rglob("*") if p.is_file() and not p.name.startswith("."))


def locate() -> Sources:
    """Find the sources to work on.

    Those of the checkout around the current folder come first, so that no clone is taken for
    another; then those beside this package (a checkout) or inside it (an installed wheel).

    :raises SourceError: if they are in none of these places.
    """
    here = Path.cwd()
    for root in (here, *here.parents, _SERVICE.parent, _SERVICE / "data"):
        if (root / "ontology" / "prefixes.ttl").is_file():
            return Sources(root / "ontology", root / "mappings")
    raise SourceError(
        f"There is no ontology/prefixes.ttl in {here}, above it, or beside or inside {_SERVICE}."
    )
