"""Write a new row into a mapping set, at its sorted place."""

import re
from dataclasses import dataclass
from datetime import date

from service.editing.edits import Edits
from service.editing.lookup import Lookup
from service.editing.new_set import NewSet, add_set, prefix_of
from service.pipeline.files import lines
from service.pipeline.mapping_file import NO_TERM_FOUND, MappingSet, parse
from service.problems import EditRefused, UsageError

PREDICATES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
JUSTIFICATIONS = {
    "manual": "semapv:ManualMappingCuration",
    "lexical": "semapv:LexicalMatching",
}
_ORDER = ("subject_id", "predicate_id", "object_id")


@dataclass(frozen=True)
class NewMapping:
    """A mapping as an editor gives it.

    :param target: CURIE of the other vocabulary's term; empty if there is none.
    :param vocabulary: name of the set, for a term that was not found.
    :param new_set: of the vocabulary, if it has none yet.
    :param author: CURIE and name of the curator.
    """

    subject: str
    predicate: str
    target: str
    target_label: str
    justification: str
    author: tuple[str, str]
    day: date
    confidence: str = ""
    comment: str = ""
    rejected: bool = False
    vocabulary: str = ""
    new_set: NewSet | None = None


def add_mapping(edits: Edits, lookup: Lookup, new: NewMapping) -> MappingSet:
    """Add a row to the set of its vocabulary and return the set.

    :raises UsageError: if there is no such set, or a cell is none of SSSOM.
    :raises EditRefused: if the two are mapped already.
    """
    subject = lookup.term(new.subject)
    name = edits.loaded.name(subject)
    mapping_set = find_set(edits, new.target, new.vocabulary)
    if mapping_set is None and new.new_set:
        prefix = prefix_of(edits, new.target.partition(":")[0] or new.vocabulary)
        mapping_set = add_set(edits, prefix, new.new_set)
    if mapping_set is None:
        names = (p.name.removesuffix(".sssom.tsv") for p in edits.loaded.sources.mapping_files)
        wanted = new.target or new.vocabulary
        raise UsageError(f"There is no mapping set for '{wanted}'. There are: {', '.join(names)}")
    known = {row["object_id"]: row for row in mapping_set.rows if row["subject_id"] == name}
    target = new.target or NO_TERM_FOUND
    if row := known.get(target):
        raise EditRefused(
            f"{lookup.words(subject)} has a row with {target} already: "
            f"{mapping_set.path.name}, line {row.line}"
        )
    values = {
        "subject_id": name,
        "subject_label": lookup.label(subject),
        "predicate_id": f"skos:{_predicate(new.predicate)}",
        "predicate_modifier": "Not" if new.rejected else "",
        "object_id": target,
        "object_label": new.target_label,
        "mapping_justification": JUSTIFICATIONS.get(new.justification, new.justification),
        "author_id": new.author[0],
        "author_label": new.author[1],
        "mapping_date": new.day.isoformat(),
        "confidence": _confidence(new.confidence),
        "comment": new.comment,
    }
    _insert(edits, mapping_set, values)
    return mapping_set


def find_set(edits: Edits, target: str, vocabulary: str) -> MappingSet | None:
    """Return the set whose rows have the prefix of the target, or that has the name."""
    prefix = target.partition(":")[0]
    for path in edits.loaded.sources.mapping_files:
        mapping_set = parse(path)
        name = path.name.removesuffix(".sssom.tsv")
        prefixes = {r["object_id"].partition(":")[0] for r in mapping_set.rows if r.has_target}
        named = name == vocabulary.lower()
        if named or (prefix and (prefix in prefixes or name == prefix.lower())):
            return mapping_set
    return None


def _predicate(name: str) -> str:
    local = name.removeprefix("skos:")
    local = local if local.endswith("Match") else f"{local}Match"
    if local not in PREDICATES:
        raise UsageError(f"'{name}' is no predicate of mappings. These are: {' '.join(PREDICATES)}")
    return local


def _confidence(value: str) -> str:
    if value and not re.fullmatch(r"0(\.\d+)?|1(\.0+)?", value):
        raise UsageError(f"A confidence is a number from 0 to 1, not '{value}'.")
    return value


def _insert(edits: Edits, mapping_set: MappingSet, values: dict[str, str]) -> None:
    """Put a row where it belongs; the violations of the set as it is to be are raised."""
    if missing := [c for c, v in values.items() if v and c not in mapping_set.columns]:
        if "predicate_modifier" in missing:
            hint = "Add the column predicate_modifier behind predicate_id to the file first."
            raise UsageError(f"{mapping_set.path.name} has no column for a rejected match. {hint}")
        values = {c: v for c, v in values.items() if c in mapping_set.columns}
    if any("\t" in v or "\n" in v for v in values.values()):
        raise UsageError("A cell of a mapping set has neither tabs nor line ends.")
    if values["object_id"] != NO_TERM_FOUND and not mapping_set.expand(values["object_id"]):
        raise UsageError(f"{values['object_id']} has no prefix of {mapping_set.path.name}.")
    key = [values[c] for c in _ORDER]
    behind = [r.line for r in mapping_set.rows if [r[c] for c in _ORDER] <= key]
    text = edits.text(mapping_set.path)
    rows = lines(text)
    header = next(n for n, line in enumerate(rows, 1) if not line.startswith("#"))
    at = behind[-1] if behind else header
    rows.insert(at, "\t".join(values.get(c, "") for c in mapping_set.columns))
    edits.texts[mapping_set.path] = "\n".join(rows)
