"""The schema.org data in pages, checked against schema.org's own vocabulary.

Over every document of the real release and every other sort of page: each type and property
exists, each property's ``domainIncludes`` admits its subject and ``rangeIncludes`` its value, a
term has the same types on all pages, and a property joins two terms only if the document plainly
claims it, without qualifier, and never denies it.
"""

import gzip
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from service import iris
from service.iris import BASE
from service.library import Library
from service.rdf.terms import text
from service.rdf.walk import closure
from service.release import Release, open_store

from ..service.site.client import client_of

pytestmark = pytest.mark.slow

SCHEMA = "https://schema.org/"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
PAGES = (
    *("/", "/about", "/changes", "/downloads", "/browse/", "/browse/Condition", "/statements/"),
    *("/questions/", "/tensions/", "/mappings/", "/search?q=pain", "/compare", "/problems/"),
    *("/problems/unknown-resource", "/sparql"),
)
NOT_FOUND = "/nonsense"


@dataclass(frozen=True)
class Vocabulary:
    """schema.org's own vocabulary file."""

    store: ox.Store

    def known(self, name: str) -> bool:
        """Tell whether a type or property with this name exists and is not superseded."""
        node = ox.NamedNode(SCHEMA + name)
        superseded = ox.NamedNode(SCHEMA + "supersededBy")
        has_label = any(self.store.quads_for_pattern(node, ox.NamedNode(RDFS + "label"), None))
        return has_label and not any(self.store.quads_for_pattern(node, superseded, None))

    def values(self, name: str, predicate: str) -> frozenset[str]:
        """Return the local names of the values of a predicate."""
        node = ox.NamedNode(SCHEMA + name)
        quads = self.store.quads_for_pattern(node, ox.NamedNode(predicate), None)
        return frozenset(q.object.value.removeprefix(SCHEMA) for q in quads)  # type: ignore[union-attr]

    @cache  # noqa: B019 - one vocabulary a session
    def and_above(self, name: str) -> frozenset[str]:
        """Return a type and every wider type."""
        wider = closure(name, lambda type_name: self.values(type_name, RDFS + "subClassOf"))
        return frozenset({name, *wider})


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    folder = os.environ.get("CDMO_ONTOLOGIES")
    if not folder:
        pytest.skip("CDMO_ONTOLOGIES does not name the folder of real ontology files")
    path = Path(folder) / "schemaorg-all-https.nq.gz"
    store = ox.Store()
    for quad in ox.parse(gzip.decompress(path.read_bytes()), format=ox.RdfFormat.N_QUADS):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object))
    return Vocabulary(store)


@pytest.fixture(scope="module")
def client(real_release: Release) -> FlaskClient:
    return client_of(real_release)


@pytest.fixture(scope="module")
def embedded(client: FlaskClient) -> dict[str, dict[str, Any]]:
    """The schema.org value of every page, by path."""
    library: Library = client.application.extensions["site"].library
    documents = (library.names.document(iri) for iri in library.documents)
    paths = [*PAGES, NOT_FOUND, *(f"{path}.html" for path in documents if path)]
    values = {}
    for path in paths:
        response = client.get(path, headers={"Accept": "text/html"})
        assert response.status_code == (404 if path == NOT_FOUND else 200), path
        values[path] = value_in(response.text, path)
    return values


def value_in(html: str, path: str) -> dict[str, Any]:
    scripts = re.findall(
        r'<script type="application/ld\+json" id="schema-org">(.*?)</script>', html, re.DOTALL
    )
    assert len(scripts) == 1, path
    value: dict[str, Any] = json.loads(scripts[0])
    return value


def nodes(value: object) -> Iterator[dict[str, Any]]:
    """Yield every node in a JSON-LD value."""
    if isinstance(value, list):
        for item in value:
            yield from nodes(item)
    elif isinstance(value, dict):
        yield value
        for item in value.values():
            yield from nodes(item)


def types(node: dict[str, Any]) -> list[str]:
    names = node.get("@type", [])
    return [names] if isinstance(names, str) else list(names)


def faults(vocabulary: Vocabulary, node: dict[str, Any]) -> Iterator[str]:
    """Yield the parts of a node that the vocabulary does not allow."""
    all_types = {above for t in types(node) for above in vocabulary.and_above(t)}
    for name in types(node):
        if not vocabulary.known(name):
            yield f"no such type: {name}"
    for name, value in node.items():
        if name.startswith("@"):
            continue
        if not vocabulary.known(name):
            yield f"no such property: {name}"
            continue
        if not all_types & vocabulary.values(name, SCHEMA + "domainIncludes"):
            yield f"{name} is no property of {' and '.join(types(node))}"
        admitted = vocabulary.values(name, SCHEMA + "rangeIncludes")
        for item in value if isinstance(value, list) else [value]:
            if not admitted & set(sorts(vocabulary, item)):
                yield f"{name} takes {', '.join(sorted(admitted))}, not {item!r}"


def sorts(vocabulary: Vocabulary, value: object) -> Iterator[str]:
    """Yield every type that a value has, or that its text may have."""
    if isinstance(value, dict):
        for name in types(value):
            yield from vocabulary.and_above(name)
    elif isinstance(value, bool):
        yield "Boolean"
    elif isinstance(value, int):
        yield from ("Integer", "Number")
    elif isinstance(value, str):
        yield "Text"
        if re.match(r"https?://\S+$", value):
            yield "URL"
        if re.match(r"\d{4}-\d\d-\d\d$", value):
            yield "Date"


