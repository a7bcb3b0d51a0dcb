"""Write findings for people and for programs: text, JSON, workflow commands, SARIF."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from service import __version__
from service.pipeline.causes import Finding
from service.pipeline.rule_book import Rule
from service.pipeline.violations import Place, Violation, visible

Report = Callable[[Sequence[Finding], Path, Mapping[str, Rule]], str]
SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def to_text(findings: Iterable[Finding], *, every: bool = False) -> str:
    """Return findings as compilers write them.

    :param every: whether to write followers too, not roots alone.
    """
    lines: list[str] = []
    for finding in findings:
        lines.append(str(finding.root))
        if count := len(finding.followers):
            lines.append(f"  = +{count} that follow{'s' * (count == 1)}: {finding.root.cause}")
        if every:
            lines += [f"  {line}" for v in finding.followers for line in str(v).split("\n")]
    return "".join(f"{line}\n" for line in lines)


def to_json(findings: Sequence[Finding], root: Path, rules: Mapping[str, Rule]) -> str:
    """Return findings as one JSON document; README has its shape.

    :param root: the folder that files are named from.
    """
    severities = [v.severity for finding in findings for v in finding.all]
    document = {
        "version": 1,
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "findings": [
            {**_object(f.root, root), "follow": [_object(v, root) for v in f.followers]}
            for f in findings
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def to_github(findings: Sequence[Finding], root: Path, rules: Mapping[str, Rule]) -> str:
    """Return findings as workflow commands, which GitHub shows beside the lines of a change.

    Roots alone: a step shows ten of each severity.
    """
    return "".join(f"{_command(finding, root)}\n" for finding in findings)


def _command(finding: Finding, root: Path) -> str:
    violation = finding.root
    place = violation.place
    properties = {
        "file": _name(place, root),
        "line": place.line and str(place.line),
        "col": place.column and str(place.column),
        "title": violation.rule,
    }
    text = _sentence(violation)
    if finding.followers:
        text += f"\n+{len(finding.followers)} that follow: {violation.cause}"
    pairs = ",".join(f"{key}={_escaped(v, ':,')}" for key, v in properties.items() if v)
    return f"::{violation.severity} {pairs}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    """Return text as data of a workflow command, or with ``:,`` as a property."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def to_sarif(findings: Sequence[Finding], root: Path, rules: Mapping[str, Rule]) -> str:
    """Return findings as SARIF 2.1.0, followers after their root.

    :param rules: the rules by name, for their descriptions.
    """
    used = sorted({v.rule for finding in findings for v in finding.all})
    index = {name: number for number, name in enumerate(used)}
    results: list[dict[str, Any]] = []
    for finding in findings:
        at = len(results)
        for violation in finding.all:
            results.append(_result(violation, index, root))
            if violation is not finding.root:
                results[-1]["properties"] = {"follows": at, "cause": finding.root.cause}
    driver = {
        "name": "cdmo",
        "version": __version__,
        "rules": [_descriptor(name, rules.get(name)) for name in used],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The folder of the project."}}},
        "results": results,
    }
    log = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _descriptor(name: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": rule.demand},
        **({"fullDescription": {"text": rule.why}} if rule.why else {}),
        "help": {"text": rule.hint or f"cdmo explain {name}"},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(violation: Violation, index: Mapping[str, int], root: Path) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": violation.rule,
        "ruleIndex": index[violation.rule],
        "level": violation.severity,
        "message": {"text": _sentence(violation)},
    }
    if location := _location(violation.place, root):
        result["locations"] = [location]
    related = [
        {"id": number, "message": {"text": note}, **location}
        for number, (place, note) in enumerate(violation.related, 1)
        if (location := _location(place, root))
    ]
    if related:
        result["relatedLocations"] = related
    return result


def _location(place: Place, root: Path) -> dict[str, Any]:
    if place.file is None:
        return {}
    inside = place.file.resolve().is_relative_to(root.resolve())
    uri = quote(_name(place, root)) if inside else place.file.resolve().as_uri()
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": uri, **({"uriBaseId": "ROOT"} if inside else {})}
    }
    if place.line:
        column = {"startColumn": place.column} if place.column else {}
        physical["region"] = {"startLine": place.line, **column}
    return {"physicalLocation": physical}


def _object(violation: Violation, root: Path) -> dict[str, Any]:
    return {
        "rule": violation.rule,
        "severity": violation.severity,
        **_place(violation.place, root),
        "entity": violation.entity,
        "value": violation.value,
        "message": visible(violation.message),
        "help": violation.hint,
        "cause": violation.cause,
        "related": [{**_place(p, root), "note": note} for p, note in violation.related],
    }


def _place(place: Place, root: Path) -> dict[str, Any]:
    return {"file": _name(place, root) or None, "line": place.line, "column": place.column}


def _name(place: Place, root: Path) -> str:
    if place.file is None:
        return ""
    path, root = place.file.resolve(), root.resolve()
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _sentence(violation: Violation) -> str:
    about = f"{violation.entity}: " if violation.entity else ""
    hint = f"\n{violation.hint}" if violation.hint else ""
    return f"{about}{visible(violation.message)}{hint}"


FORMATS: Mapping[str, Report] = {"json": to_json, "github": to_github, "sarif": to_sarif}
"""The formats for programs, by name."""
