"""The real mapping sets: whole, honest, and in agreement with our terms and with theirs."""

import gzip
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, URIRef

from service.iris import BASE
from service.pipeline import mapping_checks, mappings
from service.pipeline.sources import load, locate
from service.pipeline.sssom import NO_TERM_FOUND, MappingSet, Row

LOADED, _ = load(locate())
ONTOLOGY = LOADED.graphs["ontology"]
SETS, UNREAD = mappings.load(LOADED.sources.mappings)
BY_NAME = {s.path.name.removesuffix(".sssom.tsv"): s for s in SETS}
ROWS = [(s, row) for s in SETS for row in s.rows]
TARGETS = [(s, row) for s, row in ROWS if row["object_id"] != NO_TERM_FOUND]

LABELS = {
    str(term): str(label)
    for term, label in ONTOLOGY.subject_objects(RDFS.label)
    if str(term).startswith(BASE)
}
RETIRED = frozenset(str(term) for term in ONTOLOGY.subjects(OWL.deprecated))


def place(mapping_set: MappingSet, row: Row) -> str:
    return f"{mapping_set.path.name}:{row.line}"


class TestOurs:
    """What the files say by themselves and of our terms."""

    def test_every_line_can_be_read(self) -> None:
        assert UNREAD == []
        assert len(SETS) >= 40
        assert all(s.rows for s in SETS)

    def test_no_rule_is_broken(self) -> None:
        terms = mapping_checks.Terms(LABELS, RETIRED, LOADED.names.prefixes)
        curators = LOADED.sources.mappings / "curators.tsv"
        assert curators.is_file()
        assert [str(v) for v in mapping_checks.check(SETS, terms, curators)] == []

    def test_every_term_is_mapped_or_was_sought_in_vain(self) -> None:
        """A row that denies a match finds nothing either."""
        matched = {s.expand(r["subject_id"]) for s, r in TARGETS if not r["predicate_modifier"]}
        sought = {s.expand(r["subject_id"]) for s, r in ROWS if r["object_id"] == NO_TERM_FOUND}
        terms = {iri for iri in LABELS if iri.startswith(f"{BASE}id/")} - RETIRED
        assert len(terms) >= 240
        assert sorted(LABELS[iri] for iri in terms - matched - sought) == []
        assert sorted(LABELS[iri] for iri in matched & sought) == []

    def test_every_kind_and_relation_is_mapped_or_was_sought_in_vain(self) -> None:
        schema = f"{BASE}schema/"
        ours = {
            str(term)
            for term in (
                *ONTOLOGY.subjects(RDF.type, OWL.ObjectProperty),
                *(k for k in ONTOLOGY.subjects(RDF.type, OWL.Class) if isinstance(k, URIRef)),
            )
            if str(term).startswith(schema)
        }
        spoken_of = {s.expand(r["subject_id"]) for s, r in ROWS}
        assert len(ours) >= 40
        assert sorted(LABELS[iri] for iri in ours - spoken_of) == []

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
        assert {target: said for target, said in labels.items() if len(said) > 1} == {}

    def test_every_set_names_licence_and_source(self) -> None:
        for mapping_set in SETS:
            assert mapping_set.first("license").startswith("https://")
            assert mapping_set.first("object_source")
            assert mapping_set.first("comment"), "where were identifiers and labels read?"

    def test_what_keeps_the_two_apart_is_said(self) -> None:
        """Whoever denies a match, or finds none, says why."""
        silent = [
            place(s, r)
            for s, r in ROWS
            if (r["predicate_modifier"] or r["object_id"] == NO_TERM_FOUND) and not r["comment"]
        ]
        assert silent == []

    def test_pairs_that_deny_each_other_are_none(self) -> None:
        """A relation and its inverse are mapped to a relation and its inverse, not crosswise."""
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
    """What a real ontology file says.

    :param labels: IRI to its labels.
    :param subjects: every IRI that something is said of.
    :param retired: IRIs that are deprecated or superseded.
    :param version: everything that the header says of its version.
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
"""Mapping sets whose vocabulary a file holds whole, so that no target may be missing there."""

OWN = {
    "maxo": "http://purl.obolibrary.org/obo/MAXO_",
    "ro": "http://purl.obolibrary.org/obo/RO_",
    "schema": "https://schema.org/",
    "symp": "http://purl.obolibrary.org/obo/SYMP_",
}
"""The namespace of that vocabulary."""

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
    frozen = {iri: frozenset(said) for iri, said in labels.items()}
    return Vocabulary(frozen, frozenset(subjects), frozenset(retired), " ".join(sorted(version)))


@pytest.fixture(scope="module")
def vocabularies() -> Mapping[str, Vocabulary]:
    """Return the real ontology files by name."""
    folder = os.environ.get("CDMO_ONTOLOGIES")
    if not folder:
        pytest.skip("CDMO_ONTOLOGIES does not name the folder of real ontology files")
    found = {p.name: read(p) for p in sorted(Path(folder).iterdir()) if p.suffix == ".gz"}
    assert set(WHOLE.values()) <= found.keys()
    return found


@pytest.mark.slow
class TestTheirs:
    """What the files of other vocabularies say of the targets."""

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
