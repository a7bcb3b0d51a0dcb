"""The rules for mapping sets: each alone, and all of them together."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from service.names import BASE
from service.pipeline.mappings import IRI_SLOTS
from service.pipeline.sssom import NO_TERM_FOUND, MappingSet, Row
from service.pipeline.violations import Violation, did_you_mean

_MATCHES = tuple(f"skos:{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related"))
_REQUIRED_SLOTS = ("mapping_set_id", "mapping_set_title", "mapping_set_version", "license")
_REQUIRED_CELLS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "mapping_justification",
    "author_id",
    "mapping_date",
)


@dataclass(frozen=True)
class Terms:
    """What mapping sets must agree with.

    :param labels: IRI of each term of ours to its label.
    :param obsolete: IRIs of terms that have been retired.
    :param prefixes: the prefixes of ``prefixes.ttl``.
    """

    labels: Mapping[str, str]
    obsolete: frozenset[str]
    prefixes: Mapping[str, str]


def check(sets: Sequence[MappingSet], terms: Terms, curators: Path) -> list[Violation]:
    """Return the violations of the rules for mapping sets, alone and together.

    :param curators: ``curators.tsv``, whose first column lists who may be an author.
    """
    authors = _authors(curators)
    found: list[Violation] = []
    for mapping_set in sets:
        found += _check_header(mapping_set, terms)
        for row in mapping_set.rows:
            found += _check_row(mapping_set, row, terms, authors)
        found += _check_order(mapping_set)
    found += _check_pairs(sets)
    found += _check_coverage(sets, terms)
    return found


def _authors(curators: Path) -> set[str]:
    if not curators.is_file():
        return set()
    rows = curators.read_text(encoding="utf-8").splitlines()[1:]
    return {row.split("\t")[0] for row in rows}


Say = Callable[..., Violation]


def _sayer(path: Path, line: int | None, entity: str = "") -> Say:
    def say(rule: str, message: str, hint: str = "") -> Violation:
        return Violation(f"mapping-{rule}", "error", path, line, entity, message, hint)

    return say


def _check_header(mapping_set: MappingSet, terms: Terms) -> Iterator[Violation]:
    say = _sayer(mapping_set.path, 1)
    for slot in _REQUIRED_SLOTS:
        if not mapping_set.first(slot):
            yield say("header", f"the header has no {slot}", f"Add a line: # {slot}: ...")
    expected = f"{BASE}mapping/" + mapping_set.path.name.removesuffix(".sssom.tsv")
    if mapping_set.iri and mapping_set.iri != expected:
        say = _sayer(mapping_set.path, mapping_set.lines.get("mapping_set_id"))
        yield say("header", f"mapping_set_id is {mapping_set.iri}", f"Write {expected}")
    for column in _REQUIRED_CELLS:
        if column not in mapping_set.columns:
            yield _sayer(mapping_set.path, 1)("header", f"there is no column {column}")
    for prefix, namespace in mapping_set.curie_map.items():
        say = _sayer(mapping_set.path, mapping_set.lines.get(prefix + ":"), prefix + ":")
        if prefix not in terms.prefixes:
            hint = did_you_mean(prefix, terms.prefixes) or "Declare it in ontology/prefixes.ttl."
            yield say("prefix", "is not in ontology/prefixes.ttl", hint)
        elif terms.prefixes[prefix] != namespace:
            said = f"stands for <{namespace}> here and for <{terms.prefixes[prefix]}> elsewhere"
            yield say("prefix", said, f"Write {prefix}: {terms.prefixes[prefix]}")


def _check_row(
    mapping_set: MappingSet, row: Row, terms: Terms, authors: set[str]
) -> Iterator[Violation]:
    say = _sayer(mapping_set.path, row.line, row["subject_id"])
    found = row["object_id"] != NO_TERM_FOUND
    for column in (*_REQUIRED_CELLS, *(["object_label"] if found else [])):
        if not row[column] and (column in mapping_set.columns or column == "object_label"):
            yield say("cell", f"has no {column}", f"Fill in the column {column}.")
    for column in IRI_SLOTS:
        if row[column] and not mapping_set.expand(row[column]):
            hint = "Write a CURIE whose prefix is in the curie_map of this file."
            yield say("curie", f"{column} {row[column]} has no declared prefix", hint)
    if row["predicate_id"] and row["predicate_id"] not in _MATCHES:
        hint = did_you_mean(row["predicate_id"], _MATCHES) or "Use one of: " + ", ".join(_MATCHES)
        yield say("predicate", f"{row['predicate_id']} is not a SKOS mapping relation", hint)
    yield from _check_values(say, row)
    if authors and row["author_id"] and row["author_id"] not in authors:
        yield say("author", f"{row['author_id']} is not in curators.tsv")
    subject = mapping_set.expand(row["subject_id"])
    if subject and subject not in terms.labels:
        yield say("subject", "is not a term of ours", did_you_mean(subject, terms.labels))
    elif subject in terms.obsolete:
        yield say("subject", "is obsolete", "Map the term that replaces it.")
    elif subject and row["subject_label"] and row["subject_label"] != terms.labels[subject]:
        said = f'is labelled "{row["subject_label"]}" here and "{terms.labels[subject]}" by us'
        yield say("label", said, "Copy the label of the term.")


def _check_values(say: Say, row: Row) -> Iterator[Violation]:
    if row["mapping_justification"] and not row["mapping_justification"].startswith("semapv:"):
        yield say("justification", "the justification is not a semapv: term")
    if row["predicate_modifier"] not in ("", "Not"):
        yield say(
            "modifier", f"{row['predicate_modifier']} is no modifier", "Write Not, or nothing."
        )
    if row["mapping_date"] and not _is_date(row["mapping_date"]):
        yield say("date", f"{row['mapping_date']} is no date", "Write YYYY-MM-DD.")
    if row["confidence"] and not _is_share(row["confidence"]):
        yield say("confidence", f"{row['confidence']} is not between 0 and 1")


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return False  # the library reads more forms than xsd:date has
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


def _check_order(mapping_set: MappingSet) -> Iterator[Violation]:
    keys = [(r["subject_id"], r["predicate_id"], r["object_id"]) for r in mapping_set.rows]
    for row, before, this in zip(mapping_set.rows[1:], keys, keys[1:], strict=False):
        if this < before:
            hint = "Sort the rows by subject_id, predicate_id, object_id."
            yield _sayer(mapping_set.path, row.line, row["subject_id"])(
                "order", "stands before the row that it should follow", hint
            )
            return  # one move explains all later ones


Place = tuple[MappingSet, Row]


def _check_pairs(sets: Sequence[MappingSet]) -> Iterator[Violation]:
    """Hold rows against each other, within a file and across files."""
    pairs: dict[tuple[str, str], list[Place]] = defaultdict(list)
    exact_by_subject: dict[tuple[str, str], list[Place]] = defaultdict(list)
    exact_by_object: dict[str, list[Place]] = defaultdict(list)
    by_subject: dict[tuple[Path, str], list[Place]] = defaultdict(list)
    for mapping_set in sets:
        prefixes = {r["object_id"].partition(":")[0] for r in mapping_set.rows}
        prefixes &= mapping_set.curie_map.keys() - {"sssom"}  # others are told row by row
        if len(prefixes) > 1:
            said = f"maps to more than one vocabulary: {', '.join(sorted(prefixes))}"
            yield _sayer(mapping_set.path, 1)("vocabulary", said, "Keep one set per vocabulary.")
        for row in mapping_set.rows:
            place = (mapping_set, row)
            by_subject[mapping_set.path, row["subject_id"]].append(place)
            if row["object_id"] == NO_TERM_FOUND:
                continue
            pairs[row["subject_id"], row["object_id"]].append(place)
            if row["predicate_id"] == "skos:exactMatch" and not row["predicate_modifier"]:
                vocabulary = row["object_id"].partition(":")[0]
                exact_by_subject[row["subject_id"], vocabulary].append(place)
                exact_by_object[row["object_id"]].append(place)
    yield from _repeated(pairs.values(), "twice", "maps the same pair again")
    said = "has a second exactMatch into the same vocabulary"
    yield from _repeated(exact_by_subject.values(), "exact-twice", said)
    said = "has an exactMatch to a target that another term has too"
    yield from _repeated(exact_by_object.values(), "exact-shared", said)
    for places in by_subject.values():
        none = [p for p in places if p[1]["object_id"] == NO_TERM_FOUND]
        if none and len(places) > 1:
            said = "is said to have no term found and is mapped, or so said twice, in the same set"
            yield _sayer(none[0][0].path, none[0][1].line, none[0][1]["subject_id"])(
                "not-found", said, "Remove one of the rows."
            )


def _repeated(groups: Iterable[list[Place]], rule: str, said: str) -> Iterator[Violation]:
    for first, *others in groups:
        for mapping_set, row in others:
            hint = f"See {first[0].path.name}, line {first[1].line}."
            yield _sayer(mapping_set.path, row.line, row["subject_id"])(rule, said, hint)


def _check_coverage(sets: Sequence[MappingSet], terms: Terms) -> Iterator[Violation]:
    """Every term has a mapping or the statement that none was found."""
    if not sets:
        return
    mapped = {s.expand(row["subject_id"]) for s in sets for row in s.rows}
    hint = "Map it in mappings/, or add a row whose object_id is sssom:NoTermFound."
    ours = {iri for iri in terms.labels if iri.startswith(f"{BASE}id/")}
    for term in sorted(ours - terms.obsolete - mapped):
        yield Violation("mapping-missing", "warning", None, None, term, "has no mapping", hint)
