"""Write a waiver: an exception from a rule, with its reason."""

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.pipeline import evidence
from service.pipeline.blocks import Block
from service.pipeline.rule_book import find, read_rules
from service.problems import EditRefused, UsageError
from service.rdf.terms import text, triple

_CHECK, _WAIVES = iris.CDMO + "check", iris.CDMO + "waives"


def add_waiver(edits: Edits, entity: str, rule: str, reason: str, passage: str = "") -> None:
    """Except an entity, or one citation of a claim, from a rule.

    :param entity: its IRI.
    :param passage: the IRI of the passage, where the rule is about citations.
    :raises UsageError: if there is no such rule, or it is about citations and no passage given.
    :raises EditRefused: if it is waived already.
    """
    loaded = edits.loaded
    rule = find(read_rules(loaded), rule).name
    if bool(passage) != (rule in evidence.RULES):
        about = "one citation: give its --passage" if rule in evidence.RULES else "no passage"
        raise UsageError(f"{rule} is about {about}.")
    name = "evidence-waivers.ttl" if passage else "waivers.ttl"
    path = loaded.sources.ontology / "checks" / name
    subject, waiver = ox.NamedNode(entity), ox.BlankNode()
    block = next((b for b in edits.blocks(path).blocks if b.subject == subject), None)
    triples = list(block.triples) if block else []
    for node in [t.object for t in triples if t.predicate.value == _WAIVES]:
        statements = {(t.predicate.value, text(t.object)) for t in triples if t.subject == node}
        if (_CHECK, rule) in statements and (not passage or (iris.PASSAGE, passage) in statements):
            raise EditRefused(f"{loaded.name(entity)} is excepted from {rule} already, in {name}.")
    triples += [
        triple(entity, _WAIVES, waiver),
        *([triple(waiver, iris.PASSAGE, passage)] if passage else []),
        triple(waiver, _CHECK, ox.Literal(rule)),
        triple(waiver, iris.COMMENT, ox.Literal(reason, language="en")),
    ]
    if block:
        edits.replace(path, subject, triples)
    else:
        edits.add_in_order(path, Block(subject, tuple(triples)), among="")
