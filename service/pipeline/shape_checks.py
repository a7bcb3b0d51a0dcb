"""Check the shapes themselves: a misspelt shape finds nothing, silently.

The results of a faulty shape are not reported; they follow from its fault.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs
from service.pipeline.facts import Facts
from service.pipeline.loading import WRITTEN, Loaded
from service.pipeline.violations import Severity, Violation, did_you_mean
from service.rdf.terms import Term, text

_SH = iris.SH
_COUNTS = ("minCount", "maxCount", "minLength", "maxLength")
_BOUNDS = (
    *(("minCount", "maxCount"), ("minLength", "maxLength")),
    *(("minInclusive", "maxInclusive"), ("minExclusive", "maxExclusive")),
)
_CLASSES = ("targetClass", "class")
_PROPERTIES = ("path", "targetObjectsOf", "targetSubjectsOf", "equals", "disjoint", "lessThan")
_PATHS = ("alternativePath", "inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")
_TARGETS = ("targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf")
_OTHERS = (
    *("property", "node", "in", "datatype", "nodeKind", "pattern", "flags", "hasValue"),
    *("and", "or", "not", "xone", "closed", "ignoredProperties", "languageIn", "uniqueLang"),
    *("lessThanOrEquals", "qualifiedValueShape", "qualifiedMinCount", "qualifiedMaxCount"),
    *("message", "description", "name", "order", "group", "severity", "deactivated"),
)
_ABOUT_WORDS = ("shape-without-words", "shape-unused")
"""Rules whose violations leave a shape usable."""
KNOWN = frozenset(
    _SH + name
    for name in chain(_COUNTS, *_BOUNDS, _CLASSES, _PROPERTIES, _PATHS, _TARGETS, _OTHERS)
)
"""The properties of SHACL Core."""


@dataclass(frozen=True)
class _Shapes:
    """The shapes, and the vocabulary of the data that they describe.

    :param used: the properties and classes in use.
    :param datatypes: the datatypes of the values of each property.
    """

    facts: Facts
    used: set[str]
    datatypes: Mapping[str, set[str]]

    def of(self, shape: Term, name: str) -> list[Term]:
        """Return the values of a property of SHACL."""
        return self.facts.values(shape, _SH + name)

    def path(self, shape: Term) -> str:
        """Return the path of a shape, if it is a single property."""
        return next((p.value for p in self.of(shape, "path") if isinstance(p, ox.NamedNode)), "")


@dataclass(frozen=True)
class _Fault:
    rule: str
    shape: Term
    predicate: str
    value: Term | None
    message: str
    hint: str
    severity: Severity = "error"


def check_shapes(loaded: Loaded) -> tuple[list[Violation], list[ox.Triple]]:
    """Return the violations in the shapes, and the triples of usable shapes."""
    triples = list(graphs.triples(loaded.store, "shapes"))
    shapes = _Shapes(Facts(triples), *_in_use(loaded))
    faults = [fault for shape in shapes.facts.of for fault in _faults(shape, shapes, loaded)]
    violations = [
        loaded.violation(
            fault.rule,
            graphs.owner(loaded.store, fault.shape),
            fault.message,
            fault.hint,
            fault.severity,
            part=fault.shape if isinstance(fault.shape, ox.BlankNode) else None,
            predicate=ox.NamedNode(fault.predicate),
            value=fault.value,
        )
        for fault in faults
    ]
    broken = {
        fault.value if fault.rule == "shape-undeclared" else fault.shape
        for fault in faults
        if fault.rule not in _ABOUT_WORDS
    }
    return violations, [t for t in triples if broken.isdisjoint((t.subject, t.object))]


def _in_use(loaded: Loaded) -> tuple[set[str], Mapping[str, set[str]]]:
    """Return the properties and classes in use, and the datatypes of the values of properties."""
    used: set[str] = set()
    datatypes: dict[str, set[str]] = defaultdict(set)
    in_use = """
        SELECT DISTINCT ?property ?class ?datatype WHERE {
          ?any ?property ?value
          BIND(IF(?property IN (rdf:type, rdfs:subClassOf), ?value, 1/0) AS ?class)
          BIND(DATATYPE(?value) AS ?datatype)
        }"""
    for row in graphs.select(loaded.store, in_use, *WRITTEN):
        name, klass, datatype = map(text, row)
        used |= {name, klass} - {""}
        datatypes[name] |= {datatype} - {""}
    return used, datatypes


def _faults(shape: Term, shapes: _Shapes, loaded: Loaded) -> Iterator[_Fault]:
    yield from _unknown(shape, shapes, loaded)
    yield from _constraints(shape, shapes)
    if ox.NamedNode(_SH + "PropertyShape") in shapes.facts.values(shape, iris.TYPE):
        yield from _of_property(shape, shapes, loaded)
    for part in shapes.of(shape, "property"):
        if not isinstance(part, ox.Literal | ox.Triple) and part not in shapes.facts.of:
            near = did_you_mean(loaded.name(part), map(loaded.name, shapes.facts.of))
            message = f"has the shape {loaded.name(part)}, which exists nowhere"
            hint = near or "Declare it, or leave it out."
            yield _Fault("shape-undeclared", shape, _SH + "property", part, message, hint)


def _unknown(shape: Term, shapes: _Shapes, loaded: Loaded) -> Iterator[_Fault]:
    """Yield a fault for each name that is not in SHACL, or that is in use nowhere."""
    for predicate, values in shapes.facts.of[shape].items():
        local = predicate.removeprefix(_SH)
        if predicate.startswith(_SH) and predicate not in KNOWN:
            near = did_you_mean(local, [k.removeprefix(_SH) for k in KNOWN])
            message, hint = f"says sh:{local}, which is no word of SHACL", near or "Correct it."
            yield _Fault("shape-word-unknown", shape, predicate, None, message, hint)
        if local not in (*_CLASSES, *_PROPERTIES, *_PATHS):
            continue
        for value in values:
            if isinstance(value, ox.NamedNode) and not _exists(value, shapes, loaded):
                name = loaded.name(value)
                near = did_you_mean(name, map(loaded.name, shapes.used))
                message = f"is about {name}, which exists nowhere"
                hint = near or "Correct the name, or declare it."
                yield _Fault("shape-name-unknown", shape, predicate, value, message, hint)


def _exists(name: ox.NamedNode, shapes: _Shapes, loaded: Loaded) -> bool:
    """Tell whether a property or a class is in use or declared; derived ones are in use later."""
    declared = loaded.store.quads_for_pattern(name, ox.NamedNode(iris.TYPE), None, None)
    return name.value in shapes.used or any(declared)


def _constraints(shape: Term, shapes: _Shapes) -> Iterator[_Fault]:
    """Yield a fault for each constraint that cannot be met, or is none."""
    for name in _COUNTS:
        for value in shapes.of(shape, name):
            if not _is_count(value):
                message = f"has sh:{name} {value}, which is no integer"
                hint = "Write a number without quotation marks."
                yield _Fault("shape-constraint", shape, _SH + name, value, message, hint)
    for least, most in _BOUNDS:
        for low in shapes.of(shape, least):
            for high in shapes.of(shape, most):
                if _is_count(low) and _is_count(high) and int(text(low)) > int(text(high)):
                    message = f"demands at least {text(low)} and at most {text(high)}"
                    hint = "Nothing can meet both: correct one of them."
                    yield _Fault("shape-constraint", shape, _SH + least, low, message, hint)
    for pattern in shapes.of(shape, "pattern"):
        try:
            re.compile(text(pattern))
        except re.error as fault:
            message = f"has a pattern that is no regular expression: {fault}"
            hint = "Close what it opens, and write each backslash twice."
            yield _Fault("shape-constraint", shape, _SH + "pattern", pattern, message, hint)
    in_use = shapes.datatypes.get(shapes.path(shape), ())
    for datatype in shapes.of(shape, "datatype"):
        if in_use and text(datatype) not in in_use:
            message = f"demands the datatype {text(datatype)}, which no value has"
            hint = f"The values have {', '.join(sorted(in_use))}."
            yield _Fault("shape-constraint", shape, _SH + "datatype", datatype, message, hint)


def _is_count(value: Term) -> bool:
    is_integer = isinstance(value, ox.Literal) and value.datatype.value == iris.XSD_INTEGER
    return is_integer and re.fullmatch(r"[+-]?[0-9]+", text(value)) is not None


def _of_property(shape: Term, shapes: _Shapes, loaded: Loaded) -> Iterator[_Fault]:
    """Yield a fault for a property shape without users, or without words for people."""
    has_users = any(shape in shapes.of(other, "property") for other in shapes.facts.of)
    if not has_users and not any(shapes.of(shape, target) for target in _TARGETS):
        message, hint = "is used by no shape", "Add it to the sh:property of a node shape."
        yield _Fault("shape-unused", shape, iris.TYPE, None, message, hint)
    if not shapes.of(shape, "message"):
        message = "does not say what it demands"
        hint = "Add sh:message, one sentence."
        yield _Fault("shape-without-words", shape, iris.TYPE, None, message, hint)
    if not shapes.of(shape, "description"):
        message = "does not say how to mend what it finds"
        hint = "Add sh:description, one sentence."
        yield _Fault("shape-without-words", shape, iris.TYPE, None, message, hint, "warning")
