"""The schema of a release: kinds of terms, relations and standings, with the words of pages."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from service import iris
from service.library.data import LAST, Ref, ReleaseData, Values, first
from service.rdf.walk import closure

HOOKED = "hooked"
"""The display group of the relations that a picture counts at each of its terms."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing of a claim for a reader: stated, qualified, hedged or prospective.

    :param level: how full a meter of four stands: 4 for what is stated, 1 for aims and hopes.
    :param words: plain words for it.
    :param gloss: its definition without "a standing in which".
    """

    ref: Ref
    name: str
    level: int
    words: str
    definition: str = ""
    gloss: str = ""


UNKNOWN_STANDING = Standing(Ref("not recorded", ""), "unknown", 0, "not recorded")


@dataclass(frozen=True, slots=True)
class Manner:
    """One way in which a passage can put a claim: a value of a citation, such as *may be so*.

    :param question: the class of the value: the question that it answers; "" for the value by
        which a passage speaks of several things together.
    :param order: its place among all of them, the most plain first.
    :param words: plain words for it.
    :param gloss: how a passage of this manner speaks, in words.
    """

    ref: Ref
    name: str
    question: str
    order: int
    words: str
    gloss: str

    @property
    def narrows(self) -> bool:
        """Whether it says in which cases a claim holds, or that it is made of several at once."""
        return self.question in ("", iris.FREQUENCY)


@dataclass(frozen=True, slots=True)
class Sector:
    """A part of the picture of a term: the objects of relations that belong together.

    :param order: its place among the parts.
    :param hooked: whether the picture counts it at the terms of the other parts too.
    """

    words: str
    order: int
    hooked: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation between terms.

    :param words: how it reads in a sentence, from its subject to its object.
    :param inverse_words: how it reads from its object's side.
    :param denials: both words where it is denied or advised against; "" if it has no such words.
    :param meant: both words where it is only an aim; "" if it has no such words.
    :param hoped: both words where it is only hoped for or explored.
    :param general: whether it is for queries and no claim states it.
    :param heading: the heading under which a page shows it, or "".
    :param sector: where the picture of its subject shows its object; None if it does not.
    :param inverse_sector: where the picture of its object shows its subject.
    :param in_brief: whether the summary of a term names its statements before others.
    :param wider: the IRIs of it and of all wider relations, the nearest first.
    """

    ref: Ref
    inverse: Ref | None
    words: str
    inverse_words: str
    order: int
    definition: str = ""
    general: bool = False
    heading: str = ""
    sector: Sector | None = None
    inverse_sector: Sector | None = None
    denials: tuple[str, str] = ("", "")
    meant: tuple[str, str] = ("", "")
    hoped: tuple[str, str] = ("", "")
    in_brief: bool = False
    wider: tuple[str, ...] = ()

    @property
    def symmetric(self) -> bool:
        """Whether it reads the same from both ends."""
        return self.words == self.inverse_words

    def reading(self, *, forwards: bool = True, negative: bool = False) -> str:
        """How it reads in a direction, affirmed or denied."""
        words = self.words if forwards else self.inverse_words
        denial = self.denials[0] if forwards else self.denials[1]
        return (denial or f"not: {words}") if negative else words

    @property
    def name(self) -> str:
        """Its local name."""
        return "kindOf" if self.ref.iri == iris.SUBCLASS else self.ref.iri.rpartition("/")[2]

    @property
    def inverse_name(self) -> str:
        """The local name of its inverse."""
        if self.inverse:
            return self.inverse.iri.rpartition("/")[2]
        return self.name if self.symmetric else {"kindOf": "kinds"}.get(self.name, f"{self.name}Of")


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


