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
    iris.LABEL: "label",
    iris.COMMENT: "comment",
    iris.SUBCLASS: "subClassOf",
    iris.DEFINITION: "definition",
    iris.REPLACED_BY: "replacedBy",
    iris.EXACT_SYNONYM: "exactSynonym",
    iris.RELATED_SYNONYM: "relatedSynonym",
    iris.NARROW_SYNONYM: "narrowSynonym",
    iris.BROAD_SYNONYM: "broadSynonym",
    iris.PASSAGE: "citedPassage",  # "passage" is a prefix
}
"""Properties with a short key."""

KEYWORDS = {"id": "@id", "type": "@type"}

MAX_DEPTH = 6
"""Nodes inside nodes below a root; a deeper node stands at the top."""

LINK, ENGLISH, MIXED = "@vocab", "en", ""
"""What the values of a property share, unless it is a datatype IRI."""


def json_ld(triples: Iterable[ox.Triple], names: Names, root: str = "") -> dict[str, Any]:
    """Return the triples as a JSON-LD document: ``@context`` and ``@graph``.

    :param root: an IRI. Its node comes first and holds the others: each node stands where it is
        first mentioned, and the nodes that point at the root stand below it (``@reverse``).
        Without it every node stands at the top, in the order of the triples.
    :raises ValueError: if there is a triple term, for which JSON-LD has no form.
    """
    document = _Document(triples, names, root)
    graph = [document.root_node()] if root else []
    while document.nodes:
        graph.append(document.node(next(iter(document.nodes)), 0))
    return {"@context": document.context(), "@graph": graph}


