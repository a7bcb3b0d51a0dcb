"""Objects of the dataset as plain JSON, by the tables of keys and shapes.

Every triple of an object is in the dataset, since each value is read from there.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyoxigraph as ox

from service import iris
from service.cards.descriptions import Object, plain, resource_object, value_object
from service.cards.keys import KEYS, Key
from service.cards.objects import SHAPES
from service.library import LAST, Description, Library, describe, rows_of
from service.rdf.terms import Term, text

_SORTS = {"mapping": "mappingSet"}
"""Sorts of resources whose shape has another name: there ``mapping`` is a row."""


def card(library: Library, iri: str) -> Object:
    """Return the card of a resource: the content of its page as one object.

    The card of a claim is the object that stands in other cards and in lists.

    :param iri: a published IRI of ours.
    :raises UnknownResource: if the release has no triple of it.
    """
    return card_of(describe(library, iri))


def card_of(description: Description) -> Object:
    """Return the card of a described resource."""
    library = description.library
    sort = _SORTS.get(description.type, description.type)
    if sort in SHAPES:
        return object_of(library, description.iri, sort)
    own: dict[str, list[Term]] = {}
    labels: dict[Term, str] = {}
    for predicate, terms in _own_values(library, description.iri).items():
        named: list[Term] = [term for term in terms if not isinstance(term, ox.BlankNode)]
        if named:
            own[predicate] = named
        for term in named:
            if isinstance(term, ox.NamedNode) and (label := library.label(term.value)):
                labels[term] = label
    values = resource_object(ox.NamedNode(description.iri), own, labels)
    return {**thing(library, description.iri), **values}


def thing(library: Library, iri: str) -> Object:
    """Return a resource as others name it: ``id``, ``curie`` and ``label``.

    A resource of another vocabulary may have no label in the dataset.
    """
    is_part = iri.startswith(iris.BASE) and "#" in iri
    curie = None if is_part else library.names.curie(iri)
    label = library.label(iri)
    return {
        "id": iri,
        **({"curie": curie} if curie else {}),
        **({"label": label} if label else {}),
    }


def object_of(
    library: Library, iri: str, sort: str, shape: Mapping[str, str] | None = None
) -> Object:
    """Return a resource as an object of a sort.

    :param sort: a key of :data:`service.cards.objects.SHAPES`.
    :param shape: the keys that are wanted, if not all of the sort.
    """
    result = thing(library, iri)
    shape = SHAPES[sort] if shape is None else shape
    own = _own_values(library, iri) if shape else {}
    for name, values_sort in shape.items():
        key = KEYS[name]
        if name in _CONVENIENCES:
            values = _CONVENIENCES[name](library, iri, own)
        else:
            terms = _CHOICES.get(name, _values)(library, iri, key, own)
            held = (_value(library, term, key, values_sort) for term in terms)
            values = sorted((value for value in held if value is not None), key=_place)
        if key.many:
            result[name] = values
        elif values:
            result[name] = values[0]
    return result


# -- values ----------------------------------------------------------------------------------

Own = Mapping[str, list[Term]]
"""The values of a resource by property."""


def _own_values(library: Library, iri: str) -> dict[str, list[Term]]:
    values = library.own_values(ox.NamedNode(iri))
    return {predicate: sorted(terms, key=text) for predicate, terms in values.items()}


def _values(library: Library, iri: str, key: Key, own: Own) -> Iterable[Term]:
    if not key.reverse:
        return own.get(key.iri, ())
    return [ox.NamedNode(subject) for subject in library.subjects(key.iri, iri)]


def _value(library: Library, term: Term, key: Key, sort: str) -> Any:
    """Return a value as the key holds it; None if it does not fit."""
    if isinstance(term, ox.Literal):
        return value_object(term) if key.values == "any" else plain(term, key.values)
    if not isinstance(term, ox.NamedNode):
        return None
    if key.values == "iri":
        return term.value
    if key.values not in ("thing", "any"):
        return None
    if sort == "concerned":
        sort = _concerned(library, term.value)
    return object_of(library, term.value, sort)


def _concerned(library: Library, iri: str) -> str:
    """Return the sort of a resource that a tension concerns, as its card shows it."""
    if iri in library.claims:
        return "claim"
    return "passageInBrief" if iri in library.passages else "thing"


def _place(value: Any) -> tuple[Any, ...]:
    """Return the place of a value by the order of the document, by strength, and by label."""
    if not isinstance(value, dict):
        return (value,)
    cited = value.get("citations") or [value]
    order = cited[0].get("order") or cited[0].get("passage", {}).get("order", LAST)
    match = value.get("predicate", {}).get("id")
    strength = iris.MATCHES.index(match) if match in iris.MATCHES else len(iris.MATCHES)
    return order, strength, value.get("label", "").lower(), value.get("id", "")


# -- values that are chosen or computed ---------------------------------------------------------


def _parents(library: Library, iri: str, key: Key, own: Own) -> Iterable[Term]:
    direct = library.hierarchy.parents.get(iri, {})
    return [term for term in own.get(key.iri, ()) if not direct or text(term) in direct]


def _children(library: Library, iri: str, key: Key, own: Own) -> Iterable[Term]:
    return [ox.NamedNode(child) for child in library.hierarchy.children.get(iri, {})]


def _matches(library: Library, iri: str, key: Key, own: Own) -> Iterable[Term]:
    """Return the mappings of a term, without denied ones and those without a target."""
    for mapping in _values(library, iri, key, own):
        values = _own_values(library, text(mapping))
        targets = [text(target) for target in values.get(iris.ANNOTATED_TARGET, ())]
        denied = iris.SSSOM + "predicate_modifier" in values
        if targets and not denied and targets != [iris.NO_TERM_FOUND]:
            yield mapping


_CHOICES: Mapping[str, Callable[[Library, str, Key, Own], Iterable[Term]]] = {
    "parents": _parents,
    "children": _children,
    "mappings": _matches,
}
"""Keys that hold only some values of their property."""


def kind_labels(library: Library, iri: str) -> list[str]:
    """Return the kinds of a term by their labels."""
    return [library.kinds[kind].ref.label for kind in library.kinds_of(iri)]


def _answer(own: Own) -> list[list[str]]:
    return rows_of(text(next(iter(own.get(iris.EXPECTED, ())), None)))


_CONVENIENCES: Mapping[str, Callable[[Library, str, Own], list[Any]]] = {
    "kind": lambda library, iri, own: kind_labels(library, iri),
    "columns": lambda library, iri, own: next(iter(_answer(own)), []),
    "rows": lambda library, iri, own: list(_answer(own)[1:]),
}
"""Keys that make no triple."""
