"""Write a new term into the module of its kind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.identifiers import next_term
from service.editing.lookup import Lookup
from service.pipeline.blocks import Block
from service.problems import UsageError
from service.rdf.terms import triple

SCOPES = {
    "exact": iris.EXACT_SYNONYM,
    "narrow": iris.NARROW_SYNONYM,
    "broad": iris.BROAD_SYNONYM,
    "related": iris.RELATED_SYNONYM,
}
_INDIVIDUAL = iris.OWL + "NamedIndividual"


def add_term(
    edits: Edits,
    lookup: Lookup,
    label: str,
    *,
    definition: str,
    parents: Sequence[str],
    contributor: str,
    created: date,
    synonyms: Mapping[str, Sequence[str]] = MappingProxyType({}),
    individual: bool,
) -> str:
    """Add a term with the next free identifier of its kind and return its IRI.

    :param parents: names of wider terms, or of the kind alone where a claim gives the parent.
    :param synonyms: scope (a key of ``SCOPES``) to names.
    :param individual: whether it is one thing with a name, such as an organization.
    :raises UsageError: if the name is taken, the definition has not the form of one, or the
        parents are of no kind or of several.
    """
    for name in (label, *(n for names in synonyms.values() for n in names)):
        if owner := lookup.owner(name):
            raise UsageError(f"'{name}' is the name of {lookup.words(owner)} already.")
    if not definition.startswith(("a ", "an ")) or definition.endswith("."):
        raise UsageError("A definition has the form: a <parent> that …, without a full stop.")
    above = [lookup.parent(name) for name in parents]
    kinds = set.intersection(*(lookup.kinds_of(p) for p in above)) if above else set()
    if len(kinds) != 1:
        shown = ", ".join(map(lookup.words, sorted(kinds))) or "none in common"
        raise UsageError(f"A term has one kind; its parents have: {shown}. Give other parents.")
    iri = next_term(edits.loaded, next(iter(kinds)))
    relation = iris.TYPE if individual else iris.SUBCLASS
    triples = [
        triple(iri, iris.TYPE, _INDIVIDUAL if individual else iris.CLASS),
        triple(iri, iris.LABEL, _english(label)),
        triple(iri, iris.DEFINITION, _english(definition)),
        *(triple(iri, relation, parent) for parent in above),
        *(triple(iri, SCOPES[scope], _english(n)) for scope, ns in synonyms.items() for n in ns),
        triple(iri, iris.DCTERMS + "contributor", contributor),
        triple(
            iri,
            iris.DCTERMS + "created",
            ox.Literal(created.isoformat(), datatype=ox.NamedNode(iris.XSD_DATE)),
        ),
    ]
    kind = next(iter(kinds))
    name = f"{kind.removeprefix(iris.CDMO).lower()}.ttl"
    path = module_of(lookup, kind) or edits.loaded.sources.ontology / "modules" / name
    edits.add_in_order(path, Block(ox.NamedNode(iri), tuple(triples)))
    edits.loaded.places.setdefault(iri, (path, 1))  # the next term gets the next number
    return iri


def _english(words: str) -> ox.Literal:
    return ox.Literal(" ".join(words.split()), language="en")


def module_of(lookup: Lookup, kind: str) -> Path | None:
    """Return the module that holds most terms of a kind, if there are any."""
    files = Counter(
        path
        for iri, (path, _) in lookup.loaded.places.items()
        if iri.startswith(iris.TERM)
        and kind in lookup.kinds_of(iri)
        and path.name != "defined-classes.ttl"
    )
    return files.most_common(1)[0][0] if files else None
