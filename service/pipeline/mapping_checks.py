"""The rules for mapping sets: each alone, and all of them together."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from service import iris
from service.pipeline import graphs
from service.pipeline.files import lines, read_text
from service.pipeline.loading import Loaded
from service.pipeline.mappings import IRI_SLOTS
from service.pipeline.sssom import MappingSet, Row
from service.pipeline.violations import Violation, did_you_mean
from service.rdf.terms import is_iri, text

_MATCHES = tuple(f"skos:{match.removeprefix(iris.SKOS)}" for match in iris.MATCHES)
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
_SHARE = re.compile(r"0|1|0?\.\d+|[01]\.0*|0\.\d*")
_SUBJECT_LABELS = """
SELECT ?term ?label ?obsolete
WHERE {
  ?term a ?type .
  OPTIONAL { ?term rdfs:label ?label }
  OPTIONAL { ?term owl:deprecated ?obsolete }
  FILTER(ISIRI(?term))
  VALUES ?type {
    owl:Class owl:NamedIndividual owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty
  }
}
"""


@dataclass(frozen=True)
class Terms:
    """What mapping sets must agree with.

    :param labels: IRI of each term of the ontology to its label.
    :param obsolete: IRIs of terms that have been retired.
    :param prefixes: the prefixes of ``prefixes.ttl``.
    """

    labels: Mapping[str, str]
    obsolete: frozenset[str]
    prefixes: Mapping[str, str]

    @classmethod
    def of(cls, loaded: Loaded) -> "Terms":
        """Return the terms of the sources."""
        rows = list(graphs.select(loaded.store, _SUBJECT_LABELS, "ontology"))
        return cls(
            {text(row["term"]): text(row["label"]) for row in rows},
            frozenset(text(row["term"]) for row in rows if row["obsolete"] is not None),
            loaded.names.prefixes,
        )


def check(sets: Sequence[MappingSet], loaded: Loaded) -> list[Violation]:
    """Return the violations of the rules for mapping sets, with the places of our terms."""
    curators = loaded.sources.mappings / "curators.tsv"
    return loaded.placed(check_sets(sets, Terms.of(loaded), curators))


def check_sets(sets: Sequence[MappingSet], terms: Terms, curators: Path) -> list[Violation]:
    """Return the violations of the rules for mapping sets, alone and together.

    :param curators: ``curators.tsv``, whose first column lists who may be an author.
    """
    authors = _authors(curators)
    violations: list[Violation] = []
    for mapping_set in sets:
        violations += _check_header(mapping_set)
        violations += _check_prefixes(mapping_set, terms)
        for row in mapping_set.rows:
            violations += _check_row(mapping_set, row, terms)
            violations += _check_values(mapping_set, row, authors)
        violations += _check_order(mapping_set)
    violations += _check_pairs(sets)
    violations += _check_coverage(sets, terms)
    return violations


def _authors(curators: Path) -> set[str]:
    rows = lines(read_text(curators))[1:] if curators.is_file() else []
    return {row.split("\t")[0] for row in rows} - {""}


def _check_header(mapping_set: MappingSet) -> Iterator[Violation]:
    for slot in _REQUIRED_SLOTS:
        if not mapping_set.first(slot):
            message, hint = f"the header has no {slot}", f"Add a line: # {slot}: ..."
            yield mapping_set.violation("header", 1, "", message, hint)
    expected = iris.MAPPING + mapping_set.path.name.removesuffix(".sssom.tsv")
    if mapping_set.iri and mapping_set.iri != expected:
        line = mapping_set.lines.get("mapping_set_id")
        message = f"mapping_set_id is {mapping_set.iri}"
        yield mapping_set.violation("header", line, "", message, f"Write {expected}")
    for slot, values in mapping_set.metadata.items():
        for value in values:
            if re.match(r"https?://", value) and not is_iri(value):
                line = mapping_set.lines.get(slot)
                yield mapping_set.violation("header", line, "", f"{slot}: {value} is no IRI")
    for column in _REQUIRED_CELLS:
        if column not in mapping_set.columns:
            yield mapping_set.violation("header", 1, "", f"there is no column {column}")


def _check_prefixes(mapping_set: MappingSet, terms: Terms) -> Iterator[Violation]:
    for prefix, namespace in mapping_set.curie_map.items():
        place = mapping_set.lines.get(f"{prefix}:"), f"{prefix}:"
        known = terms.prefixes.get(prefix)
        if known is None:
            hint = did_you_mean(prefix, terms.prefixes) or "Declare it in ontology/prefixes.ttl."
            yield mapping_set.violation("prefix", *place, "is not in ontology/prefixes.ttl", hint)
        elif known != namespace:
            message = f"stands for <{namespace}> here and for <{known}> elsewhere"
            yield mapping_set.violation("prefix", *place, message, f"Write {prefix}: {known}")


def _on(mapping_set: MappingSet, row: Row) -> Callable[..., Violation]:
    """Return a function that makes a violation on a row: rule, message and hint to violation."""

    def violation(rule: str, message: str, hint: str = "") -> Violation:
        return mapping_set.violation(rule, row.line, row["subject_id"], message, hint)

    return violation


def _check_row(mapping_set: MappingSet, row: Row, terms: Terms) -> Iterator[Violation]:
    """Check a row's terms and labels."""
    violation = _on(mapping_set, row)
    for column in (*_REQUIRED_CELLS, *(["object_label"] if row.has_target else [])):
        if not row[column] and (column in mapping_set.columns or column == "object_label"):
            yield violation("cell", f"has no {column}", f"Fill in the column {column}.")
    for column in IRI_SLOTS:
        iri = mapping_set.expand(row[column])
        if row[column] and not is_iri(iri):
            problem = "stands for no IRI" if iri else "has no declared prefix"
            hint = "Write a CURIE whose prefix is in the curie_map of this file."
            yield violation("curie", f"{column} {row[column]} {problem}", hint)
    if (match := row["predicate_id"]) and match not in _MATCHES:
        hint = did_you_mean(match, _MATCHES) or "Use one of: " + ", ".join(_MATCHES)
        yield violation("predicate", f"{match} is not a SKOS mapping relation", hint)
    subject, label = mapping_set.expand(row["subject_id"]), row["subject_label"]
    if subject and subject not in terms.labels:
        hint = did_you_mean(subject, terms.labels)
        yield violation("subject", "is not a term of ours", hint)
    elif subject in terms.obsolete:
        yield violation("subject", "is obsolete", "Map the term that replaces it.")
    elif subject and label and label != terms.labels[subject]:
        message = f'is labelled "{label}" here and "{terms.labels[subject]}" by us'
        yield violation("label", message, "Copy the label of the term.")


