"""The tables of the editors' guide, made from the sources: kinds, relations, values, rules.

A table stands between ``<!-- name -->`` and ``<!-- /name -->``. ``cdmo format`` writes it from the
sources, ``cdmo check`` reports a table that differs from them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.pipeline.facts import Facts
from service.pipeline.files import read_text, write_all
from service.pipeline.loading import Loaded
from service.pipeline.rules import read_rules
from service.pipeline.violations import Violation, error
from service.rdf.terms import Term, text

GUIDE = "README.md"
Row = tuple[str, ...]

_INVERSE = "a relation that is the inverse of: "


def check_guide(loaded: Loaded) -> Iterator[Violation]:
    """Yield a violation for each table that differs from the sources."""
    path = loaded.sources.ontology / GUIDE
    if not path.is_file():
        return
    written = read_text(path)
    for name, table in _tables(loaded).items():
        match = _marked(name).search(written)
        if match and match[2] != table:
            rows = match[2].split("\n"), table.split("\n")
            same = next((n for n, (a, b) in enumerate(zip(*rows, strict=False)) if a != b), None)
            after = min(map(len, rows)) if same is None else same
            line = written.count("\n", 0, match.start(2)) + after + 1
            expected = rows[1][after] if after < len(rows[1]) else "none"
            message = f"the table of {name} is not what the sources say; expected: {expected}"
            yield error("guide-stale", path, line, message, "Run: cdmo format")


def format_guide(loaded: Loaded, *, check: bool = False) -> list[Path]:
    """Write the tables of the guide, and return its path if they differed from the sources.

    :param check: only report, change nothing.
    """
    path = loaded.sources.ontology / GUIDE
    if not path.is_file():
        return []
    guide = before = read_text(path)
    for name, table in _tables(loaded).items():
        if match := _marked(name).search(guide):
            guide = guide[: match.start(2)] + table + guide[match.end(2) :]
    if guide == before:
        return []
    if not check:
        write_all({path: guide})
    return [path]


def _marked(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name} -->\n)(.*?)(\n<!-- /{name} -->)", re.DOTALL)


def _tables(loaded: Loaded) -> Mapping[str, str]:
    """Return each table that has rows by its name, as Markdown."""
    modules = (d for d in loaded.documents if d.path.parent.name == "modules")
    facts = Facts(triple for document in modules for triple in document.triples)
    tables = {
        "kinds": _table(("kind", "CDMO:", "is"), _kinds(facts)),
        "relations": _table(
            ("relation", "inverse", "from", "to", "holds when", "below", "axiom"),
            _relations(facts),
        ),
        "general-relations": _table(
            ("general relation", "inverse", "holds when", "relations below it", "meant, hoped for"),
            _general(facts),
        ),
        "values": _table(("question", "value", "weight", "used when"), _values(facts)),
        "qualifiers": _table(("qualifier", "it", "restricts"), _qualifiers(facts)),
        "reasons": _table(("reason", "is"), _individuals(facts, "Reason")),
        "tension-kinds": _table(("tension kind", "is"), _individuals(facts, "TensionKind")),
        "rules": _table(("stage", "rule", "states", "graph"), _rules(loaded)),
    }
    return {name: table for name, table in tables.items() if table.count("\n") > 1}


def _table(columns: Row, rows: Iterable[Row]) -> str:
    head, *lines = ("| " + " | ".join(cells) + " |" for cells in (columns, *rows))
    return "\n".join([head, "|" + "---|" * len(columns), *lines])


def _definition(facts: Facts, subject: Term, after: str = "") -> str:
    """Return the definition, or the part of it after some words."""
    words = text(facts.value(subject, iris.DEFINITION))
    return words.partition(after)[2] or words if after else words


def _of_type(facts: Facts, kind: str) -> Iterator[Term]:
    return (s for s in facts.of if ox.NamedNode(kind) in facts.values(s, iris.TYPE))


def _ends(facts: Facts, relation: Term, predicate: str) -> str:
    """Return the kinds between which a relation holds: those of a union, or one."""
    ends = facts.values(relation, predicate)
    kinds = (kind for end in ends for kind in facts.members(end, iris.UNION_OF) or [end])
    return ", ".join(map(_local, kinds))


def _local(term: Term) -> str:
    return text(term).removeprefix(iris.CDMO)


def _code(terms: Iterable[Term | str]) -> str:
    names = (term if isinstance(term, str) else _local(term) for term in terms)
    return ", ".join(f"`{name}`" for name in names)


def _kinds(facts: Facts) -> Iterator[Row]:
    for kind in (kind for s in facts.of for kind in facts.members(s, iris.OWL + "members")):
        names = (iris.CDMO + "firstIdentifier", iris.CDMO + "lastIdentifier")
        ends = (text(facts.value(kind, name)) for name in names)
        if block := "–".join(end.zfill(7) for end in ends if end):
            yield _code([kind]), block, _definition(facts, kind)


def _relations_of(facts: Facts, *, general: bool) -> Iterator[Term]:
    for relation in _of_type(facts, iris.OBJECT_PROPERTY):
        is_ours = text(relation).startswith(iris.CDMO)
        is_general = text(facts.value(relation, iris.CDMO + "general")) == "true"
        is_inverse = _definition(facts, relation).startswith(_INVERSE)
        if is_ours and is_general == general and not is_inverse:
            yield relation


def _inverse(facts: Facts, relation: Term) -> str:
    if ox.NamedNode(iris.SYMMETRIC_PROPERTY) in facts.values(relation, iris.TYPE):
        return "(symmetric)"
    return _code(facts.values(relation, iris.INVERSE_OF))


def _relations(facts: Facts) -> Iterator[Row]:
    for relation in _relations_of(facts, general=False):
        yield (
            _code([relation]),
            _inverse(facts, relation),
            _ends(facts, relation, iris.DOMAIN),
            _ends(facts, relation, iris.RANGE),
            _definition(facts, relation, "that holds when "),
            _code(facts.values(relation, iris.SUBPROPERTY)),
            "→" if facts.values(relation, iris.CDMO + "axiomPattern") else "",
        )


def _general(facts: Facts) -> Iterator[Row]:
    forms = [iris.CDMO + form for form in ("intendedForm", "hopedForm")]
    relations = list(_relations_of(facts, general=True))
    special = {form for r in relations for f in forms for form in facts.values(r, f)}
    for relation in relations:
        if relation in special:
            continue
        below = sorted(
            _local(s)
            for s in facts.of
            if relation in facts.values(s, iris.SUBPROPERTY)
            and not _definition(facts, s).startswith(_INVERSE)
        )
        yield (
            _code([relation]),
            _inverse(facts, relation),
            _definition(facts, relation, "that holds when "),
            _code(below),
            _code(form for f in forms for form in facts.values(relation, f)),
        )


def _values(facts: Facts) -> Iterator[Row]:
    for question in ("Assertion", "Frequency", "Advice", "Aim"):
        for value in _of_type(facts, iris.CDMO + question):
            weight = text(facts.value(value, iris.CDMO + "weight"))
            used = _definition(facts, value, "in which ")
            yield _code([question.lower()]), _code([value]), weight, used
    collective = ox.NamedNode(iris.CDMO + "collective")
    weight = text(facts.value(collective, iris.CDMO + "weight"))
    yield _code([collective]), "`true`", weight, _definition(facts, collective, "that says that ")


def _qualifiers(facts: Facts) -> Iterator[Row]:
    restriction, qualifier = (ox.NamedNode(iris.CDMO + n) for n in ("restriction", "qualifier"))
    for subject in sorted(facts.of, key=text):
        above = facts.values(subject, iris.SUBPROPERTY)
        if subject != restriction and {restriction, qualifier}.intersection(above):
            restricts = "yes" if restriction in above else ""
            it = _definition(facts, subject, "an annotation property that ")
            yield _code([subject]), it, restricts


def _individuals(facts: Facts, kind: str) -> Iterator[Row]:
    for individual in sorted(_of_type(facts, iris.CDMO + kind), key=text):
        yield _code([individual]), _definition(facts, individual)


def _rules(loaded: Loaded) -> Iterator[Row]:
    for rule in read_rules(loaded):
        yield rule.options["stage"], f"`{rule.path.stem}`", rule.rule, rule.options["graph"]
