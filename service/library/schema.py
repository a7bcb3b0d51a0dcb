"""The schema of a release: kinds of terms, relations and modalities, with the words of pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service import iris
from service.library.data import Ref, ReleaseData, Values, first


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

    :param pillar: whether it is one of the kinds that the site is built on.
    """

    ref: Ref
    name: str
    plural: str
    order: int
    definition: str = ""
    pillar: bool = False


def _typed(schema: Mapping[str, Values], *types: str) -> Iterator[tuple[str, Values]]:
    for iri, values in schema.items():
        if not set(types).isdisjoint(values.get(iris.TYPE, ())):
            yield iri, values


def read_modalities(data: ReleaseData, schema: Mapping[str, Values]) -> dict[str, Modality]:
    """Return every modality by IRI, surest first."""
    modalities = []
    for iri, values in _typed(schema, iris.MODALITY_CLASS):
        ref, definition = data.ref(iri), first(values, iris.DEFINITION)
        strength = int(first(values, iris.STRENGTH) or 50)
        gloss = data.display(iri, iris.GLOSS) or definition
        name = iri.removeprefix(iris.CDMO)
        modalities.append(Modality(ref, name, strength, data.in_short(ref), definition, gloss))
    return {m.ref.iri: m for m in sorted(modalities, key=lambda m: -m.strength)}


def read_relations(data: ReleaseData, schema: Mapping[str, Values]) -> dict[str, Relation]:
    """Return every relation that claims state, by IRI, in the order of pages."""
    relations = [_is_a(data)]
    for iri, values in _typed(schema, iris.OBJECT_PROPERTY, iris.DATATYPE_PROPERTY):
        ref, inverse = data.ref(iri), first(values, iris.INVERSE_OF)
        words = data.in_sentence(ref)
        if inverse:
            backwards = data.ref(inverse).label
        else:
            symmetric = iris.SYMMETRIC_PROPERTY in values[iris.TYPE]
            backwards = words if symmetric else f"{words} (of)"
        displayed = data.display(inverse, iris.SENTENCE_LABEL)
        displayed = displayed or data.display(iri, iris.INVERSE_LABEL)
        relation = Relation(
            ref,
            data.ref(inverse) if inverse else None,
            words,
            displayed or backwards,
            data.display_order(iri, data.display_order(inverse)),
            first(values, iris.DEFINITION),
        )
        relations.append(relation)
    return {r.ref.iri: r for r in sorted(relations, key=lambda r: (r.order, r.ref.label))}


def _is_a(data: ReleaseData) -> Relation:
    """Return the relation of a class to a wider one, which claims state too."""
    words = data.in_sentence(data.ref(iris.SUBCLASS))
    backwards = data.display(iris.SUBCLASS, iris.INVERSE_LABEL) or f"{words} (of)"
    gloss = data.display(iris.SUBCLASS, iris.GLOSS)
    return Relation(data.labelled(words, iris.SUBCLASS), None, words, backwards, 0, gloss)


def read_kinds(data: ReleaseData, schema: Mapping[str, Values]) -> dict[str, Kind]:
    """Return every kind of term by IRI, in the order of pages, the pillars first."""
    kinds = []
    for iri, values in schema.items():
        if group := data.display(iri, iris.DISPLAY_GROUP):
            ref, definition = data.ref(iri), first(values, iris.DEFINITION)
            plural = data.display(iri, iris.PLURAL_LABEL) or f"{ref.label}s"
            name, order = iri.removeprefix(iris.CDMO), data.display_order(iri)
            kinds.append(Kind(ref, name, plural, order, definition, group == "pillar"))
    return {k.ref.iri: k for k in sorted(kinds, key=lambda k: (not k.pillar, k.order))}
