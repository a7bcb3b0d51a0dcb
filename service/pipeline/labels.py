"""Label each claim by what it states, in words: no query could do that readably."""

from collections import defaultdict
from collections.abc import Iterator

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs
from service.rdf.terms import Term, text

_CLAIMS = """
SELECT DISTINCT ?claim ?subject ?relation ?object
WHERE { ?claim cdmo:subject ?subject ; cdmo:relation ?relation ; cdmo:object ?object }
"""
_FALSE = ox.Literal("false", datatype=ox.NamedNode(iris.XSD_BOOLEAN))


def claim_labels(store: ox.Store) -> Iterator[ox.Triple]:
    """Yield a label for each claim: "excision removes calcium deposit (at skin; degree: partly)".

    A relation or a qualifier whose label does not read as part of a sentence has a sentence label.
    """
    words = _Words(store)
    for claim in graphs.select(store, _CLAIMS, "claims"):
        label = ox.Literal(words.claim(claim), language="en")
        yield ox.Triple(claim["claim"], ox.NamedNode(iris.LABEL), label)


class _Words:
    """The labels of the ontology, and the phrases that they make."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self.labels = self._texts(iris.LABEL)
        self.sentence_labels = self._texts(iris.SENTENCE_LABEL)
        query = "SELECT ?q { ?q rdfs:subPropertyOf* cdmo:qualifier }"
        solutions = graphs.select(store, query, "ontology")
        self.qualifiers = {solution["q"] for solution in solutions}

    def _texts(self, predicate: str) -> dict[Term, str]:
        named = graphs.triples(self.store, "about", "claims", "ontology", predicate=predicate)
        return {t.subject: text(t.object) for t in named}

    def term(self, term: Term) -> str:
        return self.labels.get(term, text(term))

    def relation(self, relation: Term, value: str) -> str:
        """Return a relation as it reads before a value."""
        if text(relation) == iris.SUBCLASS:
            return "is a kind of"
        if text(relation) == iris.TYPE:
            return "is an" if value[:1].lower() in set("aeiou") else "is a"
        return self.sentence_labels.get(relation) or self.term(relation)

    def claim(self, claim: ox.QuerySolution) -> str:
        values: dict[Term, list[Term]] = defaultdict(list)
        for quad in self.store.quads_for_pattern(claim["claim"], None, None, None):
            values[quad.predicate].append(quad.object)
        words = self.term(claim["object"])
        relation = self.relation(claim["relation"], words)
        label = f"{self.term(claim['subject'])} {relation} {words}"
        if ox.NamedNode(iris.NEGATIVE) in values[ox.NamedNode(iris.POLARITY)]:
            label = f"not: {label}"
        qualifiers = sorted(self._qualifier(q, values[q]) for q in self.qualifiers & values.keys())
        phrases = "; ".join(phrase for phrase in qualifiers if phrase)
        return f"{label} ({phrases})" if phrases else label

    def _qualifier(self, qualifier: Term, values: list[Term]) -> str:
        """Return a qualifier as a phrase: its name alone if it is true, nothing if it is false."""
        words = sorted(self.term(value) for value in values if value != _FALSE)
        shown = ", ".join(word for word in words if word != "true")
        name = self.relation(qualifier, shown)
        if not words:
            return ""
        colon = "" if qualifier in self.sentence_labels else ":"
        return f"{name}{colon} {shown}" if shown else name
