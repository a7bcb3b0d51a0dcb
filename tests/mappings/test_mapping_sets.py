"""The real mapping sets are complete, and agree with our terms and with those of others."""

import gzip
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, URIRef

from service import iris
from service.pipeline import checks, mappings, sssom
from service.pipeline.loading import load
from service.pipeline.mapping_file import MappingSet, Row
from service.pipeline.shapes import rdflib_graph
from service.sources import locate

LOADED, _ = load(locate())
ONTOLOGY = rdflib_graph(LOADED.store, "ontology")
VIOLATIONS = mappings.load(LOADED)
SETS = [
    sssom.read(path, LOADED.names.prefixes)[0]
    for path in sorted(LOADED.sources.mappings.glob("*.sssom.tsv"))
]
BY_NAME = {s.path.name.removesuffix(".sssom.tsv"): s for s in SETS}
ROWS = [(s, row) for s in SETS for row in s.rows]
TARGETS = [(s, row) for s, row in ROWS if row.has_target]
LABELS = {
    str(term): str(label)
    for term, label in ONTOLOGY.subject_objects(RDFS.label)
    if str(term).startswith(iris.BASE)
}
RETIRED = frozenset(str(term) for term in ONTOLOGY.subjects(OWL.deprecated))


def place(mapping_set: MappingSet, row: Row) -> str:
    return f"{mapping_set.path.name}:{row.line}"


class TestOurs:
    """The files in themselves, and compared with our terms."""

    def test_every_line_can_be_read(self) -> None:
        assert VIOLATIONS == []
        assert len(SETS) >= 40
        assert all(s.rows for s in SETS)

    def test_no_rule_is_broken(self) -> None:
        assert (LOADED.sources.mappings / "curators.tsv").is_file()
        violations = checks.run("source", LOADED)
        assert [str(v) for v in violations if v.rule.startswith("mapping-")] == []

    def test_every_term_is_mapped_or_recorded_as_not_found(self) -> None:
        """A denied match does not count as a mapping."""
        matched = {s.expand(r["subject_id"]) for s, r in TARGETS if not r["predicate_modifier"]}
        sought = {s.expand(r["subject_id"]) for s, r in ROWS if not r.has_target}
        terms = {iri for iri in LABELS if iri.startswith(iris.TERM)} - RETIRED
        assert len(terms) >= 240
        assert sorted(LABELS[iri] for iri in terms - matched - sought) == []
        assert sorted(LABELS[iri] for iri in matched & sought) == []

    def test_every_kind_and_relation_is_mapped_or_recorded_as_not_found(self) -> None:
        schema = iris.CDMO
        ours = {
            str(term)
            for term in (
                *ONTOLOGY.subjects(RDF.type, OWL.ObjectProperty),
                *(k for k in ONTOLOGY.subjects(RDF.type, OWL.Class) if isinstance(k, URIRef)),
            )
            if str(term).startswith(schema)
        }
        mapped = {s.expand(r["subject_id"]) for s, r in ROWS}
        assert len(ours) >= 40
        assert sorted(LABELS[iri] for iri in ours - mapped) == []

    def test_labels_agree_with_our_terms(self) -> None:
        wrong = [
            f"{place(s, r)} {r['subject_label']}"
            for s, r in ROWS
            if LABELS.get(s.expand(r["subject_id"])) != r["subject_label"]
        ]
        assert wrong == []

    def test_one_target_has_one_label(self) -> None:
        labels: dict[str, set[str]] = defaultdict(set)
        for _, row in TARGETS:
            labels[row["object_id"]].add(row["object_label"])
        assert {target: forms for target, forms in labels.items() if len(forms) > 1} == {}

    def test_every_set_names_licence_and_source(self) -> None:
        for mapping_set in SETS:
            assert mapping_set.first("license").startswith("https://")
            assert mapping_set.first("object_source")
            assert mapping_set.first("comment"), "where were identifiers and labels read?"

    def test_a_denied_or_missing_match_has_a_comment(self) -> None:
        """The comment gives the curator's reason."""
        silent = [
            place(s, r)
            for s, r in ROWS
            if (r["predicate_modifier"] or not r.has_target) and not r["comment"]
        ]
        assert silent == []

    def test_inverse_relations_are_not_mapped_crosswise(self) -> None:
        """A relation and its inverse are mapped to a relation and its inverse."""
        inverse: dict[str, str] = {}
        for one, other in ONTOLOGY.subject_objects(OWL.inverseOf):
            inverse |= {str(one): str(other), str(other): str(one)}
        exact = {
            (s.expand(r["subject_id"]), r["object_id"])
            for s, r in TARGETS
            if r["predicate_id"] == "skos:exactMatch" and not r["predicate_modifier"]
        }
        crossed = [(one, target) for one, target in exact if (inverse.get(one), target) in exact]
        assert crossed == []


