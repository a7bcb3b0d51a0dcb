"""Tables of the terms of other vocabularies: labels, obsolete terms and their successors.

``mappings/terms/<name>.tsv`` belongs to the mapping set ``<name>.sssom.tsv``. It lists the whole
vocabulary, or the mapped terms and, if the file of the vocabulary had them, the obsolete ones.
``cdmo update-terms`` writes it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox

from service.pipeline.files import lines, read_text
from service.pipeline.loading import Loaded
from service.pipeline.mapping_file import MappingSet, Row
from service.pipeline.violations import Place, Related, Violation, error
from service.problems import SourceError

FOLDER = "terms"
SLOTS = ("vocabulary", "source", "version", "license", "updated", "lists")
"""The header of a table; its version may be unknown."""
COLUMNS = ("id", "label", "obsolete", "replaced_by")
WHOLE, IN_USE, MAPPED = "all terms", "mapped terms", "mapped and obsolete terms"
"""The extents of a table: the terms that it lists."""
_SLOT = re.compile(r"#(\w+): *(.*)")


@dataclass(frozen=True, slots=True)
class Listed:
    """A term in a table of its vocabulary.

    :param successor: CURIE of the term that replaces it, or empty.
    :param line: in the table, counted from 1.
    """

    label: str
    is_obsolete: bool = False
    successor: str = ""
    line: int = 0


@dataclass
class TermTable:
    """The terms of one vocabulary by CURIE.

    :param slots: the header.
    :param faults: the violations in the file.
    """

    path: Path
    slots: dict[str, str] = field(default_factory=dict)
    terms: dict[str, Listed] = field(default_factory=dict)
    faults: list[Violation] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of its mapping set."""
        return self.path.stem

    @property
    def is_whole(self) -> bool:
        """Whether it lists the whole vocabulary, so that no term is missing."""
        return self.slots.get("lists") == WHOLE

    @cached_property
    def by_label(self) -> Mapping[str, list[str]]:
        """The terms in use by label, in lower case."""
        labelled: dict[str, list[str]] = defaultdict(list)
        for curie, term in self.terms.items():
            if term.label and not term.is_obsolete:
                labelled[term.label.lower()].append(curie)
        return labelled

    def write(self) -> str:
        """Return the text of the file."""
        head = [f"#{slot}: {self.slots.get(slot, '')}".rstrip() for slot in SLOTS]
        rows = [
            "\t".join((curie, term.label, "true" if term.is_obsolete else "", term.successor))
            for curie, term in sorted(self.terms.items())
        ]
        return "".join(f"{line}\n" for line in (*head, "\t".join(COLUMNS), *rows))


def path_of(mappings: Path, name: str) -> Path:
    """Return the path of the table of a mapping set."""
    return mappings / FOLDER / f"{name}.tsv"


def read_table(path: Path) -> TermTable:
    """Read a table; its faults hold the violations in it.

    :raises SourceError: if the file is not UTF-8 text.
    """
    table = TermTable(path)
    hint = "Write the table again: cdmo update-terms"
    columns: list[str] = []
    for number, line in enumerate(lines(read_text(path)), 1):
        cells = line.split("\t")
        if not columns and (slot := _SLOT.fullmatch(line)):
            table.slots[slot[1]] = slot[2]
        elif not columns:
            columns = cells
        elif len(cells) == len(COLUMNS) and cells[0] not in table.terms:
            curie, label, obsolete, successor = cells
            table.terms[curie] = Listed(label, obsolete == "true", successor, number)
        elif line:
            message = "stands there twice" if cells[0] in table.terms else "is no row of four cells"
            table.faults.append(error("term-table", path, number, message, hint, entity=cells[0]))
    missing = [slot for slot in SLOTS if not table.slots.get(slot) and slot != "version"]
    if missing or tuple(columns) != COLUMNS or table.slots["lists"] not in (WHOLE, IN_USE, MAPPED):
        message = "does not begin with its header and its columns"
        table.faults.append(error("term-table", path, 1, message, hint))
    for before, curie in pairwise(table.terms):
        if curie < before:
            number = table.terms[curie].line
            message = "stands before the row that it should follow"
            table.faults.append(error("term-table", path, number, message, hint, entity=curie))
            break
    return table


def check_targets(loaded: Loaded, sets: Sequence[MappingSet]) -> Iterator[Violation]:
    """Yield a violation for each target of a mapping that contradicts its vocabulary's table."""
    by_name = {s.path.name.removesuffix(".sssom.tsv"): s for s in sets}
    for path in sorted((loaded.sources.mappings / FOLDER).glob("*.tsv")):
        try:
            table = read_table(path)
        except SourceError as fault:
            yield from fault.extras["violations"]
            continue
        yield from table.faults
        mapping_set = by_name.get(table.name)
        if mapping_set is None and not loaded.unread:
            message, hint = "belongs to no mapping set", "Remove it, or call it like its set."
            yield error("term-table", path, 1, message, hint)
        for row in mapping_set.rows if mapping_set else ():
            if mapping_set and row.has_target:
                yield from _check_target(loaded, table, mapping_set, row)


def _check_target(
    loaded: Loaded, table: TermTable, mapping_set: MappingSet, row: Row
) -> Iterator[Violation]:
    target, label = row["object_id"], row["object_label"]
    same = [t for t in table.by_label.get(label.lower(), ()) if t != target]
    meant = f"Is {' or '.join(same)} meant, which has that label?" if same else ""
    term = table.terms.get(target)
    rule = message = hint = cause = ""
    value = target
    if term is None:
        if table.is_whole and _prefix(target) in {_prefix(t) for t in table.terms}:
            rule, message = "mapping-object-unknown", f"{target} is not in {_release(table)}"
            hint = meant or "Copy the identifier again, or update the table: cdmo update-terms"
        elif same:
            rule, value = "mapping-object-label", label
            message = f"'{label}' is the label of {' and '.join(same)}, not of {target}"
            hint = "Write the identifier of the label."
    elif term.is_obsolete:
        if row["predicate_modifier"]:  # nobody follows a denied match
            return
        successor = table.terms.get(term.successor)
        known = f"{term.successor} ({successor.label})" if successor else term.successor
        rule, message = "mapping-object-obsolete", f"{target} is obsolete in {_release(table)}"
        message += f", replaced by {known}" if known else ""
        hint = f"Judge the match with {term.successor}." if known else "Look for another term."
        cause = f"{target} is obsolete"
    elif term.label and term.label != label:
        rule, value = "mapping-object-label", label
        message = f"object_label is '{label}', {target} is called '{term.label}'"
        hint = meant or f"Write '{term.label}', if it is still the term that is meant."
        cause = f"{target} is called '{term.label}'"
    if not rule:
        return
    related = (
        [Related(Place(table.path, term.line, 1), "the term in its vocabulary")] if term else []
    )
    yield loaded.violation(
        *(rule, mapping_set.iri_of(row), message, hint),
        value=ox.Literal(value),
        related=related,
        cause=cause,
    )


def _prefix(curie: str) -> str:
    return curie.partition(":")[0]


def _release(table: TermTable) -> str:
    """Return the name of a vocabulary, with its listed release."""
    return " ".join(filter(None, (table.slots.get("vocabulary"), table.slots.get("version"))))
