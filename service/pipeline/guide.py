"""The tables of the editors' guide, made from the sources: kinds, relations, values, rules.

A table stands between ``<!-- name -->`` and ``<!-- /name -->``. ``cdmo format`` writes what the
sources say there, ``cdmo check`` reports a table that says something else.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.pipeline.files import read_text
from service.pipeline.loading import Loaded
from service.pipeline.memory import NOTHING, Memory
from service.pipeline.rules import read_rules
from service.pipeline.violations import Violation, error
from service.pipeline.written_files import write_all
from service.rdf.terms import Term, text

GUIDE = "README.md"
Row = tuple[str, ...]

_KINDS = iris.OWL + "members"
_INVERSE = "a relation that is the inverse of: "


def check_guide(loaded: Loaded, memory: Memory = NOTHING) -> list[Violation]:
    """Return a violation for each table that does not say what the sources say.

    :param memory: remembers from what sources and guide none has come.
    """
    path = loaded.sources.ontology / GUIDE
    if not path.is_file():
        return []
    guide = read_text(path)
    rules = (f"{rule.path}\n{rule.path.read_text('utf-8')}" for rule in read_rules(loaded))
    modules = (f"{d.path}\n{d.text}" for d in loaded.documents if d.path.parent.name == "modules")
    state = [part.encode() for part in (guide, *rules, *modules)]
    if memory.recall("guide", state) is not None:
        return []
    violations = list(_stale_tables(path, guide, loaded))
    if not violations:
        memory.remember("guide", state, b"true")
    return violations


def _stale_tables(path: Path, written: str, loaded: Loaded) -> Iterator[Violation]:
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
    """Write the tables of the guide and return it if they were not what the sources say.

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
    facts = _Facts(loaded)
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


class _Facts:
    """What the modules say of each subject, in the order in which they say it."""

    def __init__(self, loaded: Loaded) -> None:
        self.subjects: dict[Term, dict[str, list[Term]]] = {}
        for document in loaded.documents:
            if document.path.parent.name != "modules":
                continue
            for triple in document.triples:
                properties = self.subjects.setdefault(triple.subject, defaultdict(list))
                properties[triple.predicate.value].append(triple.object)

    def values(self, subject: Term, predicate: str) -> list[Term]:
        return self.subjects.get(subject, {}).get(predicate, [])

    def text(self, subject: Term, predicate: str) -> str:
        return next((text(value) for value in self.values(subject, predicate)), "")

    def definition(self, subject: Term, after: str = "") -> str:
        """Return the definition, or the part of it behind some words."""
        words = self.text(subject, iris.DEFINITION)
        return words.partition(after)[2] or words if after else words

    def of_type(self, kind: str) -> Iterator[Term]:
        return (s for s in self.subjects if any(text(t) == kind for t in self.values(s, iris.TYPE)))

    def members(self, term: Term) -> list[Term]:
        """Return the members of a union, or the term itself."""
        for node in self.values(term, iris.OWL + "unionOf"):
            return self.list(node)
        return [term]

    def list(self, node: Term) -> list[Term]:
        members: list[Term] = []
        while first := self.values(node, iris.RDF + "first"):
            members += first[:1]
            node = self.values(node, iris.RDF + "rest")[0]
        return members

    def kinds_of(self, relation: Term, predicate: str) -> str:
        ends = (m for end in self.values(relation, predicate) for m in self.members(end))
        return ", ".join(_local(end) for end in ends)


def _local(term: Term) -> str:
    return text(term).removeprefix(iris.CDMO)


def _code(terms: Iterable[Term | str]) -> str:
    names = (term if isinstance(term, str) else _local(term) for term in terms)
    return ", ".join(f"`{name}`" for name in names)


def _kinds(facts: _Facts) -> Iterator[Row]:
    for node in (o for s in facts.subjects for o in facts.values(s, _KINDS)):
        for kind in facts.list(node):
            ends = (facts.text(kind, iris.CDMO + e) for e in ("firstIdentifier", "lastIdentifier"))
            if block := "–".join(end.zfill(7) for end in ends if end):
                yield _code([kind]), block, facts.definition(kind)


def _relations_of(facts: _Facts, *, general: bool) -> Iterator[Term]:
    for relation in facts.of_type(iris.OWL + "ObjectProperty"):
        is_ours = text(relation).startswith(iris.CDMO)
        is_general = facts.text(relation, iris.CDMO + "general") == "true"
        if (
            is_ours
            and is_general == general
            and not facts.definition(relation).startswith(_INVERSE)
        ):
            yield relation


def _inverse(facts: _Facts, relation: Term) -> str:
    symmetric = iris.OWL + "SymmetricProperty"
    if any(text(t) == symmetric for t in facts.values(relation, iris.TYPE)):
        return "(symmetric)"
    return _code(facts.values(relation, iris.OWL + "inverseOf"))


def _relations(facts: _Facts) -> Iterator[Row]:
    for relation in _relations_of(facts, general=False):
        yield (
            _code([relation]),
            _inverse(facts, relation),
            facts.kinds_of(relation, iris.DOMAIN),
            facts.kinds_of(relation, iris.RANGE),
            facts.definition(relation, "that holds when "),
            _code(facts.values(relation, iris.SUBPROPERTY)),
            "→" if facts.values(relation, iris.CDMO + "axiomPattern") else "",
        )


def _general(facts: _Facts) -> Iterator[Row]:
    forms = [iris.CDMO + form for form in ("intendedForm", "hopedForm")]
    relations = list(_relations_of(facts, general=True))
    special = {form for r in relations for f in forms for form in facts.values(r, f)}
    for relation in relations:
        if relation in special:
            continue
        below = sorted(
            _local(s)
            for s in facts.subjects
            if relation in facts.values(s, iris.SUBPROPERTY)
            and not facts.definition(s).startswith(_INVERSE)
        )
        yield (
            _code([relation]),
            _inverse(facts, relation),
            facts.definition(relation, "that holds when "),
            _code(below),
            _code(form for f in forms for form in facts.values(relation, f)),
        )


def _values(facts: _Facts) -> Iterator[Row]:
    for question in ("Assertion", "Frequency", "Advice", "Aim"):
        for value in facts.of_type(iris.CDMO + question):
            weight = facts.text(value, iris.CDMO + "weight")
            used = facts.definition(value, "in which ")
            yield _code([question.lower()]), _code([value]), weight, used
    collective = ox.NamedNode(iris.CDMO + "collective")
    weight = facts.text(collective, iris.CDMO + "weight")
    yield _code([collective]), "`true`", weight, facts.definition(collective, "that says that ")


def _qualifiers(facts: _Facts) -> Iterator[Row]:
    restriction, qualifier = (ox.NamedNode(iris.CDMO + n) for n in ("restriction", "qualifier"))
    for subject in sorted(facts.subjects, key=text):
        above = facts.values(subject, iris.SUBPROPERTY)
        if subject != restriction and {restriction, qualifier}.intersection(above):
            restricts = "yes" if restriction in above else ""
            it = facts.definition(subject, "an annotation property that ")
            yield _code([subject]), it, restricts


def _individuals(facts: _Facts, kind: str) -> Iterator[Row]:
    for individual in sorted(facts.of_type(iris.CDMO + kind), key=text):
        yield _code([individual]), facts.definition(individual)


def _rules(loaded: Loaded) -> Iterator[Row]:
    for rule in read_rules(loaded):
        yield rule.options["stage"], f"`{rule.path.stem}`", rule.rule, rule.options["graph"]
