"""The writer of JSON-LD 1.1: compact, with its context inside, the same value for the same triples.

Names of our schema are bare words (``@vocab``), a few properties of others have short keys, and
all other names are CURIEs. The context gives the type or language that all values of a property
share, so that the values are plain strings. Lists stay chains of ``rdf:first`` and ``rdf:rest``.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox

from service import iris
from service.names import Names
from service.rdf.terms import Term

KEYS = {
    "label": iris.LABEL,
    "comment": iris.COMMENT,
    "subClassOf": iris.SUBCLASS,
    "definition": iris.DEFINITION,
    "replacedBy": iris.REPLACED_BY,
    "exactSynonym": iris.EXACT_SYNONYM,
    "relatedSynonym": iris.RELATED_SYNONYM,
    "narrowSynonym": iris.NARROW_SYNONYM,
    "broadSynonym": iris.BROAD_SYNONYM,
    "citedPassage": iris.PASSAGE,
}
"""Short keys and their properties. ``passage`` is a prefix, so that property needs another key."""

KEYWORDS = {"id": "@id", "type": "@type"}

MAX_DEPTH = 6
"""Nodes inside nodes below a root; a deeper node stands at the top."""

LINK, ENGLISH, MIXED = "@vocab", "en", ""
"""What the values of a property have in common, unless it is a datatype IRI."""


def json_ld(triples: Iterable[ox.Triple], names: Names, root: str = "") -> dict[str, Any]:
    """Return the triples as a JSON-LD document: ``@context`` and ``@graph``.

    :param root: an IRI. Its node comes first and holds the others: each node stands where it is
        first mentioned, and the nodes that point at the root stand below it (``@reverse``).
        Without it every node stands at the top, in the order of the triples.
    :raises ValueError: if there is a triple term, for which JSON-LD has no form.
    """
    return _Document(triples, names, root).value()


class _Document:
    """The nodes that are still to be written, and the context that the written ones need."""

    def __init__(self, triples: Iterable[ox.Triple], names: Names, root: str) -> None:
        self.names = names
        self.root = root
        self.nodes: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self.mentions: Counter[str] = Counter()
        self.common: dict[str, str] = {}
        datatypes = set()
        for triple in triples:
            predicate, value = triple.predicate.value, triple.object
            self.nodes[_id(triple.subject)][predicate].append(value)
            if isinstance(value, ox.Literal):
                common = _common(value)
                datatypes.add(value.datatype.value)
            else:
                common = LINK
                self.mentions[_id(value)] += 1
            known = self.common.setdefault(predicate, common)
            self.common[predicate] = common if known == common else MIXED
        ids = (
            iri.partition(":") for iri in {*self.nodes, *self.mentions, *self.common, *datatypes}
        )
        # A prefix that is also a scheme would make a CURIE of an IRI (JSON-LD API §5.2).
        schemes = {scheme for scheme, _, rest in ids if not rest.startswith("//")}
        self.unusable = {"", *schemes, *KEYS, *KEYWORDS}
        self.keys = {iri: key for key, iri in KEYS.items()}
        self.short: dict[str, str] = {}
        self.prefixes: set[str] = set()
        self.bare = False
        self.coercions: dict[str, dict[str, str]] = {}

    def value(self) -> dict[str, Any]:
        """Return the document; it can be made once."""
        graph = [self.root_node()] if self.root else []
        while self.nodes:
            graph.append(self.node(next(iter(self.nodes)), 0))
        vocabulary = {"@vocab": iris.CDMO} if self.bare else {}
        prefixes = {
            prefix: _prefix(self.names.prefixes[prefix]) for prefix in sorted(self.prefixes)
        }
        context = {**vocabulary, **KEYWORDS, **prefixes, **self.coercions}
        return {"@context": context, "@graph": graph}

    def root_node(self) -> dict[str, Any]:
        """Return the node of the root, with the nodes that point at it."""
        pointing = [
            (subject, predicate)
            for subject, properties in self.nodes.items()
            for predicate, values in properties.items()
            if predicate != iris.TYPE and subject != self.root
            for value in values
            if not isinstance(value, ox.Literal) and _id(value) == self.root
        ]
        node = self.node(self.root, 0)
        reverse: dict[str, list[Any]] = defaultdict(list)
        for subject, predicate in pointing:
            if subject in self.nodes:
                values = self.nodes[subject][predicate]
                values[:] = [value for value in values if _id(value) != self.root]
                self.mentions[subject] += 1
                reverse[predicate].append(self.node(subject, 1))
        if reverse:
            node["@reverse"] = {self.key(p): _one(nodes) for p, nodes in reverse.items()}
            for predicate in reverse:
                self.define(predicate, [])
        return node

    def node(self, subject: str, depth: int) -> dict[str, Any]:
        """Return a node that is not yet written, with the nodes that it is the first to mention."""
        properties = self.nodes.pop(subject, {})
        node: dict[str, Any] = {}
        if not subject.startswith("_:") or self.mentions[subject] != 1 or not depth:
            node["id"] = self.compact(subject)
        for predicate, values in properties.items():
            if predicate == iris.TYPE:
                node["type"] = _one([self.word(_id(value)) for value in values])
            elif values:
                written = [
                    self.object(value, self.common[predicate], depth + 1) for value in values
                ]
                node[self.key(predicate)] = _one(written)
                self.define(predicate, written)
        return node

    def object(self, value: Term, common: str, depth: int) -> Any:
        if isinstance(value, ox.Literal):
            return value.value if common else self.literal(value)
        name = _id(value)
        if self.root and name in self.nodes and depth < MAX_DEPTH:
            return self.node(name, depth)
        return self.word(name) if common else {"id": self.compact(name)}

    def literal(self, value: ox.Literal) -> Any:
        if value.language:
            direction = {"@direction": value.direction.value} if value.direction else {}
            return {"@value": value.value, "@language": value.language, **direction}
        if value.datatype.value == iris.XSD_STRING:
            return value.value
        if (native := _native(value)) is not None:
            return native
        return {"@value": value.value, "@type": self.compact(value.datatype.value)}

    def key(self, predicate: str) -> str:
        return self.keys.get(predicate) or self.word(predicate)

    def define(self, predicate: str, written: list[Any]) -> None:
        """Put into the context what the written values of a property leave out."""
        key, common = self.key(predicate), self.common[predicate]
        definition = self.coercions.get(key, {})
        if key in KEYS:
            definition["@id"] = self.compact(predicate)
        if common == ENGLISH:
            definition["@language"] = ENGLISH
        elif common == LINK:
            if any(isinstance(value, str) for value in written):
                definition["@type"] = LINK
        elif common:
            definition["@type"] = self.compact(common)
        if definition:
            self.coercions[key] = definition

    def word(self, iri: str) -> str:
        """Return the bare local name of an IRI of our schema, unless it has another meaning."""
        local = iri.removeprefix(iris.CDMO)
        plain = local != iri and local.isalnum() and local[0].isalpha()
        if not plain or local in self.unusable or local in self.names.prefixes:
            return self.compact(iri)
        self.bare = True
        return local

    def compact(self, iri: str) -> str:
        """Return the CURIE of an IRI if there is one that JSON-LD reads; note its prefix."""
        if (short := self.short.get(iri)) is None:
            curie = None if iri.startswith("_:") else self.names.curie(iri)
            prefix, _, local = (curie or "").partition(":")
            # "prefix://..." would be read as an IRI (JSON-LD API §5.2).
            if curie is None or prefix in self.unusable or local.startswith("//"):
                short = iri
            else:
                short = curie
                self.prefixes.add(prefix)
            self.short[iri] = short
        return short


def _id(node: Term) -> str:
    if isinstance(node, ox.Triple):
        raise ValueError("JSON-LD has no triple terms")
    return node.value if isinstance(node, ox.NamedNode) else str(node)


def _common(value: ox.Literal) -> str:
    """Return what the context can give for a literal; MIXED for nothing."""
    if value.language:
        return ENGLISH if value.language == "en" and not value.direction else MIXED
    datatype = value.datatype.value
    return MIXED if datatype == iris.XSD_STRING or _native(value) is not None else datatype


def _native(value: ox.Literal) -> bool | int | None:
    """Return a JSON boolean or number that expands to just this literal (JSON-LD API §8.4.2)."""
    if value.datatype.value == iris.XSD_BOOLEAN and value.value in ("true", "false"):
        return value.value == "true"
    if value.datatype.value == iris.XSD_INTEGER and value.value.lstrip("-").isdigit():
        number = int(value.value)
        return number if str(number) == value.value and abs(number) < 2**53 else None
    return None


def _prefix(namespace: str) -> Any:
    # A namespace that ends in no URI delimiter is a prefix only if it says so (§4.1.5).
    if namespace.endswith(tuple(":/?#[]@")):
        return namespace
    return {"@id": namespace, "@prefix": True}


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
