"""The mappings in a description: of a term, or in a mapping set."""

from service import iris
from service.library.data import Ref
from service.library.description import Description, Node, first_text
from service.library.mappings import PREDICATES, Match, make_match

MAPPINGS = (
    (iris.ANNOTATED_SOURCE, iris.ANNOTATED_PROPERTY, iris.ANNOTATED_TARGET),
    (iris.SSSOM_SUBJECT, iris.SSSOM_PREDICATE, iris.SSSOM_OBJECT),
)
"""Subject, predicate and object of a mapping: as an annotated axiom, or by its SSSOM slots."""


def matches_of(d: Description) -> list[Match]:
    """Return the matches of a term, the strongest first, what does not match last."""
    matches: dict[tuple[str, str], Match] = {}
    for name, node in d.nodes.items():
        for subject, predicate, target in MAPPINGS:
            mapped = name != d.iri and first_text(node, subject) == d.iri
            match = _match(d, node, predicate, target) if mapped else None
            if match:
                matches[match.predicate.iri, match.target.iri] = match
    for predicate in iris.MATCHES:  # a triple may have no mapping that records it
        for target in d.texts(predicate):
            if (predicate, target) not in matches:
                match = make_match(d.library, predicate=predicate, target=target)
                matches[predicate, target] = match
    return sorted(matches.values(), key=lambda m: (m.negative, m.strength, m.target.curie or ""))


def unmatched(d: Description) -> list[Ref]:
    """Return the mapping sets that looked for a match of the term and found none."""
    sets = {
        name.partition("#")[0]
        for name, node in d.nodes.items()
        if first_text(node, iris.ANNOTATED_SOURCE) == d.iri
        and first_text(node, iris.ANNOTATED_TARGET) == iris.NO_TERM_FOUND
    }
    return sorted(map(d.library.ref, sets))


def mapping_rows(d: Description) -> list[tuple[Ref, Match | None]]:
    """Return the rows of a mapping set: our terms, each with its match or None if none is found."""
    subject, predicate, target = MAPPINGS[0]
    rows = [
        (d.library.ref(first_text(node, subject)), _match(d, node, predicate, target))
        for node in d.nodes.values()
        if first_text(node, subject) and first_text(node, predicate) in PREDICATES
    ]
    return sorted(rows, key=_by_label)


def _by_label(row: tuple[Ref, Match | None]) -> tuple[str, str, bool, int, Ref]:
    ref, match = row
    place = (match.negative, match.strength, match.target) if match else (False, -1, ref)
    return ref.label.lower(), ref.iri, *place


def _match(d: Description, node: Node, predicate: str, target: str) -> Match | None:
    """Return the match in a mapping, or None if it has no target or another predicate."""
    iri = first_text(node, target)
    if first_text(node, predicate) not in PREDICATES or iri == iris.NO_TERM_FOUND:
        return None
    return make_match(
        d.library,
        predicate=first_text(node, predicate),
        target=iri,
        label=first_text(node, iris.OBJECT_LABEL),
        justification=first_text(node, iris.MAPPING_JUSTIFICATION),
        modifier=first_text(node, iris.PREDICATE_MODIFIER),
    )
