"""The card of a resource of other people's data: the content of its page as one object."""

from collections.abc import Iterable

from service.cards.descriptions import Object
from service.library import Ref, Resource, Values


def resource_card(resource: Resource) -> Object:
    """Return a resource as an object; lists are as long as its page shows them."""
    return {
        **_thing(resource.ref),
        "types": _things(resource.types),
        "labels": [_text(w.text, w.language) for w in resource.labels],
        "definitions": [_text(w.text, w.language) for w in resource.definitions],
        "synonyms": [
            {**_text(w.text, w.language), "scope": _thing(scope)} for scope, w in resource.synonyms
        ],
        "deprecated": resource.obsolete,
        "parents": _things(resource.parents),
        "children": _things(resource.children),
        "moreChildren": resource.more_children,
        "properties": [_values(values) for values in resource.properties],
        "usedBy": [_values(values) for values in resource.uses],
    }


def _thing(ref: Ref) -> Object:
    return {"id": ref.iri, **({"curie": ref.curie} if ref.curie else {}), "label": ref.label}


def _things(refs: Iterable[Ref]) -> list[Object]:
    return [_thing(ref) for ref in refs]


def _text(words: str, language: str) -> Object:
    return {"value": words, **({"language": language} if language else {})}


def _values(values: Values) -> Object:
    """Return a property with its values: things, or texts; class expressions are texts too."""
    return {
        "property": _thing(values.ref),
        "values": [
            _thing(value.parts[0])
            if len(value.parts) == 1 and value.parts[0].iri
            else _text(" ".join(part.label for part in value.parts), value.language)
            for value in values.values
        ],
        "more": values.more,
    }
