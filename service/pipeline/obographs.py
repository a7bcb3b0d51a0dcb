"""Write the ontology as obographs JSON, for tools that read graphs of nodes and edges.

The form is that of https://github.com/geneontology/obographs, and the content is that of ROBOT for
the same ontology; the tests compare the two. Only definitions that do not fit the form whole are
left out, where ROBOT writes a part of them.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pyoxigraph as ox

from service import iris
from service.pipeline.facts import LOGICAL, Facts
from service.rdf.terms import Term, text

Json = dict[str, Any]

_TYPES = {
    iris.CLASS: {"type": "CLASS"},
    iris.OBJECT_PROPERTY: {"type": "PROPERTY", "propertyType": "OBJECT"},
    iris.OWL + "AnnotationProperty": {"type": "PROPERTY", "propertyType": "ANNOTATION"},
    iris.DATATYPE_PROPERTY: {"type": "PROPERTY", "propertyType": "DATA"},
    iris.OWL + "NamedIndividual": {"type": "INDIVIDUAL"},
}
_SYNONYMS = (iris.BROAD_SYNONYM, iris.EXACT_SYNONYM, iris.NARROW_SYNONYM, iris.RELATED_SYNONYM)


def obographs(triples: Iterable[ox.Triple]) -> bytes:
    """Return an ontology as one graph, the same bytes for the same triples."""
    document = {"graphs": [_Ontology(triples).graph()]}
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


class _Ontology:
    """The triples of an ontology by subject, and its terms with their sorts."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.facts = Facts(sorted(triples, key=str))
        self.types = {
            node: kind
            for node in self.facts.of
            for iri, kind in _TYPES.items()
            if isinstance(node, ox.NamedNode)
            and ox.NamedNode(iri) in self.facts.values(node, iris.TYPE)
        }
        self.annotations = self._axiom_annotations()

    def _axiom_annotations(self) -> dict[tuple[str, str, str], list[Json]]:
        """Return the annotations of each axiom, by its source, property and target."""
        annotations: dict[tuple[str, str, str], list[Json]] = defaultdict(list)
        ends = (iris.ANNOTATED_SOURCE, iris.ANNOTATED_PROPERTY, iris.ANNOTATED_TARGET)
        for values in self.facts.of.values():
            if all(values.get(end) for end in ends):
                source, predicate, target = (values[end][0] for end in ends)
                key = text(source), text(predicate), self._key(target)
                annotations[key] += _pairs(
                    (p, v) for p, v in values.items() if p not in (*ends, iris.TYPE)
                )
        return annotations

    def _key(self, node: Term) -> str:
        """Return a text that is the same for two equal targets of axioms."""
        if restriction := self._restriction(node):
            return " ".join(restriction)
        return str(node)

    def _restriction(self, node: Term) -> tuple[str, str] | None:
        """Return property and filler of an existential restriction between named things."""
        ends = [self.facts.values(node, p) for p in (iris.ON_PROPERTY, iris.SOME_VALUES_FROM)]
        if all(len(end) == 1 and isinstance(end[0], ox.NamedNode) for end in ends):
            return text(ends[0][0]), text(ends[1][0])
        return None

    def graph(self) -> Json:
        """Return the ontology as a graph."""
        header = dict(self.facts.of.get(ox.NamedNode(iris.ONTOLOGY), {}))
        header.pop(iris.TYPE, None)
        version = header.pop(iris.VERSION_IRI, [])
        meta: Json = {"basicPropertyValues": _pairs(header.items())}
        graph = {
            "id": iris.ONTOLOGY,
            "meta": {**meta, **({"version": text(version[0])} if version else {})},
            "nodes": [self._node(node) for node in self.types],
            "edges": sorted(self._edges(), key=_order),
            "logicalDefinitionAxioms": list(self._definitions()),
            "domainRangeAxioms": list(self._ends()),
        }
        return {key: value for key, value in graph.items() if value}

    def _node(self, node: ox.NamedNode) -> Json:
        values = self.facts.of[node]
        labels = values.get(iris.LABEL, [])
        meta = self._meta({p: v for p, v in values.items() if p != iris.LABEL})
        return {
            "id": text(node),
            **({"lbl": text(labels[0])} if labels else {}),
            **self.types[node],
            **({"meta": meta} if meta else {}),
        }

    def _meta(self, values: dict[str, list[Term]]) -> Json:
        definitions = values.get(iris.DEFINITION, [])
        synonyms = [
            {"pred": scope.removeprefix(iris.OIO), "val": text(value)}
            for scope in _SYNONYMS
            for value in values.get(scope, ())
        ]
        shown = {iris.DEFINITION, iris.COMMENT, iris.DEPRECATED, *_SYNONYMS, *LOGICAL}
        meta: Json = {}
        if definitions:
            meta["definition"] = {"val": text(definitions[0])}
        if iris.COMMENT in values:
            meta["comments"] = [text(value) for value in values[iris.COMMENT]]
        if synonyms:
            meta["synonyms"] = synonyms
        if pairs := _pairs((p, v) for p, v in values.items() if p not in shown):
            meta["basicPropertyValues"] = pairs
        if any(text(value) == "true" for value in values.get(iris.DEPRECATED, ())):
            meta["deprecated"] = True
        return meta

    def _axiom_meta(self, source: Term, predicate: str, target: str) -> Json:
        pairs = self.annotations.get((text(source), predicate, target))
        return {"meta": {"basicPropertyValues": pairs}} if pairs else {}

    def _edges(self) -> Iterator[Json]:
        seen: set[frozenset[str]] = set()
        for node, kind in self.types.items():
            for predicate, name in _EDGES.items():
                for value in self.facts.values(node, predicate):
                    if not _has_edges(kind, predicate) or text(value).startswith(iris.OWL):
                        continue
                    if predicate == iris.INVERSE_OF:
                        pair = frozenset((text(node), text(value)))
                        if pair in seen:  # an axiom that is written from both ends
                            continue
                        seen.add(pair)
                    end = name, text(value)
                    if not isinstance(value, ox.NamedNode):
                        restriction = self._restriction(value)
                        if restriction is None:
                            continue
                        end = restriction
                    meta = self._axiom_meta(node, predicate, self._key(value))
                    yield {"sub": text(node), "pred": end[0], "obj": end[1], **meta}

    def _definitions(self) -> Iterator[Json]:
        """Yield the classes that are defined as the intersection of several conditions."""
        for node in self.types:
            for value in self.facts.values(node, iris.EQUIVALENT_CLASS):
                members = self.facts.members(value, iris.INTERSECTION_OF)
                genera = [text(m) for m in members if isinstance(m, ox.NamedNode)]
                restrictions = [r for m in members if (r := self._restriction(m))]
                if members and len(genera) + len(restrictions) == len(members):
                    definition = {
                        "definedClassId": text(node),
                        "genusIds": genera,
                        "restrictions": [
                            {"propertyId": p, "fillerId": filler} for p, filler in restrictions
                        ],
                    }
                    yield {key: value for key, value in definition.items() if value}

    def _ends(self) -> Iterator[Json]:
        """Yield the domains and ranges that are named classes."""
        for node, kind in self.types.items():
            ends: Json = {"predicateId": text(node)}
            for name, predicate in (("domainClassIds", iris.DOMAIN), ("rangeClassIds", iris.RANGE)):
                values = self.facts.values(node, predicate)
                if named := [text(v) for v in values if isinstance(v, ox.NamedNode)]:
                    ends[name] = named
            if len(ends) > 1 and kind.get("propertyType") == "OBJECT":
                yield ends


_EDGES = {
    iris.SUBCLASS: "is_a",
    iris.SUBPROPERTY: "subPropertyOf",
    iris.INVERSE_OF: "inverseOf",
    iris.TYPE: "type",
}


def _has_edges(kind: Json, predicate: str) -> bool:
    if predicate == iris.TYPE:
        return bool(kind["type"] == "INDIVIDUAL")
    return predicate != iris.SUBPROPERTY or kind.get("propertyType") == "OBJECT"


def _pairs(values: Iterable[tuple[str, list[Term]]]) -> list[Json]:
    return [{"pred": p, "val": text(value)} for p, terms in sorted(values) for value in terms]


def _order(edge: Json) -> tuple[str, str, str]:
    return edge["sub"], edge["pred"], edge["obj"]