@dataclass(frozen=True)
class Vocabulary:
    """A real ontology file.

    :param labels: IRI to its labels.
    :param subjects: the IRI of every subject.
    :param retired: IRIs that are deprecated or superseded.
    :param version: every form of its version in the header.
    """

    labels: Mapping[str, frozenset[str]]
    subjects: frozenset[str]
    retired: frozenset[str]
    version: str


WHOLE = {
    "maxo": "maxo-base.owl.gz",
    "ro": "ro.owl.gz",
    "schema": "schemaorg-all-https.nq.gz",
    "symp": "symp.owl.gz",
}
"""Mapping sets whose vocabulary is complete in a file, so that it must contain every target."""

OWN = {
    "maxo": "http://purl.obolibrary.org/obo/MAXO_",
    "ro": "http://purl.obolibrary.org/obo/RO_",
    "schema": "https://schema.org/",
    "symp": "http://purl.obolibrary.org/obo/SYMP_",
}
"""The namespaces of these vocabularies."""

VERSION = (str(OWL.versionIRI), str(OWL.versionInfo), "https://schema.org/softwareVersion")
RETIRING = (str(OWL.deprecated), "https://schema.org/supersededBy")


def read(path: Path) -> Vocabulary:
    """Read a gzipped file: RDF/XML (``.owl.gz``) or N-Quads (``.nq.gz``)."""
    suffixes = {".owl": ox.RdfFormat.RDF_XML, ".nq": ox.RdfFormat.N_QUADS}
    labels: dict[str, set[str]] = defaultdict(set)
    subjects, retired, version = set(), set(), set()
    data = gzip.decompress(path.read_bytes())
    for quad in ox.parse(data, format=suffixes[path.with_suffix("").suffix]):
        subject, predicate, value = quad.subject, quad.predicate.value, quad.object
        if not isinstance(subject, ox.NamedNode) or isinstance(value, ox.BlankNode | ox.Triple):
            continue
        subjects.add(subject.value)
        if isinstance(quad.graph_name, ox.NamedNode):
            version.add(quad.graph_name.value)
        if predicate == str(RDFS.label):
            labels[subject.value].add(value.value)
        elif predicate in RETIRING and value.value != "false":
            retired.add(subject.value)
        elif predicate in VERSION:
            version.add(value.value)
    frozen = {iri: frozenset(forms) for iri, forms in labels.items()}
    return Vocabulary(frozen, frozenset(subjects), frozenset(retired), " ".join(sorted(version)))


@pytest.fixture(scope="module")
def vocabularies() -> Mapping[str, Vocabulary]:
    """Return the real ontology files by name."""
    folder = os.environ.get("CDMO_ONTOLOGIES")
    if not folder:
        pytest.skip("CDMO_ONTOLOGIES does not name the folder of real ontology files")
    files = {p.name: read(p) for p in sorted(Path(folder).iterdir()) if p.suffix == ".gz"}
    assert set(WHOLE.values()) <= files.keys()
    return files


@pytest.mark.slow
class TestTheirs:
    """The targets, compared with the files of their vocabularies."""

    def test_labels_are_theirs(self, vocabularies: Mapping[str, Vocabulary]) -> None:
        compared, wrong = 0, []
        for mapping_set, row in TARGETS:
            target = mapping_set.expand(row["object_id"])
            for name, vocabulary in vocabularies.items():
                if target in vocabulary.labels:
                    compared += 1
                    if row["object_label"] not in vocabulary.labels[target]:
                        wrong.append((place(mapping_set, row), name, vocabulary.labels[target]))
        assert compared >= 300
        assert wrong == []

    def test_no_target_is_retired(self, vocabularies: Mapping[str, Vocabulary]) -> None:
        retired = {iri for vocabulary in vocabularies.values() for iri in vocabulary.retired}
        assert retired
        assert [place(s, r) for s, r in TARGETS if s.expand(r["object_id"]) in retired] == []

    @pytest.mark.parametrize("name", WHOLE)
    def test_no_target_is_missing(self, vocabularies: Mapping[str, Vocabulary], name: str) -> None:
        there = vocabularies[WHOLE[name]].subjects
        mapping_set = BY_NAME[name]
        targets = [(s, r) for s, r in TARGETS if s is mapping_set]
        own = [(s, r) for s, r in targets if s.expand(r["object_id"]).startswith(OWN[name])]
        assert len(own) >= 5
        assert [place(s, r) for s, r in own if s.expand(r["object_id"]) not in there] == []

    @pytest.mark.parametrize("name", WHOLE)
    def test_the_set_names_the_release_that_was_read(
        self, vocabularies: Mapping[str, Vocabulary], name: str
    ) -> None:
        version = BY_NAME[name].first("object_source_version")
        assert version
        assert version in vocabularies[WHOLE[name]].version
