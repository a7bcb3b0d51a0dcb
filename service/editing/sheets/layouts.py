"""Which sheets there are, and which property stands in which column."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from service import iris
from service.editing.lookup import Lookup
from service.editing.sheets.cells import Kind, Values
from service.editing.sheets.tables import EXPORTED, LABEL, Column
from service.pipeline import graphs
from service.pipeline.loading import Loaded
from service.rdf.terms import text

FILE, ID = "file", "id"
NOTES = {
    FILE: "The file of the sources that holds it, without .ttl. Needed for what is new.",
    ID: "The identifier. Leave it empty for what is new: the next free one is taken.",
    EXPORTED: "What the row was when it was exported. Leave it alone.",
}

_NAMES = {
    iris.TYPE: "type",
    iris.LABEL: "label",
    iris.COMMENT: "comment",
    iris.SUBCLASS: "parent",
    iris.DEFINITION: "definition",
    iris.EXACT_SYNONYM: "exactSynonym",
    iris.NARROW_SYNONYM: "narrowSynonym",
    iris.BROAD_SYNONYM: "broadSynonym",
    iris.RELATED_SYNONYM: "relatedSynonym",
    iris.DCTERMS + "contributor": "contributor",
    iris.DCTERMS + "created": "created",
    iris.DCTERMS + "modified": "modified",
    iris.DEPRECATED: "deprecated",
    iris.REPLACED_BY: "replacedBy",
    iris.KEYWORDS: "keywords",
    iris.SELECT: "select",
    iris.CDMO + "schemaOrgType": "schemaOrgType",
}
_SINGLE = {"label", "definition", "comment", "select", "expected", "hedge", "cautionText"}
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(
        ("label", "comment", "definition", "keywords", "degree", "manner", "inPhase"), "text"
    ),
    **{f"{scope}Synonym": "text" for scope in ("exact", "narrow", "broad", "related")},
    **dict.fromkeys(("select", "expected", "hedge", "website"), "string"),
    **dict.fromkeys(("offLabel", "deprecated", "collective"), "boolean"),
    **dict.fromkeys(("created", "modified"), "date"),
}
"""The kinds of the values of columns; values of others are IRIs."""

_TERMS = (
    "type label definition parent exactSynonym narrowSynonym broadSynonym relatedSynonym"
    " aspectOf comment origin schemaOrgType schemaOrgMemberType contributor created modified"
    " deprecated replacedBy"
)
_PARTS = "passage assertion frequency advice aim collective hedge"


@dataclass(frozen=True)
class Property:
    """A property that stands in a column."""

    iri: str
    name: str

    @property
    def values(self) -> Values:
        """How its values stand in cells."""
        return Values(_KINDS.get(self.name, "iri"), self.name in _SINGLE)


@dataclass(frozen=True)
class Layout:
    """A sheet of blocks.

    :param folder: of the files, in ``ontology/``.
    :param start: of the IRIs of its blocks.
    :param types: of a new block.
    :param properties: the properties of a block, in the order of their columns.
    :param part: the property whose values, blank nodes, have a row each; or "".
    :param part_properties: those of such a value.
    :param choices: column to the cells from which editors choose.
    """

    name: str
    folder: str
    start: str
    types: tuple[str, ...]
    properties: tuple[Property, ...]
    part: str = ""
    part_properties: tuple[Property, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_files(self) -> bool:
        """Whether a file holds many blocks."""
        return self.name != "questions"

    def shows_labels(self, prop: Property) -> bool:
        """Tell whether a column with labels stands beside that of a property."""
        shown = prop.name in ("parent", "subject", "object", "aspectOf", "replacedBy")
        qualifies = self.name == "claims" and prop in self.properties and prop.name != "polarity"
        return prop.values.kind == "iri" and (shown or (qualifies and prop.name != "relation"))

    def columns(self) -> Iterator[Column]:
        """Yield the columns in their order."""
        notes = {**NOTES, **self.notes}
        if self.has_files:
            yield Column(FILE, notes[FILE], self.choices[FILE])
        yield Column(ID, notes[ID])
        for prop in (*self.properties, *self.part_properties):
            yield Column(prop.name, notes.get(prop.name, ""), self.choices.get(prop.name, ()))
            if self.shows_labels(prop):
                note = f"The labels of what '{prop.name}' names, to read by; not imported."
                yield Column(prop.name + LABEL, note)
        yield Column(EXPORTED, notes[EXPORTED])


def layouts(loaded: Loaded) -> list[Layout]:
    """Return the layouts of terms, claims and questions, for the schema of the sources."""
    lookup = Lookup(loaded)

    def curies(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(map(loaded.name, values)))

    def stems(folder: str) -> tuple[str, ...]:
        paths = (d.path for d in loaded.documents if d.path.parent.name == folder)
        return tuple(sorted(path.stem for path in paths))

    qualifiers = sorted(iri.removeprefix(iris.CDMO) for iri in lookup.qualifiers)
    boolean = ("true", "false")
    claims = ("subject", "relation", "object", "polarity", *qualifiers)
    values = {
        name: curies(lookup.instances(iris.CDMO + name.capitalize()))
        for name in ("assertion", "frequency", "advice", "aim")
    }
    return [
        Layout(
            "terms",
            "modules",
            iris.TERM,
            (iris.CLASS,),
            _properties(_TERMS.split()),
            choices={FILE: stems("modules"), "deprecated": boolean},
            notes=_notes(loaded, _TERMS.split()),
        ),
        Layout(
            "claims",
            "claims",
            iris.CLAIM,
            (iris.CDMO + "Claim",),
            _properties(claims),
            iris.CITATION,
            _properties(_PARTS.split()),
            choices={
                FILE: stems("claims"),
                "relation": curies(lookup.relations),
                "polarity": (loaded.name(iris.CDMO + "negative"),),
                "offLabel": boolean,
                "collective": boolean,
                **values,
            },
            notes=_notes(loaded, [*claims, *_PARTS.split()]),
        ),
        Layout(
            "questions",
            "questions",
            iris.QUESTION,
            (iris.CDMO + "Question", iris.SH + "SPARQLSelectExecutable"),
            _properties(["label", "comment", "keywords", "select", "expected"]),
            notes={
                ID: "The name of the question in its IRI and of its file; needed for a new one.",
                **_notes(loaded, ["expected"]),
            },
        ),
    ]


def _properties(names: Iterable[str]) -> tuple[Property, ...]:
    known = {name: iri for iri, name in _NAMES.items()}
    return tuple(Property(known.get(name, iris.CDMO + name), name) for name in names)


def _notes(loaded: Loaded, names: Iterable[str]) -> dict[str, str]:
    """Return the notes of the schema on properties."""
    notes = {}
    for prop in _properties(names):
        definitions = graphs.values(loaded.store, ox.NamedNode(prop.iri), iris.DEFINITION)
        words = text(definitions[0]) if definitions else ""
        note = words.removeprefix("an annotation property that ") or loaded.name(prop.iri)
        several = "" if prop.values.single else " Several: a | b"
        notes[prop.name] = f"{note[0].upper()}{note[1:]}.{several}"
    return notes
