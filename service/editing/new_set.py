"""The header of a new mapping set, for a vocabulary that has none yet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service import iris
from service.editing.edits import Edits
from service.pipeline import graphs
from service.pipeline.accessions import read_accessions
from service.pipeline.mapping_file import MappingSet, parse
from service.problems import UsageError

COLUMNS = (
    *("subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id"),
    *("object_label", "mapping_justification", "author_id", "author_label", "mapping_date"),
    *("confidence", "comment"),
)
_PREFIXES = ("CDMO", "bioregistry", "cdmo", "graph", "semapv", "skos", "sssom")


@dataclass(frozen=True)
class NewSet:
    """What the header of a set says of its vocabulary.

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
    """Return a text as YAML has it: what might be read as something else stands in quotes."""
    value = " ".join(value.split()).replace('"', "'")
    return value if re.fullmatch(r"[A-Za-z][A-Za-z ]*", value) else f'"{value}"'
