"""Triples to bytes: Turtle, N-Triples, RDF/XML, and JSON-LD compacted with our own context.

All of them hold the same triples; only the spelling differs. The JSON-LD carries its context
inside, so that nothing has to be fetched to read it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyoxigraph as ox

from service.names import Names

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
XSD_BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"
XSD_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"

ALIASES = {
    "label": "rdfs:label",
    "comment": "rdfs:comment",
    "subClassOf": "rdfs:subClassOf",
    "definition": "IAO:0000115",
    "replacedBy": "IAO:0100001",
    "exactSynonym": "oboInOwl:hasExactSynonym",
    "relatedSynonym": "oboInOwl:hasRelatedSynonym",
    "narrowSynonym": "oboInOwl:hasNarrowSynonym",
    "broadSynonym": "oboInOwl:hasBroadSynonym",
    "subject": "cdmo:subject",
    "relation": "cdmo:relation",
    "object": "cdmo:object",
    "polarity": "cdmo:polarity",
    "modality": "cdmo:modality",
    "citation": "cdmo:citation",
    "citedPassage": "cdmo:passage",
    "hedge": "cdmo:hedge",
    "statedIn": "cdmo:statedIn",
    "evidence": "cdmo:evidence",
}
"""Short keys of our JSON-LD context; none is a prefix. Every other property is a CURIE."""

Triples = Iterable[ox.Triple]


def turtle(triples: Triples, names: Names) -> bytes:
    """Return the triples as Turtle (UTF-8), with the prefixes that they use."""
    found = _relabelled(triples)
    return ox.serialize(found, format=ox.RdfFormat.TURTLE, prefixes=_used(found, names)) or b""


def n_triples(triples: Triples, names: Names) -> bytes:
    """Return the triples as N-Triples (UTF-8)."""
    return ox.serialize(_relabelled(triples), format=ox.RdfFormat.N_TRIPLES) or b""


def rdf_xml(triples: Triples, names: Names) -> bytes:
    """Return the triples as RDF/XML (UTF-8), with the prefixes that they use."""
    found = _relabelled(triples)
    return ox.serialize(found, format=ox.RdfFormat.RDF_XML, prefixes=_used(found, names)) or b""


def json_ld(triples: Triples, names: Names) -> bytes:
    """Return the triples as JSON-LD 1.1 (UTF-8), compacted with our own context."""
    document = json_ld_document(triples, names)
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


WRITERS: Mapping[str, Callable[[Triples, Names], bytes]] = {
    "ttl": turtle,
    "nt": n_triples,
    "jsonld": json_ld,
    "rdf": rdf_xml,
}
"""Writers by the suffix of the document's address."""


def represent(triples: Triples, suffix: str, names: Names) -> bytes:
    """Return the triples in the format with this suffix.

    :param suffix: a key of :data:`WRITERS`.
    """
    return WRITERS[suffix](triples, names)


def json_ld_document(triples: Triples, names: Names) -> dict[str, Any]:
    """Return the triples as a compacted JSON-LD value: ``@context`` and ``@graph``.

    Properties whose values are all IRIs are typed in the context, so that their values read as
    plain CURIEs (JSON-LD 1.1 §4.2.3); English is not the default language, so that plain
    literals stay plain.
    """
    found = _relabelled(triples)
    nodes: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    links: dict[str, bool] = {}
    english: dict[str, bool] = {}
    for t in found:
        predicate, value = t.predicate.value, t.object
        nodes[_subject(t.subject)][predicate].append(value)
        link = isinstance(value, ox.NamedNode | ox.BlankNode)
        links[predicate] = links.get(predicate, True) and link
        plain = isinstance(value, ox.Literal) and value.language == "en"
        english[predicate] = english.get(predicate, True) and plain
    short = _Shortener(names)
    keys: dict[str, str] = {}
    typed: dict[str, Any] = {}
    for predicate, link in links.items():
        if predicate == RDF_TYPE:
            continue
        key = keys[predicate] = short.key(predicate)
        entry: dict[str, str] = {"@id": short.iri(predicate)}
        if link:
            entry["@type"] = "@id"
        elif english[predicate]:
            entry["@language"] = "en"
        if len(entry) > 1 or key in ALIASES:
            typed[key] = entry if len(entry) > 1 else entry["@id"]
    graph = []
    for subject, about in nodes.items():
        node: dict[str, Any] = {"id": short.iri(subject)}
        for predicate, values in about.items():
            if predicate == RDF_TYPE:
                node["type"] = _one([short.iri(_subject(x)) for x in values])
            else:
                bare = links[predicate] or english[predicate]
                node[keys[predicate]] = _one([_json(x, short, bare=bare) for x in values])
        graph.append(node)
    context = {"id": "@id", "type": "@type", **short.prefixes(), **typed}
    return {"@context": context, "@graph": graph}