class _Document:
    """The nodes that are still to be written, and what the context of the others needs."""

    def __init__(self, triples: Iterable[ox.Triple], names: Names, root: str) -> None:
        self.names = names
        self.vocabulary = iris.CDMO if iris.CDMO in names.prefixes.values() else ""
        self.root = root
        self.nodes: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self.mentions: Counter[str] = Counter()
        self.shared: dict[str, str] = {}
        datatypes = set()
        for triple in triples:
            predicate, value = triple.predicate.value, triple.object
            self.nodes[_id(triple.subject)][predicate].append(value)
            if isinstance(value, ox.Literal):
                datatypes.add(value.datatype.value)
            else:
                self.mentions[_id(value)] += 1
            shared = _shared(value)
            same = self.shared.setdefault(predicate, shared) == shared
            self.shared[predicate] = shared if same else MIXED
        # A prefix that is also a scheme would make a CURIE of an IRI (JSON-LD API §5.2).
        used = {*self.nodes, *self.mentions, *self.shared, *datatypes}
        schemes = {iri.partition(":")[0] for iri in used if "://" not in iri}
        self.unusable = {"", *schemes, *KEYS.values(), *KEYWORDS}
        self.short: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.prefixes: set[str] = set()
        self.definitions: dict[str, Any] = {}

    def context(self) -> dict[str, Any]:
        """Return the context of everything that was written."""
        prefixes = {p: _namespace(self.names.prefixes[p]) for p in sorted(self.prefixes)}
        vocabulary = {"@vocab": self.vocabulary} if self.vocabulary else {}
        return {**vocabulary, **KEYWORDS, **prefixes, **self.definitions}

    def root_node(self) -> dict[str, Any]:
        """Return the node of the root, with the nodes that point at it."""
        pointing = [
            (subject, predicate)
            for subject, properties in self.nodes.items()
            for predicate, values in properties.items()
            if subject != self.root and predicate != iris.TYPE
            if any(_is_node(value, self.root) for value in values)
        ]
        node = self.node(self.root, 0)
        reverse: dict[str, list[Any]] = defaultdict(list)
        for subject, predicate in pointing:
            if properties := self.nodes.get(subject):
                values = properties[predicate]
                properties[predicate] = [v for v in values if not _is_node(v, self.root)]
                self.mentions[subject] += 1
                reverse[self.key(predicate)].append(self.node(subject, 1))
        if reverse:
            node["@reverse"] = {key: _one(nodes) for key, nodes in reverse.items()}
        return node

    def node(self, subject: str, depth: int) -> dict[str, Any]:
        """Return a node that is not yet written, with the nodes that it is the first to mention."""
        properties = self.nodes.pop(subject, {})
        # A blank node that only its holder mentions needs no label.
        nameless = subject.startswith("_:") and self.mentions[subject] == 1 and depth
        node: dict[str, Any] = {} if nameless else {"id": self.compact(subject)}
        for predicate, values in properties.items():
            if predicate == iris.TYPE:
                node["type"] = _one([self.word(_id(value)) for value in values])
            elif values:
                shared = self.shared[predicate]
                written = [self.value(value, shared, depth + 1) for value in values]
                node[self.key(predicate)] = _one(written)
        return node

    def value(self, value: Term, shared: str, depth: int) -> Any:
        """Return a value of a property, without what the context says of all its values."""
        if not isinstance(value, ox.Literal):
            name = _id(value)
            if self.root and name in self.nodes and depth < MAX_DEPTH:
                return self.node(name, depth)
            return self.word(name) if shared else {"id": self.compact(name)}
        if shared or value.datatype.value == iris.XSD_STRING:
            return value.value
        if (native := _native(value)) is not None:
            return native
        if not value.language:
            return {"@value": value.value, "@type": self.compact(value.datatype.value)}
        direction = {"@direction": value.direction.value} if value.direction else {}
        return {"@value": value.value, "@language": value.language, **direction}

    def key(self, predicate: str) -> str:
        """Return the key of a property, and define it in the context."""
        if predicate not in self.keys:
            key = self.keys[predicate] = KEYS.get(predicate) or self.word(predicate)
            shared = self.shared[predicate]
            definition = {"@id": self.compact(predicate)} if predicate in KEYS else {}
            if shared == ENGLISH:
                definition["@language"] = ENGLISH
            elif shared:
                definition["@type"] = LINK if shared == LINK else self.compact(shared)
            if definition:
                self.definitions[key] = definition
        return self.keys[predicate]

    def word(self, iri: str) -> str:
        """Return the bare local name of an IRI of our schema, unless it has another meaning."""
        local = iri.removeprefix(self.vocabulary)
        plain = local != iri and local.isalnum() and local[0].isalpha()
        taken = local in self.unusable or local in self.names.prefixes
        return local if plain and not taken else self.compact(iri)

    def compact(self, iri: str) -> str:
        """Return the CURIE of an IRI if there is one that JSON-LD reads, and note its prefix."""
        if iri not in self.short:
            curie = None if iri.startswith("_:") else self.names.curie(iri)
            prefix, _, local = (curie or "").partition(":")
            # "prefix://..." would be read as an IRI (JSON-LD API §5.2).
            if curie is None or prefix in self.unusable or local.startswith("//"):
                self.short[iri] = iri
            else:
                self.short[iri] = curie
                self.prefixes.add(prefix)
        return self.short[iri]


def _id(node: Term) -> str:
    if isinstance(node, ox.Triple):
        raise ValueError("JSON-LD has no triple terms")
    return node.value if isinstance(node, ox.NamedNode) else str(node)


def _is_node(value: Term, iri: str) -> bool:
    return isinstance(value, ox.NamedNode) and value.value == iri


def _shared(value: Term) -> str:
    """Return what the context can say for a value; MIXED for nothing."""
    if not isinstance(value, ox.Literal):
        return LINK
    if value.language:
        return ENGLISH if value.language == "en" and not value.direction else MIXED
    plain = value.datatype.value == iris.XSD_STRING or _native(value) is not None
    return MIXED if plain else value.datatype.value


def _native(value: ox.Literal) -> bool | int | None:
    """Return a JSON boolean or number that expands to just this literal (JSON-LD API §8.4.2)."""
    if value.datatype.value == iris.XSD_BOOLEAN and value.value in ("true", "false"):
        return value.value == "true"
    if value.datatype.value == iris.XSD_INTEGER and value.value.lstrip("-").isdecimal():
        number = int(value.value)
        return number if str(number) == value.value and abs(number) < 2**53 else None
    return None


def _namespace(namespace: str) -> Any:
    # A namespace that ends in no URI delimiter is a prefix only if it says so (§4.1.5).
    is_prefix = namespace.endswith(tuple(":/?#[]@"))
    return namespace if is_prefix else {"@id": namespace, "@prefix": True}


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