def test_types_properties_domains_and_ranges_are_those_of_schema_org(
    vocabulary: Vocabulary, embedded: dict[str, dict[str, Any]]
) -> None:
    assert len(embedded) > 1000
    messages = {
        f"{fault} (as on {path})"
        for path, value in embedded.items()
        for node in nodes(value)
        if "@graph" not in node
        for fault in faults(vocabulary, node)
    }
    assert sorted(messages) == []


def test_the_check_itself_reports_each_kind_of_fault(vocabulary: Vocabulary) -> None:
    wrong = {
        "@type": "MedicalCondition",
        "cures": "x",
        "usedToDiagnose": {"@type": "MedicalCondition"},
        "possibleTreatment": {"@type": "MedicalTest"},
        "name": "x",
    }
    assert [fault.partition(", not")[0] for fault in faults(vocabulary, wrong)] == [
        "no such property: cures",
        "usedToDiagnose is no property of MedicalCondition",
        "possibleTreatment takes Drug, DrugClass, LifestyleModification, MedicalTherapy",
    ]


def test_a_term_has_the_same_types_on_every_page(embedded: dict[str, dict[str, Any]]) -> None:
    pages: dict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
    for path, value in embedded.items():
        for node in nodes(value):
            if node.get("@id", "").startswith(BASE + "id/"):
                pages[node["@id"]].setdefault(tuple(types(node)), path)
    assert {iri: by_types for iri, by_types in pages.items() if len(by_types) > 1} == {}


def test_every_page_has_a_type_and_a_name(embedded: dict[str, dict[str, Any]]) -> None:
    for path, value in embedded.items():
        top = value.get("@graph", [value])
        assert all(types(node) and node.get("name") for node in top), path
        assert value["@context"] == "https://schema.org"


JOINING = frozenset(
    {"signOrSymptom", "riskFactor", "associatedAnatomy", "possibleTreatment", "usedToDiagnose"}
    | {"increasesRiskOf", "relatedCondition"}
)
"""Properties that join two terms."""

PLAIN = "cdmo:stated"
POSSIBLE = f"{PLAIN}, cdmo:qualified, cdmo:hedged"
PAIRS = """
SELECT DISTINCT ?subject ?object WHERE {
  GRAPH graph:claims { ?claim cdmo:subject ?subject ; cdmo:object ?object . }
  FILTER NOT EXISTS {
    ?claim cdmo:citation/cdmo:standing ?sure FILTER (?sure NOT IN (%s))
  }
  FILTER NOT EXISTS { ?claim ?narrowing ?value . ?narrowing rdfs:subPropertyOf+ cdmo:qualifier }
  FILTER NOT EXISTS {
    ?denial cdmo:subject ?subject ; cdmo:object ?object ; cdmo:polarity cdmo:negative
  }
}"""


def test_a_property_joins_terms_only_by_plain_claims_that_are_never_denied(
    embedded: dict[str, dict[str, Any]], real_release: Release
) -> None:
    """Claims for possibleTreatment may be hedged."""
    store, prefixes = open_store(real_release), dict(real_release.manifest.prefixes)

    def pairs(standings: str) -> set[frozenset[str]]:
        rows = store.query(PAIRS % standings, prefixes=prefixes, use_default_graph_as_union=True)
        assert isinstance(rows, ox.QuerySolutions)
        return {frozenset((text(row["subject"]), text(row["object"]))) for row in rows}

    plain, possible = pairs(PLAIN), pairs(POSSIBLE)
    assert plain < possible
    joined = {
        (name, frozenset((value["@id"], other["@id"])))
        for value in embedded.values()
        for name in JOINING & value.keys()
        for other in nodes(value[name])
    }
    assert {name for name, _ in joined} >= {"signOrSymptom", "possibleTreatment", "usedToDiagnose"}
    assert {
        (name, pair)
        for name, pair in joined
        if pair not in (possible if name == "possibleTreatment" else plain)
    } == set()


def test_the_types_agree_with_our_own_mappings(
    vocabulary: Vocabulary, embedded: dict[str, dict[str, Any]], client: FlaskClient
) -> None:
    """A term with an exact match to a medical type has that type."""
    library: Library = client.application.extensions["site"].library
    matched = {
        (iri, m.target.iri.removeprefix(SCHEMA))
        for iri, mappings in library.matches.items()
        for m in mappings
        if iri in library.terms
        and m.predicate.iri == iris.EXACT_MATCH
        and m.target.iri.startswith(SCHEMA)
    }
    medical = {
        (iri, name) for iri, name in matched if "MedicalEntity" in vocabulary.and_above(name)
    }
    assert len(medical) > 5
    for iri, name in medical:
        own = types(embedded[f"{library.names.document(iri)}.html"])
        assert name in {above for t in own for above in vocabulary.and_above(t)}, iri


def test_no_drug_is_the_same_as_a_therapy(embedded: dict[str, dict[str, Any]]) -> None:
    """Our medications mean the administration of a drug, and so do their exact matches."""
    drugs = [value for value in embedded.values() if {"Drug", "DrugClass"} & set(types(value))]
    assert len(drugs) > 10
    assert [value["name"] for value in drugs if "sameAs" in value] == []


def test_terms_use_the_medical_types(embedded: dict[str, dict[str, Any]]) -> None:
    used = {t for value in embedded.values() for node in nodes(value) for t in types(node)}
    assert {
        "MedicalCondition",
        "MedicalSignOrSymptom",
        "MedicalTest",
        "MedicalTherapy",
        "Drug",
        "SurgicalProcedure",
        "AnatomicalStructure",
    } <= used
