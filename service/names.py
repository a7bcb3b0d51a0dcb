"""Names: IRI to CURIE and back, IRI to site path and back.

The prefixes are declared in ``ontology/prefixes.ttl`` (``sh:declare``), the only prefix list, or in
the served data. Published IRIs start with :data:`service.iris.BASE`; on any host the rest of the
IRI is the resource's path. Its document is at ``/doc/…`` ("Cool URIs for the Semantic Web", 303 to
one generic document).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from service import iris

DOCUMENTS = "/doc/"
"""The paths of documents start with this."""

RESOURCE = "/resource"
"""The path of pages about resources with other IRIs; the parameter ``iri`` names the resource."""


_LETTER = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
)
"""PN_CHARS_BASE of Turtle and SPARQL, up to U+FFFF: XML readers may not know later letters."""
_PREFIX = re.compile(
    rf"(?!(?i:xml))(?:[{_LETTER}][{_LETTER}_0-9\u00b7\u0300-\u036f\u203f-\u2040\-]*)?"
)
"""Prefixes that all readers of Turtle and XML accept; some reject a full stop."""


@dataclass(frozen=True)
class Names:
    """The names of one release.

    :param prefixes: prefix to namespace IRI, in the order of declaration. CURIEs are written with
        the first prefix of a namespace, and read with any.

    >>> names = Names({"CDMO": "https://w3id.org/cdmo/id/CDMO_"})
    >>> names.curie("https://w3id.org/cdmo/id/CDMO_0000001")
    'CDMO:0000001'
    >>> names.document("https://w3id.org/cdmo/id/CDMO_0000001")
    '/doc/id/CDMO_0000001'
    """

    prefixes: Mapping[str, str]

    @classmethod
    def load(cls, path: Path) -> "Names":
        """Read the prefixes that a Turtle file declares by ``sh:declare``, in their order.

        :raises FileNotFoundError: if there is no such file.
        :raises SyntaxError: if it is not Turtle.
        """
        prefixes: dict[object, str] = {}
        namespaces: dict[object, str] = {}
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            if isinstance(quad.object, ox.Literal):
                values = {iris.PREFIX: prefixes, iris.NAMESPACE: namespaces}
                values.get(quad.predicate.value, {})[quad.subject] = quad.object.value
        return cls({p: namespaces[node] for node, p in prefixes.items() if node in namespaces})

    @cached_property
    def _writing(self) -> dict[str, str]:
        """Namespace IRI to the prefix for writing its CURIEs."""
        writing: dict[str, str] = {}
        for prefix, namespace in self.prefixes.items():
            if _PREFIX.fullmatch(prefix):
                writing.setdefault(namespace, prefix)
        return writing

    @cached_property
    def _namespace(self) -> re.Pattern[str]:
        """A pattern for the longest namespace that begins an IRI."""
        longest_first = sorted(map(re.escape, self._writing), key=len, reverse=True)
        return re.compile("|".join(longest_first) or "(?!)")

    def declaring(self, prefixes: Mapping[str, str]) -> "Names":
        """Return names with further prefixes, which override those of the same name."""
        if prefixes.items() <= self.prefixes.items():
            return self  # keep the compiled pattern: it takes long to make
        return Names({**self.prefixes, **prefixes})

    @property
    def writing_prefixes(self) -> Mapping[str, str]:
        """The prefixes for writing CURIEs: the first of each namespace."""
        return {prefix: namespace for namespace, prefix in self._writing.items()}

    def curie(self, iri: str) -> str | None:
        """Return the CURIE of an IRI by its longest namespace, or None."""
        match = self._namespace.match(iri)
        return f"{self._writing[match[0]]}:{iri[match.end() :]}" if match else None

    def iri(self, curie: str) -> str | None:
        """Return the IRI of a CURIE; None if the text is none or its prefix is undeclared."""
        prefix, colon, local = curie.partition(":")
        known = colon and prefix in self.prefixes and _PREFIX.fullmatch(prefix)
        return self.prefixes[prefix] + local if known else None

    @staticmethod
    def path(iri: str) -> str | None:
        """Return the site path at which an IRI of ours dereferences, or None for other IRIs.

        The path keeps a fragment, which names a part of the same document.
        """
        return "/" + iri.removeprefix(iris.BASE) if iri.startswith(iris.BASE) else None

    @staticmethod
    def document(iri: str) -> str | None:
        """Return the site path of the document that describes an IRI of ours, or None."""
        return DOCUMENTS + iri.removeprefix(iris.BASE) if iri.startswith(iris.BASE) else None

    @staticmethod
    def resource(iri: str) -> str:
        """Return the path of the page about any IRI in the served data.

        >>> Names.resource("http://e/a#b&c")
        '/resource?iri=http://e/a%23b%26c'
        """
        return f"{RESOURCE}?iri={quote(iri, safe=':/')}"

    @staticmethod
    def from_path(path: str) -> str:
        """Return the IRI for a site path as given by :meth:`path` or :meth:`document`."""
        return iris.BASE + (
            path.removeprefix(DOCUMENTS) if path.startswith(DOCUMENTS) else path[1:]
        )
