"""Write a new row into a mapping set, at its sorted place, and a set if there is none."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from service import iris
from service.editing.edits import Edits
from service.editing.lookup import Lookup
from service.editing.mapping_files import COLUMNS, JUSTIFICATIONS, PREDICATES, MappingFile
from service.pipeline import graphs
from service.pipeline.accessions import read_accessions
from service.pipeline.mapping_file import NO_TERM_FOUND, MappingSet, parse
from service.problems import EditRefused, UsageError

_PREFIXES = ("CDMO", "bioregistry", "cdmo", "graph", "semapv", "skos", "sssom")


@dataclass(frozen=True)
class NewSet:
    """The facts about a vocabulary for the header of its set.

    :param vocabulary: its name, such as Human Phenotype Ontology.
    :param licence: an address.
    :param release: of the vocabulary, as it names it.
    :param read_from: where identifiers and labels were read.
    :param creators: CURIE to name.
    """

    vocabulary: str
    licence: str
    release: str
    read_from: str
    creators: Mapping[str, str]


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
    """Insert a row at its sorted place, with the columns that it needs.

    :raises UsageError: for a cell that cannot stand in the set.
    """
    if any("\t" in v or "\n" in v for v in values.values()):
        raise UsageError("A cell of a mapping set has neither tabs nor line ends.")
    if values["object_id"] != NO_TERM_FOUND and not mapping_set.expand(values["object_id"]):
        raise UsageError(f"{values['object_id']} has no prefix of {mapping_set.path.name}.")
    file = MappingFile.of(mapping_set.path, edits.text(mapping_set.path))
    file.rows.append(values)
    edits.texts[file.path] = file.text()


# -- a new set -------------------------------------------------------------------------------------


def prefix_of(edits: Edits, name: str) -> str:
    """Return the prefix of a vocabulary, as ``prefixes.ttl`` writes it.

    :raises UsageError: if the list does not have it.
    """
    known = {prefix.lower(): prefix for prefix in edits.loaded.names.prefixes}
    if prefix := known.get(name.lower()):
        return prefix
    raise UsageError(f"{name} is no prefix of ontology/prefixes.ttl. Declare it there first.")


def add_set(edits: Edits, prefix: str, new: NewSet) -> MappingSet:
    """Add a mapping set without rows.

    :raises UsageError: if its licence is no address.
    """
    if not new.licence.startswith(("https://", "http://")):
        raise UsageError(f"A licence is named by its address, not '{new.licence}'.")
    loaded = edits.loaded
    known, name = loaded.names.prefixes, prefix.lower()
    version = graphs.header(loaded.store, iris.VERSION_INFO)
    title = graphs.header(loaded.store, iris.DCTERMS + "title") or "our ontology"
    used = {*_PREFIXES, prefix, *(curie.partition(":")[0] for curie in new.creators)}
    slots = [
        "curie_map:",
        *(f"  {p}: {known[p]}" for p in sorted(used, key=lambda p: (p.lower(), p)) if p in known),
        f"mapping_set_id: {iris.MAPPING}{name}",
        f'mapping_set_version: "{version}"',
        f"mapping_set_title: {_quoted(f'CDMO to {new.vocabulary}')}",
        "mapping_set_description: "
        + _quoted(
            f"Mappings from terms, kinds and relations of the {title} to {new.vocabulary}, "
            "each judged against the definition of our term."
        ),
        "creator_id:",
        *(f"  - {curie}" for curie in new.creators),
        "creator_label:",
        *(f"  - {_quoted(label)}" for label in new.creators.values()),
        f"license: {new.licence}",
        "subject_source: graph:ontology",
        f'subject_source_version: "{version}"',
        *_source(loaded.sources.mappings, prefix, known),
        f"object_source_version: {_quoted(new.release)}",
        f"comment: {_quoted(f'Identifiers and labels were read from {new.read_from}.')}",
    ]
    path = loaded.sources.mappings / f"{name}.sssom.tsv"
    head = "".join(f"#{slot}\n" for slot in slots)
    edits.texts[path] = head + "\t".join(COLUMNS) + "\n"
    return parse(path, edits.texts[path])


def _source(folder: Path, prefix: str, known: Mapping[str, str]) -> list[str]:
    """Return the slot for the vocabulary, if the Bioregistry has it under this prefix."""
    is_registered = prefix in read_accessions(folder) and "bioregistry" in known
    return [f"object_source: bioregistry:{prefix.lower()}"] if is_registered else []


def _quoted(value: str) -> str:
    """Return a text as YAML, in quotes where it might be read as something else."""
    value = " ".join(value.split()).replace('"', "'")
    return value if re.fullmatch(r"[A-Za-z][A-Za-z ]*", value) else f'"{value}"'