def json_ld_tree(iri: str, triples: Triples, names: Names) -> dict[str, Any]:
    """Return the triples as a compact JSON-LD value around one resource, for a page to embed.

    A node stands where it is first mentioned, and what points at the resource stands below it
    (``@reverse``), so that nearly every name is written once; names of our schema are bare words
    (``@vocab``). The triples are those of :func:`json_ld_document`.
    """
    return _Tree(_relabelled(triples), names).document(iri)


class _Tree:
    """Triples on their way to a tree of nodes."""

    def __init__(self, triples: list[ox.Triple], names: Names) -> None:
        self.short = _Shortener(names)
        self.vocabulary = names.prefixes.get("cdmo", "")
        self.nodes: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self.mentioned: Counter[str] = Counter()
        self.sorts: dict[str, str] = {}
        for t in triples:
            predicate, value = t.predicate.value, t.object
            self.nodes[_subject(t.subject)][predicate].append(value)
            if isinstance(value, ox.Literal):
                sort = _sort(value)
            else:
                sort = LINK
                self.mentioned[_subject(value)] += 1
            self.sorts[predicate] = sort if self.sorts.get(predicate, sort) == sort else ""
        self.context: dict[str, dict[str, str]] = {}

    def document(self, iri: str) -> dict[str, Any]:
        """Return the context and the nodes, the one of ``iri`` first."""
        pointing = [
            (subject, predicate)
            for subject, about in self.nodes.items()
            for predicate, values in about.items()
            if predicate != RDF_TYPE and subject != iri
            for value in values
            if not isinstance(value, ox.Literal) and _subject(value) == iri
        ]
        root = self._node(iri, 0)
        below: dict[str, list[Any]] = defaultdict(list)
        for subject, predicate in pointing:
            if subject in self.nodes:
                mine = self.nodes[subject][predicate]
                mine[:] = [value for value in mine if _subject(value) != iri]
                self.mentioned[subject] += 1
                below[predicate].append(self._node(subject, 1))
        if below:
            root["@reverse"] = {self._key(p): _one(nodes) for p, nodes in below.items()}
            for predicate in below:
                self._define(self._key(predicate), predicate, [])
        graph = [root]
        while self.nodes:
            graph.append(self._node(next(iter(self.nodes)), 0))
        vocabulary = {"@vocab": self.vocabulary} if self.vocabulary else {}
        keywords = {**vocabulary, "id": "@id", "type": "@type"}
        return {"@context": {**keywords, **self.short.prefixes(), **self.context}, "@graph": graph}

    def _node(self, subject: str, depth: int) -> dict[str, Any]:
        """Return a node that was not yet written, with those that it is the first to mention."""
        about = self.nodes.pop(subject, {})
        node: dict[str, Any] = {}
        if not subject.startswith("_:") or self.mentioned[subject] != 1 or not depth:
            node["id"] = self.short.iri(subject)
        for predicate, values in about.items():
            if predicate == RDF_TYPE:
                node["type"] = _one([self._bare(_subject(x)) for x in values])
            elif values:
                sort, key = self.sorts[predicate], self._key(predicate)
                node[key] = _one([self._value(value, sort, depth + 1) for value in values])
                self._define(key, predicate, node[key])
        return node

    def _value(self, value: Any, sort: str, depth: int) -> Any:
        if isinstance(value, ox.Literal):
            return _json(value, self.short, bare=bool(sort))
        name = _subject(value)
        if name in self.nodes and depth < MAX_DEPTH:
            return self._node(name, depth)
        return self._bare(name) if sort else {"id": self.short.iri(name)}

    def _key(self, predicate: str) -> str:
        """Return the key of a property."""
        return self.short.aliases.get(predicate) or self._bare(predicate)

    def _define(self, key: str, predicate: str, written: Any) -> None:
        """See that the context says of a key what its values leave unsaid."""
        sort, entry = self.sorts[predicate], self.context.get(key, {})
        if key in ALIASES and predicate != self.vocabulary + key:
            entry["@id"] = self.short.iri(predicate)
        values = written if isinstance(written, list) else [written]
        if sort == ENGLISH:
            entry["@language"] = "en"
        elif sort == LINK:
            if any(isinstance(value, str) for value in values):
                entry["@type"] = "@vocab"
        elif sort:
            entry["@type"] = self.short.iri(sort)
        if entry:
            self.context[key] = entry

    def _bare(self, iri: str) -> str:
        """Return the local name of what is in our schema, if nothing else is called so."""
        local = iri.removeprefix(self.vocabulary) if self.vocabulary else iri
        names = self.short.names.prefixes
        plain = local != iri and local.isalnum() and local[0].isalpha()
        taken = local in ALIASES or local in names or local in ("id", "type")
        return local if plain and not taken else self.short.iri(iri)


