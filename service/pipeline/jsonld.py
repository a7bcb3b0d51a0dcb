"""Write JSON-LD 1.1, compacted with our prefixes, the same bytes for the same triples.

rdflib compacts too, but its order follows Python's hashing; Oxigraph's is stable but expanded.
Lists stay chains of ``rdf:first`` and ``rdf:rest``, which mean the same.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyoxigraph as ox

_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_XSD = "http://www.w3.org/2001/XMLSchema#"


def write(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> str:
    """Return the triples as one JSON-LD document, in the order of their subjects.

    :param prefixes: to compact names with; only those in use stand in the context.
    """
    namespaces = sorted(((ns, p) for p, ns in prefixes.items()), key=lambda n: -len(n[0]))
    used: set[str] = set()
    known: dict[str, str] = {}

    def name(iri: str) -> str:
        if iri not in known:
            known[iri] = iri
            for namespace, prefix in namespaces:
                local = iri[len(namespace) :]
                # "prefix://..." would be read as an IRI, not as a compact one.
                if iri.startswith(namespace) and local and not local.startswith("//"):
                    known[iri] = f"{prefix}:{local}"
                    used.add(prefix)
                    break
        return known[iri]

    def identifier(node: ox.NamedNode | ox.BlankNode) -> str:
        return name(node.value) if isinstance(node, ox.NamedNode) else str(node)

    def value(node: Any) -> Any:
        if not isinstance(node, ox.Literal):
            return {"@id": identifier(node)}
        if node.language:
            return {"@value": node.value, "@language": node.language}
        if node.datatype.value == _XSD + "string":
            return node.value
        return {"@value": node.value, "@type": name(node.datatype.value)}

    objects: dict[str, dict[str, Any]] = {}
    for triple in triples:
        if isinstance(triple.subject, ox.Triple):
            raise TypeError("JSON-LD has no form for a triple as a subject")
        subject = identifier(triple.subject)
        block = objects.setdefault(subject, {"@id": subject})
        if triple.predicate.value == _RDF_TYPE and isinstance(triple.object, ox.NamedNode):
            block.setdefault("@type", []).append(name(triple.object.value))
        else:
            block.setdefault(name(triple.predicate.value), []).append(value(triple.object))
    for block in objects.values():
        for key, values in block.items():
            if isinstance(values, list) and len(values) == 1:
                block[key] = values[0]
    # A term that does not end in "/" or "#" is a prefix only if it says so (JSON-LD 1.1 §9.15.1).
    context = {p: {"@id": prefixes[p], "@prefix": True} for p in sorted(used)}
    document = {"@context": context, "@graph": list(objects.values())}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
