"""The published context agrees with the table of keys, and no two keys collide."""

from collections import Counter

from service.cards import CONTEXT, KEYS
from service.cards.keys import ALIASES, PREFIXES
from service.iris import CDMO
from service.library import Library

from .readers import by_pyld

ONE = "https://w3id.org/cdmo/id/1"


def test_only_keys_with_a_property_make_triples() -> None:
    examples = {
        **{"thing": {"id": ONE}, "any": {"id": ONE}, "iri": ONE, "text": "x", "string": "x"},
        **{"boolean": True, "integer": 3, "number": 0.95, "date": "2026-11-22", "other": "x"},
    }
    for name, key in KEYS.items():
        value = [examples[key.values]] if key.many else examples[key.values]
        triples = by_pyld({**CONTEXT, "id": "https://w3id.org/cdmo/id/2", name: value})
        assert [t.predicate.value for t in triples] == ([key.iri] if key.iri else []), name


def test_keys_aliases_and_prefixes_are_not_mistaken_for_each_other() -> None:
    counts = Counter([*KEYS, *ALIASES, *PREFIXES])
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_qualifier_of_the_ontology_has_a_key(real_library: Library) -> None:
    properties = {key.iri for key in KEYS.values()}
    assert set(real_library.qualifiers) <= properties


def test_no_key_hides_a_property_of_our_schema(real_library: Library) -> None:
    """A key named as one of our properties stands for it, or the property has another key."""
    shown = {key.iri for key in KEYS.values()}
    for name, key in KEYS.items():
        if real_library.knows(CDMO + name) and key.iri != CDMO + name:
            assert CDMO + name in shown, name
