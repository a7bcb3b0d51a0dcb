"""The writer of JSON-LD 1.1: compact, with its context inside, the same value for the same triples.

Names of our schema are bare words (``@vocab``), a few properties of others have short keys, and
all other names are CURIEs. The context gives the type or language that all values of a property
share, so that the values are plain strings. Lists stay chains of ``rdf:first`` and ``rdf:rest``.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox

from service import iris
from service.formats import JSON_LD
from service.names import Names
from service.rdf.refusals import of_rdf_1_1
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
"""Keys of every node, unless an IRI has such a scheme: then the keywords themselves."""

LINK, ENGLISH, MIXED = "@vocab", "en", ""
"""The type or language that all values of a property share, unless it is a datatype IRI."""

MAX_INTEGER = 2**53
"""Integers below it are exact in JSON."""


def json_ld(triples: Iterable[ox.Triple], names: Names) -> dict[str, Any]:
    """Return the triples as a JSON-LD document: ``@context`` and ``@graph``, a list of nodes.

    :raises NotAcceptable: if there is a term for which JSON-LD has no form.
    """
    triples = list(of_rdf_1_1(triples, JSON_LD))
    context = _Context(triples, names)
    nodes: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        key, value = context.pair(triple.predicate.value, triple.object)
        nodes[node_id(triple.subject)][key].append(value)
    graph = [
        {
            context.id: context.compact(subject),
            **{key: values[0] if len(values) == 1 else values for key, values in node.items()},
        }
        for subject, node in nodes.items()
    ]
    return {"@context": context.document(), "@graph": graph}


class _Context:
    """Short names for the IRIs of triples, and the context that explains those in use."""

    def __init__(self, triples: list[ox.Triple], names: Names) -> None:
        self.names = names
        self.vocabulary = iris.CDMO if iris.CDMO in names.prefixes.values() else ""
        self.shared: dict[str, str] = {}
        used = set()
        for triple in triples:
            predicate, value = triple.predicate.value, triple.object
            iri = value.datatype.value if isinstance(value, ox.Literal) else node_id(value)
            used |= {node_id(triple.subject), iri}
            shared = _shared(value)
            same = self.shared.setdefault(predicate, shared) == shared
            self.shared[predicate] = shared if same else MIXED
        # A key whose type is a key, itself perhaps, may be explained by itself (API §4.2, cyclic).
        for predicate in {p for p, shared in self.shared.items() if shared in self.shared}:
            self.shared[predicate] = MIXED
        # A prefix that is also a scheme would make a CURIE of an IRI (JSON-LD API §5.2).
        schemes = {iri.partition(":")[0] for iri in {*used, *self.shared}}
        self.keywords = {key: word for key, word in KEYWORDS.items() if key not in schemes}
        self.id, self.type = (key if key in self.keywords else KEYWORDS[key] for key in KEYWORDS)
        self.short_keys = {iri: key for iri, key in KEYS.items() if key not in schemes}
        self.unusable = {"", *schemes, *KEYS.values(), *KEYWORDS}
        self.short: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.prefixes: set[str] = set()
        self.definitions: dict[str, Any] = {}

    def document(self) -> dict[str, Any]:
        """Return the context of everything that was written."""
        prefixes = {p: prefix_definition(self.names.prefixes[p]) for p in sorted(self.prefixes)}
        vocabulary = {"@vocab": self.vocabulary} if self.vocabulary else {}
        return {**vocabulary, **self.keywords, **prefixes, **self.definitions}

    def pair(self, predicate: str, value: Term) -> tuple[str, Any]:
        """Return a key and its value, without the type or language that the context gives."""
        if predicate == iris.TYPE and not isinstance(value, ox.Literal):
            return self.type, self.word(node_id(value))
        key, shared = self.key(predicate), self.shared[predicate]
        if not isinstance(value, ox.Literal):
            return key, self.word(node_id(value)) if shared else {
                self.id: self.compact(node_id(value))
            }
        if shared or value.datatype.value == iris.XSD_STRING:
            return key, value.value
        if (plain := native(value)) is not None:
            return key, plain
        if not value.language:
            datatype = self.compact(value.datatype.value)
            return key, {"@value": value.value, self.type: datatype}
        return key, {"@value": value.value, "@language": value.language}

    def key(self, predicate: str) -> str:
        """Return the key of a property, and define it in the context."""
        if predicate not in self.keys:
            key = self.keys[predicate] = self.short_keys.get(predicate) or self.word(predicate)
            shared = self.shared[predicate]
            definition = {"@id": self.compact(predicate)} if predicate in self.short_keys else {}
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


def node_id(node: Term) -> str:
    """Return the IRI of a node, or the label of a blank one with its ``_:``."""
    return node.value if isinstance(node, ox.NamedNode) else str(node)


def _shared(value: Term) -> str:
    """Return the type or language that the context can give for a value, or MIXED."""
    if not isinstance(value, ox.Literal):
        return LINK
    if value.language:
        return ENGLISH if value.language == "en" else MIXED
    plain = value.datatype.value == iris.XSD_STRING or native(value) is not None
    return MIXED if plain else value.datatype.value


def native(literal: ox.Literal) -> bool | int | None:
    """Return a JSON boolean or number that expands to just this literal (JSON-LD API §8.4.2)."""
    if literal.datatype.value == iris.XSD_BOOLEAN and literal.value in ("true", "false"):
        return literal.value == "true"
    if literal.datatype.value == iris.XSD_INTEGER and literal.value.lstrip("-").isdecimal():
        number = int(literal.value)
        return number if str(number) == literal.value and abs(number) < MAX_INTEGER else None
    return None


def prefix_definition(namespace: str) -> Any:
    """Return the definition of a prefix in a context."""
    # A namespace without a URI delimiter at its end needs ``@prefix`` (§4.1.5).
    is_prefix = namespace.endswith(tuple(":/?#[]@"))
    return namespace if is_prefix else {"@id": namespace, "@prefix": True}
