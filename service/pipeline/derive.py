"""Derive the release from the claims, so that nothing is written twice.

Each claim gets its passages, its most cautious modality, its polarity, a label and its type of
evidence. Positive claims become direct triples, by their relation, its inverse and every wider
one; those that every citation states flatly and without qualifier become axioms, annotated with
the claims behind them. **A hedged statement never becomes an axiom**, and a negative one leaves
no direct triple.
"""

from collections import defaultdict
from collections.abc import Mapping
from itertools import chain

from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from service.pipeline import graphs
from service.pipeline.vocabulary import AUTHOR_STATEMENT, CDMO, OA

IS_A = frozenset([RDFS.subClassOf, RDF.type])
"""Relations of claims that place their subject in the hierarchy."""


def derive(sources: Mapping[str, Graph]) -> dict[str, Graph]:
    """Return the graphs ``ontology``, ``relations`` and ``claims`` of the release.

    :param sources: the graphs ``ontology``, ``claims`` and ``about`` (for how relations read in
        a sentence) as editors write them, free of errors.
    """
    claims = _named_parts(sources["claims"])
    everything = graphs.union(sources["ontology"], claims)
    reading = graphs.union(everything, sources.get("about", Graph()))
    relations = graphs.union()
    axioms: dict[tuple[Node, Node, Node], list[Node]] = defaultdict(list)
    narrowing = qualifiers(everything)
    for claim in sorted(claims.subjects(RDF.type, CDMO.Claim), key=str):
        _complete(claims, everything, claim)
        label = _label(reading, claim, narrowing)
        claims.add((claim, RDFS.label, Literal(label, lang="en")))
        s, r, o = (claims.value(claim, p) for p in (CDMO.subject, CDMO.relation, CDMO.object))
        if s is None or r is None or o is None:
            continue
        if claims.value(claim, CDMO.polarity) == CDMO.negative:
            continue
        if r not in IS_A:
            # What holds by a relation holds by every wider one, as surely: not less, not more.
            for wider in filter(None, everything.transitive_objects(r, RDFS.subPropertyOf)):
                _relate(relations, everything, s, wider, o)
        if _is_axiom(everything, claim, r, narrowing):
            axioms[s, r, o].append(claim)
    for passage in claims.subjects(RDF.type, CDMO.Passage):
        claims.add((passage, RDF.type, OA.SpecificResource))
        order = claims.value(passage, CDMO.order)
        claims.add((passage, RDFS.label, Literal(f"passage {order}", lang="en")))
    ontology = graphs.union(sources["ontology"])
    for (s, r, o), stating in axioms.items():
        _assert(ontology, s, r, o, stating)
    return {"ontology": ontology, "relations": relations, "claims": claims}


def _named_parts(claims: Graph) -> Graph:
    """Return the claims with IRIs for citations and selectors: a fragment of their owner's."""
    names: dict[Node, URIRef] = {}
    for claim, citation in claims.subject_objects(CDMO.citation):
        passage = claims.value(citation, CDMO.passage)
        if isinstance(citation, BNode) and passage is not None:
            names[citation] = URIRef(f"{claim}#{str(passage).rpartition('/')[2]}")
    for passage, selector in claims.subject_objects(OA.hasSelector):
        if isinstance(selector, BNode):
            names[selector] = URIRef(f"{passage}#position")
    named = graphs.union()
    for s, p, o in claims:
        named.add((names.get(s, s), p, names.get(o, o)))
    for citation in set(claims.objects(None, CDMO.citation)):
        named.add((names.get(citation, citation), RDF.type, CDMO.Citation))
    return named


def _complete(claims: Graph, everything: Graph, claim: Node) -> None:
    """Add to a claim what follows from its citations."""
    weakest: list[tuple[int, Node]] = []
    for citation in claims.objects(claim, CDMO.citation):
        for passage in claims.objects(citation, CDMO.passage):
            claims.add((claim, CDMO.statedIn, passage))
        for modality in claims.objects(citation, CDMO.modality):
            strength = everything.value(modality, CDMO.strength)
            weakest.append((int(str(strength or 0)), modality))
    if weakest:
        claims.add((claim, CDMO.modality, min(weakest, key=lambda w: (w[0], str(w[1])))[1]))
    if (claim, CDMO.polarity, None) not in claims:
        claims.add((claim, CDMO.polarity, CDMO.positive))
    claims.add((claim, CDMO.evidence, AUTHOR_STATEMENT))


