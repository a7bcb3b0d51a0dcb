"""Make the table of a vocabulary's terms from a file of it: RDF, OBO, or TSV."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.pipeline.foreign import FileQuads, graph_of
from service.pipeline.mapping_file import MappingSet, parse
from service.pipeline.term_tables import IN_USE, MAPPED, WHOLE, Listed, TermTable, path_of
from service.problems import UsageError
from service.rdf.terms import text

REFUSED = {
    "snomedct": "SNOMED CT",
    "loinc": "LOINC",
    "rxnorm": "RxNorm",
    "icd10cm": "ICD-10-CM",
    "icd11f": "ICD-11",
}
"""Vocabularies whose licence forbids publishing a list of their terms as freely as ours."""

_LABELS = (iris.LABEL, iris.SKOS + "prefLabel")
_VERSIONS = (iris.VERSION_INFO, iris.VERSION_IRI, "https://schema.org/softwareVersion")
_RETIRING = (iris.DEPRECATED, "https://schema.org/supersededBy")
_SUCCESSORS = (iris.REPLACED_BY, "https://schema.org/supersededBy")
_ALTERNATIVE = "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId"
_ID, _LABEL = ("object_id", "id", "curie"), ("object_label", "label", "name")


@dataclass
class _Vocabulary:
    """The terms of one namespace in a file, by CURIE.

    :param versions: texts that may name its release.
    """

    labels: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    obsolete: set[str] = field(default_factory=set)
    successors: dict[str, str] = field(default_factory=dict)
    versions: list[str] = field(default_factory=list)

    def terms(self, known: Mapping[str, str]) -> Iterator[tuple[str, Listed]]:
        """Yield each term; of several labels, the one that a mapping set knows.

        :param known: the labels of the set, by CURIE.
        """
        for curie in sorted({*self.labels, *self.obsolete}):
            labels = self.labels.get(curie) or [""]
            label = known.get(curie, "")
            label = label if label in labels else labels[0]
            yield curie, Listed(label, curie in self.obsolete, self.successors.get(curie, ""))


@dataclass(frozen=True)
class Origin:
    """The origin of a table as an editor states it; if empty, the file or the set tells it.

    :param is_whole: whether the file has all terms of the vocabulary.
    """

    day: date
    source: str = ""
    version: str = ""
    licence: str = ""
    is_whole: bool = False


def update_table(edits: Edits, name: str, file: Path, origin: Origin) -> TermTable:
    """Write the table of a mapping set from a file of its vocabulary.

    The set names the release that was read, so its header follows.

    :param file: RDF or OBO, or TSV with the columns of SSSOM or ``id`` and ``label``.
    :raises UsageError: if there is no such set, its licence forbids a table, or the file has none
        of its terms.
    """
    path = edits.loaded.sources.mappings / f"{name}.sssom.tsv"
    if not path.is_file():
        names = (p.name.removesuffix(".sssom.tsv") for p in edits.loaded.sources.mapping_files)
        raise UsageError(f"There is no mapping set '{name}'. There are: {', '.join(names)}")
    if name in REFUSED:
        raise UsageError(f"The licence of {REFUSED[name]} lets nobody keep a table of its terms.")
    mapping_set = parse(path)
    mapped = {r["object_id"]: r["object_label"] for r in mapping_set.rows if r.has_target}
    prefixes = {curie.partition(":")[0] for curie in mapped} or {name.upper()}
    read = _read_tsv if file.suffix == ".tsv" else _read_rdf
    vocabulary = read(file, {p: mapping_set.curie_map.get(p, "") for p in prefixes})
    terms = {
        curie: term
        for curie, term in vocabulary.terms(mapped)
        if origin.is_whole or term.is_obsolete or curie in mapped
    }
    if not terms:
        raise UsageError(f"{file} has no term of {name} that is mapped.")
    lists = MAPPED if any(term.is_obsolete for term in terms.values()) else IN_USE
    stated = mapping_set.first("object_source_version")
    version = origin.version or _version(vocabulary.versions, stated)
    table = TermTable(path_of(edits.loaded.sources.mappings, name), terms=terms)
    title = mapping_set.first("mapping_set_title").partition(" to ")[2].removeprefix("the ")
    table.slots = {
        "vocabulary": title or name,
        "source": origin.source or file.name,
        "version": version,
        "license": origin.licence or mapping_set.first("license"),
        "updated": origin.day.isoformat(),
        "lists": WHOLE if origin.is_whole else lists,
    }
    edits.texts[table.path] = table.write()
    if version != stated:
        edits.texts[path] = _with_version(edits.text(path), mapping_set, version)
    return table


def _version(versions: Sequence[str], stated: str) -> str:
    """Return the version of a file: as the mapping set writes it, if that is the same one."""
    if not versions or (stated and any(stated in version for version in versions)):
        return stated
    return versions[0]


def _with_version(text: str, mapping_set: MappingSet, version: str) -> str:
    """Return the text of a mapping set whose header names a version of the vocabulary."""
    rows = text.split("\n")
    line = f'#object_source_version: "{version}"'
    if at := mapping_set.lines.get("object_source_version"):
        rows[at - 1] = line
    else:
        rows.insert(mapping_set.lines.get("object_source", mapping_set.columns_line - 1), line)
    return "\n".join(rows)


def _read_tsv(path: Path, namespaces: Mapping[str, str]) -> _Vocabulary:
    """Read verified identifiers with their labels."""
    vocabulary = _Vocabulary()
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(
                csv.DictReader(
                    (line for line in file if not line.startswith("#")),
                    delimiter="\t",
                    quoting=csv.QUOTE_NONE,
                )
            )
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise UsageError(f"{path} cannot be read: {fault}") from None
    columns = rows[0].keys() if rows else ()
    of_id, of_label = (next((n for n in ns if n in columns), "") for ns in (_ID, _LABEL))
    if not of_id or not of_label:
        wanted = " or ".join(_ID), " or ".join(_LABEL)
        raise UsageError(f"{path} has no column {wanted[0]}, or none {wanted[1]}.")
    for row in rows:
        curie = row[of_id] or ""
        if curie.partition(":")[0] in namespaces and row[of_label]:
            vocabulary.labels[curie].append(_cell(row[of_label]))
            if row.get("obsolete") == "true":
                vocabulary.obsolete.add(curie)
            if row.get("replaced_by"):
                vocabulary.successors[curie] = row["replaced_by"]
    return vocabulary


def _read_rdf(path: Path, namespaces: Mapping[str, str]) -> _Vocabulary:
    """Read a vocabulary in RDF or OBO.

    :raises UsageError: if it cannot be read.
    """
    vocabulary = _Vocabulary()
    for quad in FileQuads(path, graph_of(path)):
        if isinstance(quad.subject, ox.NamedNode):
            _add(vocabulary, quad, namespaces)
            named = quad.graph_name
            if isinstance(named, ox.NamedNode) and named.value not in vocabulary.versions:
                vocabulary.versions.append(named.value)
    return vocabulary


def _add(vocabulary: _Vocabulary, quad: ox.Quad, namespaces: Mapping[str, str]) -> None:
    predicate, value = quad.predicate.value, text(quad.object)
    curie = _curie(text(quad.subject), namespaces)
    if predicate in _VERSIONS and not curie:
        vocabulary.versions.append(value)
    if not curie:
        return
    if predicate in _LABELS and _is_english(quad.object):
        vocabulary.labels[curie].append(_cell(value))
    if predicate in _RETIRING and value != "false":
        vocabulary.obsolete.add(curie)
    if predicate in _SUCCESSORS:
        vocabulary.successors[curie] = _curie(value, namespaces) or value
    if predicate == _ALTERNATIVE and value.partition(":")[0] in namespaces:
        vocabulary.obsolete.add(value)  # merged into the term
        vocabulary.successors[value] = curie


def _curie(iri: str, namespaces: Mapping[str, str]) -> str:
    """Return the CURIE of a term of the vocabulary, or an empty text."""
    named = (
        f"{prefix}:{iri.removeprefix(namespace)}"
        for prefix, namespace in namespaces.items()
        if namespace and iri.startswith(namespace)
    )
    curie = next(named, "")
    return curie if re.fullmatch(r"[\w.-]+:[\w.-]+", curie) else ""


def _is_english(term: object) -> bool:
    language = term.language if isinstance(term, ox.Literal) else None
    return isinstance(term, ox.Literal) and (not language or language.split("-")[0] == "en")


def _cell(label: str) -> str:
    return " ".join(label.split())


def counts(terms: Iterable[Listed]) -> str:
    """Return in words how many terms there are, and how many of them are obsolete."""
    listed = list(terms)
    return f"{len(listed):,} terms, {sum(t.is_obsolete for t in listed):,} of them obsolete"
