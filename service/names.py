"""Names: IRI to CURIE and back, IRI to site path and back.

The prefixes are those of ``ontology/prefixes.ttl`` (``sh:declare``), the only prefix list.
Published IRIs start with :data:`BASE`; on any host the same resource lives at the path that
follows it. Its document is at ``/doc/…`` ("Cool URIs for the Semantic Web", 303 to one
generic document).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from service import iris

if TYPE_CHECKING:
    import curies

BASE, ONTOLOGY, LICENCE = iris.BASE, iris.ONTOLOGY, iris.LICENCE

DOCUMENTS = "/doc/"
"""Where the documents that describe resources live."""


@dataclass(frozen=True)
class Names:
    """The names of one release.

    :param prefixes: prefix to namespace IRI.

    >>> names = Names({"CDMO": "https://w3id.org/cdmo/id/CDMO_"})
    >>> names.curie("https://w3id.org/cdmo/id/CDMO_0000001")
    'CDMO:0000001'
    >>> names.document("https://w3id.org/cdmo/id/CDMO_0000001")
    '/doc/id/CDMO_0000001'
    """

    prefixes: Mapping[str, str]

    @classmethod
    def load(cls, path: Path) -> "Names":
        """Read the ``sh:declare`` list in the Turtle file at ``path``."""
        import curies  # noqa: PLC0415 - see _converter

        return cls(dict(curies.Converter.from_shacl(path).bimap))

    @cached_property
    def _converter(self) -> "curies.Converter":
        # Here, not above: it takes a tenth of a second, and answering queries needs none of it.
        import curies  # noqa: PLC0415

        return curies.Converter.from_prefix_map(dict(self.prefixes))

    def curie(self, iri: str) -> str | None:
        """Return the CURIE of an IRI, by its longest namespace, or None."""
        return self._converter.compress(iri)

    def iri(self, curie: str) -> str | None:
        """Return the IRI of a CURIE, or None if its prefix is not declared."""
        return self._converter.expand(curie)

    @staticmethod
    def path(iri: str) -> str | None:
        """Return the site path at which an IRI of ours dereferences, or None for others.

        A fragment stays: it names a part of the same document.
        """
        return "/" + iri.removeprefix(BASE) if iri.startswith(BASE) else None

    @staticmethod
    def document(iri: str) -> str | None:
        """Return the site path of the document that describes an IRI of ours, or None."""
        return DOCUMENTS + iri.removeprefix(BASE) if iri.startswith(BASE) else None

    @staticmethod
    def from_path(path: str) -> str:
        """Return the IRI for a site path as given by :meth:`path` or :meth:`document`."""
        return BASE + (path.removeprefix(DOCUMENTS) if path.startswith(DOCUMENTS) else path[1:])