def _label(everything: Graph, claim: Node, narrowing: list[Node]) -> str:
    """Return a claim in words: "excision removes calcium deposit (at skin; degree: partly)".

    A relation or a qualifier that does not read as part of a sentence by its label has a sentence
    label.
    """

    def words(node: Node | None) -> str:
        label = everything.value(node, RDFS.label) if isinstance(node, URIRef) else node
        return str(label if label is not None else node)

    def in_sentence(node: Node | None) -> str:
        if node == RDFS.subClassOf:
            return "is a kind of"
        if node == RDF.type:
            return "is an" if words(o)[:1].lower() in set("aeiou") else "is a"
        return str(everything.value(node, CDMO.sentenceLabel) or words(node))

    s, r, o = (everything.value(claim, p) for p in (CDMO.subject, CDMO.relation, CDMO.object))
    said = f"{words(s)} {in_sentence(r)} {words(o)}"
    if everything.value(claim, CDMO.polarity) == CDMO.negative:
        said = f"not: {said}"
    narrowed = []
    for qualifier in narrowing:
        values = sorted(words(v) for v in everything.objects(claim, qualifier) if v != _FALSE)
        shown = [v for v in values if v != "true"]
        if values:
            name = in_sentence(qualifier)
            colon = "" if (qualifier, CDMO.sentenceLabel, None) in everything else ":"
            narrowed.append(f"{name}{colon} {', '.join(shown)}" if shown else name)
    return f"{said} ({'; '.join(sorted(narrowed))})" if narrowed else said


_FALSE = Literal(False)


def qualifiers(everything: Graph) -> list[Node]:
    """Return the properties that narrow a claim, sorted."""
    found = everything.transitive_subjects(RDFS.subPropertyOf, CDMO.qualifier)
    return sorted((q for q in set(found) if q is not None), key=str)


def _is_axiom(everything: Graph, claim: Node, relation: Node, narrowing: list[Node]) -> bool:
    """Tell whether a positive claim is stated flatly, unqualified, by a relation made for it."""
    citations = list(everything.objects(claim, CDMO.citation))
    flat = all(
        (c, CDMO.modality, CDMO.definite) in everything and (c, CDMO.hedge, None) not in everything
        for c in citations
    )
    unqualified = not any((claim, q, None) in everything for q in narrowing)
    pattern = (relation, CDMO.axiomPattern, CDMO.someValuesFrom) in everything
    return bool(citations) and flat and unqualified and (pattern or relation in IS_A)


def _relate(relations: Graph, everything: Graph, s: Node, r: Node, o: Node) -> None:
    """Add the direct triple, and the same read from its object where the relation has a name."""
    relations.add((s, r, o))
    if not isinstance(o, URIRef):
        return
    inverses = chain(everything.objects(r, OWL.inverseOf), everything.subjects(OWL.inverseOf, r))
    for inverse in inverses:
        relations.add((o, inverse, s))
    if (r, RDF.type, OWL.SymmetricProperty) in everything:
        relations.add((o, r, s))


def _assert(ontology: Graph, s: Node, r: Node, o: Node, claims: list[Node]) -> None:
    """Add an axiom, annotated with every claim that states it (OWL 2 Mapping to RDF, §2.2)."""
    if (s, RDF.type, OWL.Class) not in ontology:
        if r not in IS_A:
            return  # of an individual: a fact for the relations graph, no axiom about a class
        property_, target = RDF.type, o
    elif r in IS_A:
        property_, target = RDFS.subClassOf, o
    else:
        property_, target = RDFS.subClassOf, BNode()
        # An individual in the object's place (an organization) takes the other restriction.
        is_class = (o, RDF.type, OWL.Class) in ontology
        ontology.add((target, RDF.type, OWL.Restriction))
        ontology.add((target, OWL.onProperty, r))
        ontology.add((target, OWL.someValuesFrom if is_class else OWL.hasValue, o))
    ontology.add((s, property_, target))
    axiom = BNode()
    ontology.add((axiom, RDF.type, OWL.Axiom))
    ontology.add((axiom, OWL.annotatedSource, s))
    ontology.add((axiom, OWL.annotatedProperty, property_))
    ontology.add((axiom, OWL.annotatedTarget, target))
    for claim in claims:
        ontology.add((axiom, CDMO.derivedFrom, claim))