def _check_values(mapping_set: MappingSet, row: Row, authors: set[str]) -> Iterator[Violation]:
    """Check the cells that are no terms and no labels."""
    violation = _on(mapping_set, row)
    if row["mapping_justification"] and not row["mapping_justification"].startswith("semapv:"):
        yield violation("justification", "the justification is not a semapv: term")
    if (modifier := row["predicate_modifier"]) not in ("", "Not"):
        yield violation("modifier", f"{modifier} is no modifier", "Write Not, or nothing.")
    if (day := row["mapping_date"]) and not _is_date(day):
        yield violation("date", f"{day} is no date", "Write YYYY-MM-DD.")
    if (confidence := row["confidence"]) and not _SHARE.fullmatch(confidence):
        yield violation("confidence", f"{confidence} is not between 0 and 1")
    if authors and row["author_id"] and row["author_id"] not in authors:
        yield violation("author", f"{row['author_id']} is not in curators.tsv")


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value  # the library reads more forms
    except ValueError:
        return False


def _check_order(mapping_set: MappingSet) -> Iterator[Violation]:
    keys = [(r["subject_id"], r["predicate_id"], r["object_id"]) for r in mapping_set.rows]
    for row, before, this in zip(mapping_set.rows[1:], keys, keys[1:], strict=False):
        if this < before:
            hint = "Sort the rows by subject_id, predicate_id, object_id."
            yield _on(mapping_set, row)("order", "stands before the row it should follow", hint)
            return  # one move explains all later ones


Place = tuple[MappingSet, Row]


def _check_pairs(sets: Sequence[MappingSet]) -> Iterator[Violation]:
    """Compare rows with each other, within a file and across files."""
    pairs: dict[tuple[str, str], list[Place]] = defaultdict(list)
    exact_by_subject: dict[tuple[str, str], list[Place]] = defaultdict(list)
    exact_by_object: dict[str, list[Place]] = defaultdict(list)
    for mapping_set in sets:
        prefixes = {r["object_id"].partition(":")[0] for r in mapping_set.rows}
        prefixes &= mapping_set.curie_map.keys() - {"sssom"}  # others are reported row by row
        if len(prefixes) > 1:
            message = f"maps to more than one vocabulary: {', '.join(sorted(prefixes))}"
            hint = "Keep one set per vocabulary."
            yield mapping_set.violation("vocabulary", 1, "", message, hint)
        yield from _check_not_found(mapping_set)
        for row in mapping_set.rows:
            if not row.has_target:
                continue
            place = (mapping_set, row)
            pairs[row["subject_id"], row["object_id"]].append(place)
            if row["predicate_id"] == "skos:exactMatch" and not row["predicate_modifier"]:
                vocabulary = row["object_id"].partition(":")[0]
                exact_by_subject[row["subject_id"], vocabulary].append(place)
                exact_by_object[row["object_id"]].append(place)
    yield from _repeated(pairs.values(), "twice", "maps the same pair again")
    message = "has a second exactMatch into the same vocabulary"
    yield from _repeated(exact_by_subject.values(), "exact-twice", message)
    message = "has an exactMatch to a target that another term has too"
    yield from _repeated(exact_by_object.values(), "exact-shared", message)


def _check_not_found(mapping_set: MappingSet) -> Iterator[Violation]:
    rows_by_subject: dict[str, list[Row]] = defaultdict(list)
    for row in mapping_set.rows:
        rows_by_subject[row["subject_id"]].append(row)
    for rows in rows_by_subject.values():
        without = [row for row in rows if not row.has_target]
        if without and len(rows) > 1:
            message = "has a row without a term found and another row in the same set"
            yield _on(mapping_set, without[0])("not-found", message, "Remove one of the rows.")


def _repeated(groups: Iterable[list[Place]], rule: str, message: str) -> Iterator[Violation]:
    for (first_set, first), *others in groups:
        for mapping_set, row in others:
            hint = f"See {first_set.path.name}, line {first.line}."
            yield _on(mapping_set, row)(rule, message, hint)


def _check_coverage(sets: Sequence[MappingSet], terms: Terms) -> Iterator[Violation]:
    """Warn of each term that has neither a mapping nor a row without a term found."""
    if not sets:
        return
    mapped = {s.expand(row["subject_id"]) for s in sets for row in s.rows}
    hint = "Map it in mappings/, or add a row whose object_id is sssom:NoTermFound."
    ours = {iri for iri in terms.labels if iri.startswith(iris.TERM)}
    for term in sorted(ours - terms.obsolete - mapped):
        yield Violation("mapping-missing", "warning", None, None, term, "has no mapping", hint)