class Schema(ReleaseData):
    """The schema of an opened release. Each part of a release is read once, when first needed."""

    @cached_property
    def _schema(self) -> Mapping[str, Values]:
        return self.read("schema")

    def _typed(self, *types: str) -> Iterator[tuple[str, Values]]:
        for iri, values in self._schema.items():
            if not set(types).isdisjoint(values.get(iris.TYPE, ())):
                yield iri, values

    @cached_property
    def definitions(self) -> Mapping[str, str]:
        """The definition of everything that the schema declares, by IRI."""
        return {iri: first(values, iris.DEFINITION) for iri, values in self._schema.items()}

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """Every standing of a claim by IRI, the best first."""
        standings = [iri for iri, _ in self._typed(iris.STANDING_CLASS)]
        ordered = sorted(standings, key=self.display_order)
        return {
            iri: Standing(
                (ref := self.ref(iri)),
                iri.removeprefix(iris.CDMO),
                len(ordered) - place,
                self.in_short(ref),
                self.definitions[iri],
                self.display(iri, iris.GLOSS) or self.definitions[iri],
            )
            for place, iri in enumerate(ordered)
        }

    @cached_property
    def manners(self) -> Mapping[str, Manner]:
        """Every value of citations by IRI, in the order of pages."""
        questions = {
            iri: next(t for t in values[iris.TYPE] if t in iris.QUESTIONS)
            for iri, values in self._typed(*iris.QUESTIONS)
        }
        if iris.COLLECTIVE in self._schema:
            questions[iris.COLLECTIVE] = ""
        return {
            iri: Manner(
                (ref := self.ref(iri)),
                iri.removeprefix(iris.CDMO),
                questions[iri],
                order,
                self.in_short(ref),
                self.display(iri, iris.GLOSS) or self.definitions[iri],
            )
            for order, iri in enumerate(sorted(questions, key=self.display_order))
        }

    @cached_property
    def relations(self) -> Mapping[str, Relation]:
        """Every relation by IRI, in the order of pages.

        That of a class to a wider one is among them: claims state it too.
        """
        is_a: tuple[str, Values] = iris.SUBCLASS, {}
        relations = []
        for iri, values in (is_a, *self._typed(iris.OBJECT_PROPERTY, iris.DATATYPE_PROPERTY)):
            ref, inverse = self.ref(iri), first(values, iris.INVERSE_OF)
            words = self.in_sentence(ref)
            symmetric = iris.SYMMETRIC_PROPERTY in values.get(iris.TYPE, ())
            wider = self._wider(iri)
            relation = Relation(
                self.labelled(words, iri) if iri == iris.SUBCLASS else ref,
                self.ref(inverse) if inverse else None,
                words,
                words
                if symmetric
                else self.display(inverse, iris.SENTENCE_LABEL)
                or self.display(iri, iris.INVERSE_LABEL)
                or (self.ref(inverse).label if inverse else f"{words} (of)"),
                self.display_order(iri, self.display_order(inverse)),
                self.definitions.get(iri, self.display(iri, iris.GLOSS)),
                iris.GENERAL in values,
                self.display(iri, iris.DISPLAY_GROUP),
                self._sector(wider, backwards=False),
                self._sector(wider, backwards=not symmetric),
                (
                    self.display(iri, iris.NEGATIVE_LABEL),
                    self.display(iri if symmetric else inverse, iris.NEGATIVE_LABEL),
                ),
                self._form(wider, iris.INTENDED_FORM),
                self._form(wider, iris.HOPED_FORM),
                bool(self.display(iri, iris.IN_BRIEF)),
                wider,
            )
            relations.append(relation)
        return {r.ref.iri: r for r in sorted(relations, key=lambda r: (r.order, r.ref.label))}

    def _form(self, wider: Iterable[str], name: str) -> tuple[str, str]:
        """Return both readings of the form for aims or hopes of the nearest relation with one."""
        for relation in wider:
            if form := first(self._schema.get(relation, {}), name):
                inverse = first(self._schema.get(form, {}), iris.INVERSE_OF)
                return self.in_sentence(self.ref(form)), self.in_sentence(self.ref(inverse))
        return "", ""

    def _sector(self, wider: Iterable[str], *, backwards: bool) -> Sector | None:
        """Return the sector of the nearest relation that has one."""
        for relation in wider:
            values = self._schema.get(relation, {})
            inverse = first(values, iris.INVERSE_OF) if backwards else ""
            way = inverse or relation
            if words := self.display(way, iris.SECTOR_LABEL):
                order = int(self.display(way, iris.SECTOR_ORDER) or LAST)
                return Sector(words, order, self.display(way, iris.DISPLAY_GROUP) == HOOKED)
        return None

    def relation(self, iri: str) -> Relation:
        """Return the relation ``iri``; one that the schema does not declare reads as its name."""
        ref = self.ref(iri)
        backwards = f"{ref.label} (of)"
        return self.relations.get(iri) or Relation(
            ref, None, ref.label, backwards, LAST, wider=(iri,)
        )

    def _wider(self, iri: str) -> tuple[str, ...]:
        """Return a relation and all wider ones, the nearest first."""
        wider = closure(iri, lambda r: self._schema.get(r, {}).get(iris.SUBPROPERTY, ()))
        return tuple(dict.fromkeys((iri, *wider)))

    @cached_property
    def qualifiers(self) -> Mapping[str, Ref]:
        """Every qualifier by IRI; those that restrict a claim are below one of their own."""
        above = {iris.QUALIFIER, iris.RESTRICTION}
        return {
            iri: self.ref(iri)
            for iri, values in self._schema.items()
            if above.intersection(values.get(iris.SUBPROPERTY, ())) and iri not in above
        }

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Every kind of term by IRI, in the order of pages, the pillars first."""
        kinds = []
        for iri, definition in self.definitions.items():
            group = self.display(iri, iris.DISPLAY_GROUP)
            if group in ("pillar", "supporting"):
                ref, order = self.ref(iri), self.display_order(iri)
                plural = self.display(iri, iris.PLURAL_LABEL) or f"{ref.label}s"
                name = iri.removeprefix(iris.CDMO)
                kinds.append(Kind(ref, name, plural, order, definition, group == "pillar"))
        return {k.ref.iri: k for k in sorted(kinds, key=lambda k: (not k.pillar, k.order))}

    @property
    def pillars(self) -> list[Kind]:
        """The kinds of term that the site is built on."""
        return [kind for kind in self.kinds.values() if kind.pillar]