MAX_DEPTH = 6
"""How deep nodes stand in each other in a tree; what lies deeper stands beside it."""

LINK, ENGLISH = "@id", "@en"


def _sort(value: ox.Literal) -> str:
    """Return what a context may say of all values of a property; "" for nothing."""
    if value.language:
        return ENGLISH if value.language == "en" else ""
    datatype = value.datatype.value
    return "" if datatype == XSD_STRING or _native(value) is not None else datatype


class _Shortener:
    """Shortens IRIs to CURIEs and remembers the prefixes it used."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.used: set[str] = set()
        self.aliases = {names.iri(curie): alias for alias, curie in ALIASES.items()}
        self.known: dict[str, str] = {}

    def iri(self, iri: str) -> str:
        if (short := self.known.get(iri)) is None:
            curie = None if iri.startswith("_:") else self.names.curie(iri)
            # "//" after the colon would make it an absolute IRI again (JSON-LD API §5.2).
            if curie is None or curie.partition(":")[2].startswith("//"):
                short = iri
            else:
                self.used.add(curie.partition(":")[0])
                short = curie
            self.known[iri] = short
        return short

    def key(self, iri: str) -> str:
        return self.aliases.get(iri) or self.iri(iri)

    def prefixes(self) -> dict[str, Any]:
        # A namespace that ends in no URI delimiter is a prefix only if it says so (§4.1.5).
        return {
            prefix: namespace
            if namespace.endswith(tuple(":/?#[]@"))
            else {"@id": namespace, "@prefix": True}
            for prefix in sorted(self.used)
            if (namespace := self.names.prefixes[prefix])
        }


def _subject(node: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    return node.value if isinstance(node, ox.NamedNode) else str(node)


def _json(value: Any, short: _Shortener, *, bare: bool) -> Any:
    if not isinstance(value, ox.Literal):
        name = short.iri(_subject(value))
        return name if bare else {"id": name}
    if bare:
        return value.value
    if value.language:
        return {"@value": value.value, "@language": value.language}
    if value.datatype.value == XSD_STRING:
        return value.value
    if (native := _native(value)) is not None:
        return native
    return {"@value": value.value, "@type": short.iri(value.datatype.value)}


def _native(value: ox.Literal) -> bool | int | None:
    """Return a JSON boolean or number that expands to just this literal (JSON-LD API §8.4.2)."""
    if value.datatype.value == XSD_BOOLEAN and value.value in ("true", "false"):
        return value.value == "true"
    if value.datatype.value == XSD_INTEGER and value.value.lstrip("-").isdigit():
        number = int(value.value)
        return number if str(number) == value.value and abs(number) < 2**53 else None
    return None


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _used(triples: Triples, names: Names) -> dict[str, str]:
    """Return the prefixes that the triples need, ours first."""
    short = _Shortener(names)
    for t in triples:
        for node in (t.subject, t.predicate, t.object):
            if isinstance(node, ox.NamedNode):
                short.iri(node.value)
            elif isinstance(node, ox.Literal):
                short.iri(node.datatype.value)
    return {prefix: names.prefixes[prefix] for prefix in names.prefixes if prefix in short.used}


def _relabelled(triples: Triples) -> list[ox.Triple]:
    """Name blank nodes b0, b1, ... in the order of their appearance.

    A store renames them at random when it is loaded; a representation should not change for that.
    """
    labels: dict[ox.BlankNode, ox.BlankNode] = {}

    def name(node: Any) -> Any:
        if isinstance(node, ox.BlankNode):
            return labels.setdefault(node, ox.BlankNode(f"b{len(labels)}"))
        return node

    return [ox.Triple(name(t.subject), t.predicate, name(t.object)) for t in triples]
