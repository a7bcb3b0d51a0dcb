"""Every rule that a violation can name: its demand, its reason, its hint and its examples.

Most rules are checks and shapes of the ontology, whose files say all this. Rules that code checks
are described in ``rules_in_code.toml``.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.pipeline import checks, graphs
from service.pipeline.loading import Loaded
from service.pipeline.violations import Violation, did_you_mean, visible
from service.problems import UsageError
from service.rdf.terms import text

_SERVICE = Path(__file__).parents[1]
_IN_CODE = Path(__file__).parent / "rules_in_code.toml"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the sources.

    :param demand: the condition that must hold, in one sentence.
    :param hint: how to mend a violation.
    :param severity: ``error`` or ``warning``.
    :param stage: the stage of its check, a key of ``STAGES``.
    :param bad: an example that breaks it, with the sentences above it.
    :param good: the same, mended.
    :param file: the file of the example; ``*`` where the example is the name of a file.
    :param is_whole: whether the example is all of its file.
    """

    name: str
    demand: str
    why: str
    hint: str
    severity: str
    stage: str
    bad: str = ""
    good: str = ""
    file: str = ""
    is_whole: bool = False

    def __str__(self) -> str:
        parts = [
            f"{self.name} ({self.severity}; {STAGES[self.stage]})",
            self.demand,
            f"Why: {self.why}" if self.why else "",
            f"To mend: {self.hint}" if self.hint else "",
            f"Bad{self._where}:\n\n{_indented(self.bad)}" if self.bad else "",
            f"Good{self._where}:\n\n{_indented(self.good)}" if self.good else "",
        ]
        return "\n\n".join(part for part in parts if part) + "\n"

    @property
    def _where(self) -> str:
        if self.file == "*":
            return ", as the name of a file"
        return f", in {self.file}" if self.file else ""


STAGES = {
    "reading": "seen when the files are read",
    "source": "checked in the sources",
    "release": "checked in all of a release, derived and inferred too",
    "document": "checked with the source document at hand",
    "import": "checked when edits of other programs are imported",
}


def read_rules(loaded: Loaded) -> dict[str, Rule]:
    """Return all rules by name.

    :raises SourceError: with violations, if a check cannot be read.
    """
    rules = (*_from_checks(loaded), *_from_shapes(loaded), *_from_code())
    return {rule.name: rule for rule in sorted(rules, key=lambda rule: rule.name)}


def check_waivers(loaded: Loaded) -> Iterator[Violation]:
    """Yield a violation for each waiver of a rule that does not exist."""
    rules = {
        path.name.removesuffix(checks.SUFFIX)
        for path in (loaded.sources.ontology / "checks").glob(f"*{checks.SUFFIX}")
    }
    rules |= {
        loaded.name(t.subject).removeprefix("shape:")
        for t in graphs.triples(loaded.store, "shapes")
    }
    rules |= tomllib.loads(_IN_CODE.read_text("utf-8")).keys()
    for entity, rule, _ in checks.waivers(loaded):
        if rule not in rules:
            message = f"waives {rule}, but there is no such rule"
            hint = did_you_mean(rule, rules) or "`cdmo explain` lists all."
            yield loaded.violation(
                *("waiver-rule-unknown", entity, message, hint),
                predicate=ox.NamedNode(iris.CDMO + "check"),
                value=ox.Literal(rule),
            )


def find(rules: Mapping[str, Rule], name: str) -> Rule:
    """Return a rule.

    :raises UsageError: if no rule has this name.
    """
    if rule := rules.get(name):
        return rule
    hint = did_you_mean(name, rules) or "`cdmo explain` lists all."
    raise UsageError(f"There is no rule {name}. {hint}")


def _from_checks(loaded: Loaded) -> Iterator[Rule]:
    for check in checks.read_checks(loaded):
        name, options = checks.name_of(check), check.options
        severity = options.get("severity") or "error"
        yield Rule(
            *(name, check.rule, options["why"], options["help"], severity),
            *(checks.stage_of(check), *_examples(name)),
        )


def _from_shapes(loaded: Loaded) -> Iterator[Rule]:
    query = """
        SELECT ?shape ?message ?why ?description ?severity
        WHERE {
          ?shape a sh:PropertyShape ; sh:message ?message .
          OPTIONAL { ?shape sh:description ?description }
          OPTIONAL { ?shape sh:severity ?severity }
          OPTIONAL { ?node sh:property ?shape ; rdfs:comment ?why }
        }"""
    for row in graphs.select(loaded.store, query, "shapes"):
        shape, message, why, hint, severity = (text(term) for term in row)
        name = loaded.name(shape).removeprefix("shape:")
        level = "warning" if severity.endswith("#Warning") else "error"
        yield Rule(name, message, why, hint, level, "source", *_examples(name))


def _from_code() -> Iterator[Rule]:
    for name, rule in tomllib.loads(_IN_CODE.read_text("utf-8")).items():
        yield Rule(
            *(name, rule["demand"], rule["why"], rule.get("hint", "")),
            *(rule.get("severity", "error"), rule["stage"]),
            *(rule.get("bad", "").strip("\n"), rule.get("good", "").strip("\n")),
            *(rule.get("file", ""), rule.get("whole", False)),
        )


def _examples(name: str) -> tuple[str, str]:
    """Return the bad and the good example of a check, without prefixes."""
    folders = (_SERVICE.parent / "tests" / "ontology" / "data", _SERVICE / "data" / "examples")
    folder = next((f for f in folders if f.is_dir()), folders[1])
    bad, good = (folder / f"{name}.{kind}.ttl" for kind in ("bad", "good"))
    return _block(bad), _block(good)


def _block(path: Path) -> str:
    if not path.is_file():
        return ""
    lines = path.read_text("utf-8").split("\n")
    kept = (line for line in lines if not line.startswith(("@prefix", "# fires")))
    return "\n".join(kept).strip("\n")


def _indented(block: str) -> str:
    lines = (f"    {line}".rstrip(" ") for line in visible(block).split("\n"))
    return "\n".join(lines).replace("\r", "‹U+000D›")
