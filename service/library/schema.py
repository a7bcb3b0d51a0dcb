"""The schema of a release: kinds of terms, relations, qualifiers and modalities.

What pages write beside a label, and in which order, is data (``ontology/display.ttl``): see
:class:`Display`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service import iris
from service.library.data import Ref, ReleaseData
from service.rdf.terms import text

Values = Mapping[str, list[str]]
"""The values of one resource by property, as text."""

LAST = 500
"""The place of a relation that ``display.ttl`` gives none."""


@dataclass(frozen=True, slots=True)
class Display:
    """The words and the place that pages give a resource; what it lacks is empty.

    :param order: its place among its like.
    :param group: ``pillar`` or ``supporting``, for kinds of terms.
    :param plural: its label in the plural.
    :param sentence: how it reads within a sentence.
    :param inverse: how it reads from object to subject.
    :param short: plain words for it.
    :param gloss: the part of its definition that goes on from words of the page.
    :param schema_org: IRIs of schema.org types of the terms at or below it.
    :param schema_org_members: IRIs of schema.org types of the terms directly below it.
    """

    order: int | None = None
    group: str = ""
    plural: str = ""
    sentence: str = ""
    inverse: str = ""
    short: str = ""
    gloss: str = ""
    schema_org: tuple[str, ...] = ()
    schema_org_members: tuple[str, ...] = ()


class Displays(dict[str, Display]):
    """How pages show each resource, by IRI; a resource that has no words of its own is empty."""

    def __missing__(self, iri: str) -> Display:
        return _NO_DISPLAY


_NO_DISPLAY = Display()


@dataclass(frozen=True, slots=True)
class Modality:
    """How sure the document is.

    :param strength: 0 to 100; the lower, the more cautious.
    :param words: plain words for it.
    :param gloss: its definition without "a modality in which a passage".
    """

    ref: Ref
    name: str
    strength: int
    words: str
    definition: str = ""
    gloss: str = ""

    @property
    def level(self) -> int:
        """How full a meter of four stands: 4 for flat statements, 0 for warnings against."""
        return sum(self.strength >= least for least in (10, 40, 65, 85))


UNKNOWN_MODALITY = Modality(Ref("not recorded", ""), "unknown", 0, "not recorded")


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation between terms.

    :param words: how it reads in a sentence, from its subject to its object.
    :param inverse_words: how it reads from its object's side.
    """

    ref: Ref
    inverse: Ref | None
    words: str
    inverse_words: str
    order: int
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of term, such as condition.

    :param pillar: whether it is one of the four kinds that the site is built on.
    """

    ref: Ref
    name: str
    plural: str
    order: int
    definition: str = ""
    pillar: bool = False


def read_displays(data: ReleaseData) -> Displays:
    """Read the words and the place that pages give each resource."""
    return Displays(
        {
            iri: Display(
                order=int(values[iris.DISPLAY_ORDER][0]) if iris.DISPLAY_ORDER in values else None,
                group=_first(values, iris.DISPLAY_GROUP),
                plural=_first(values, iris.PLURAL_LABEL),
                sentence=_first(values, iris.SENTENCE_LABEL),
                inverse=_first(values, iris.INVERSE_LABEL),
                short=_first(values, iris.SHORT_LABEL),
                gloss=_first(values, iris.GLOSS),
                schema_org=tuple(values.get(iris.SCHEMA_ORG_TYPE, ())),
                schema_org_members=tuple(values.get(iris.SCHEMA_ORG_MEMBER_TYPE, ())),
            )
            for iri, values in _read(data, "display").items()
        }
    )


def read_schema(data: ReleaseData) -> dict[str, Values]:
    """Read what the schema declares: types, definition, inverse, parents and strength by IRI."""
    return _read(data, "schema")


def _read(data: ReleaseData, query: str) -> dict[str, Values]:
    resources: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in data.select(query):
        resources[text(row["resource"])][text(row["property"])].append(text(row["value"]))
    return {iri: dict(values) for iri, values in sorted(resources.items())}


def _first(values: Values, predicate: str) -> str:
    return next(iter(values.get(predicate, ())), "")


def _typed(schema: Mapping[str, Values], *types: str) -> Iterator[tuple[str, Values]]:
    for iri, values in schema.items():
        if not set(types).isdisjoint(values.get(iris.TYPE, ())):
            yield iri, values


def definitions(schema: Mapping[str, Values]) -> dict[str, str]:
    """Return the definition of each resource that the schema declares, or ""."""
    return {iri: _first(values, iris.DEFINITION) for iri, values in schema.items()}


def read_modalities(
    data: ReleaseData, schema: Mapping[str, Values], displays: Displays
) -> dict[str, Modality]:
    """Return every modality by IRI, surest first."""
    modalities = []
    for iri, values in _typed(schema, iris.MODALITY_CLASS):
        ref, display, definition = data.ref(iri), displays[iri], _first(values, iris.DEFINITION)
        strength = int(_first(values, iris.STRENGTH) or 50)
        words, gloss = display.short or ref.label, display.gloss or definition
        name = iri.removeprefix(iris.CDMO)
        modalities.append(Modality(ref, name, strength, words, definition, gloss))
    return {m.ref.iri: m for m in sorted(modalities, key=lambda m: -m.strength)}


def read_relations(
    data: ReleaseData, schema: Mapping[str, Values], displays: Displays
) -> dict[str, Relation]:
    """Return every relation that claims state, by IRI, in the order of pages."""
    relations = [_is_a(data, displays[iris.SUBCLASS])]
    for iri, values in _typed(schema, iris.OBJECT_PROPERTY, iris.DATATYPE_PROPERTY):
        ref, inverse = data.ref(iri), _first(values, iris.INVERSE_OF)
        other = data.ref(inverse) if inverse else None
        words = displays[iri].sentence or ref.label
        symmetric = iris.SYMMETRIC_PROPERTY in values[iris.TYPE]
        backwards = displays[inverse].sentence or displays[iri].inverse
        backwards = backwards or (other.label if other else words if symmetric else f"{words} (of)")
        orders = (displays[iri].order, displays[inverse].order, LAST)
        order = next(order for order in orders if order is not None)
        definition = _first(values, iris.DEFINITION)
        relations.append(Relation(ref, other, words, backwards, order, definition))
    return {r.ref.iri: r for r in sorted(relations, key=lambda r: (r.order, r.ref.label))}


def _is_a(data: ReleaseData, display: Display) -> Relation:
    """Return the relation of a class to a wider one, which claims state too."""
    ref = data.ref(iris.SUBCLASS)
    words = display.sentence or ref.label
    backwards = display.inverse or f"{words} (of)"
    return Relation(data.labelled(words, ref.iri), None, words, backwards, 0, display.gloss)


def read_kinds(
    data: ReleaseData, schema: Mapping[str, Values], displays: Displays
) -> dict[str, Kind]:
    """Return every kind of term by IRI, in the order of pages, the pillars first."""
    kinds = []
    for iri, values in schema.items():
        display = displays[iri]
        if display.group:
            ref, name = data.ref(iri), iri.removeprefix(iris.CDMO)
            plural, order = display.plural or f"{ref.label}s", display.order or 0
            definition, pillar = _first(values, iris.DEFINITION), display.group == "pillar"
            kinds.append(Kind(ref, name, plural, order, definition, pillar))
    return {k.ref.iri: k for k in sorted(kinds, key=lambda k: (not k.pillar, k.order))}
