"""OWL API and reasoners without HermiT's code agree with our release.

ROBOT (https://robot.obolibrary.org) brings OWL API, JFact and ELK; ``.ci/robot`` fetches it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef

from tests.ontology.robot import needs_robot, robot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.release import Release
    from tests.ontology.conftest import Whole

Pairs = set[tuple[str, str]]


def members(document: dict[str, Any]) -> dict[str, set[str]]:
    """Return the members of each list of an obographs document, in any order."""

    def in_order(value: Any) -> Any:
        if isinstance(value, list):
            return sorted(map(in_order, value), key=json.dumps)
        if isinstance(value, dict):
            return {key: in_order(member) for key, member in sorted(value.items())}
        return value

    (graph,) = document["graphs"]
    lists = {key: value if isinstance(value, list) else [value] for key, value in graph.items()}
    return {key: {json.dumps(in_order(m)) for m in value} for key, value in lists.items()}


def declared(graph: Graph) -> set[str]:
    return {str(c) for c in graph.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)}


def subsumptions(graphs: Iterable[Graph]) -> Pairs:
    """Return every pair of a named class and a named ancestor, except ``owl:Thing``."""
    parents: dict[str, set[str]] = defaultdict(set)
    for graph in graphs:
        for s, o in graph.subject_objects(RDFS.subClassOf):
            if isinstance(s, URIRef) and isinstance(o, URIRef) and o != OWL.Thing:
                parents[str(s)].add(str(o))
    pairs: Pairs = set()
    for child in list(parents):
        todo = [child]
        ancestors: set[str] = set()
        while todo:
            new = parents[todo.pop()] - ancestors
            ancestors |= new
            todo += new
        pairs |= {(child, ancestor) for ancestor in ancestors - {child}}
    return pairs


def classified(turtle: Path, reasoner: str, room: Path) -> Graph:
    output = room / f"{reasoner}.ttl"
    robot("reason", "--reasoner", reasoner, "--input", turtle, "--output", output,
          "--axiom-generators", "SubClass", "--include-indirect", "true",
          "--exclude-tautologies", "structural")  # fmt: skip
    return Graph().parse(output)


class TestOwlApi:
    """ROBOT, and so OWL API, Protégé and their reasoners, read the ontology as we do."""

    pytestmark = needs_robot

    def test_it_sees_every_class(self, whole: Whole, turtle: Path, room: Path) -> None:
        measured = room / "measured.tsv"
        robot("measure", "--input", turtle, "--metrics", "essential", "--output", measured)
        rows = [line.split("\t") for line in measured.read_text("utf-8").splitlines()]
        counts = {row[0]: row[1] for row in rows}
        assert int(counts["class_count"]) == len(declared(whole.ontology))

    def test_our_obographs_file_equals_the_one_of_robot(
        self, real_release: Release, turtle: Path, room: Path
    ) -> None:
        """Except for definitions that obographs cannot hold: ROBOT writes a part of them."""
        output = room / "obographs.json"
        robot("convert", "--input", turtle, "--format", "json", "--output", output)
        path = real_release.dump("ontology.obographs.json")
        theirs, ours = (members(json.loads(p.read_text("utf-8"))) for p in (output, path))
        whole = theirs["logicalDefinitionAxioms"] & ours["logicalDefinitionAxioms"]
        assert whole == ours["logicalDefinitionAxioms"]
        partly = theirs.pop("logicalDefinitionAxioms") - whole
        assert all(len(json.loads(axiom).get("restrictions", ())) < 2 for axiom in partly)
        ours.pop("logicalDefinitionAxioms")
        assert ours == theirs

    def test_jfact_finds_the_same_hierarchy(self, whole: Whole, turtle: Path, room: Path) -> None:
        """JFact, like HermiT, is complete for OWL 2 DL, so there can be no difference."""
        ours = subsumptions([whole.ontology, whole.inferred])
        assert subsumptions([whole.ontology, classified(turtle, "JFact", room)]) == ours

    def test_elk_misses_only_inferences_from_unions(
        self, whole: Whole, turtle: Path, room: Path
    ) -> None:
        """ELK supports OWL 2 EL: it adds nothing, and ignores what a union's members share.

        So it may miss parents of a class whose definition has a union, and nothing else.
        """
        ours = subsumptions([whole.ontology, whole.inferred])
        elk = subsumptions([whole.ontology, classified(turtle, "ELK", room)])
        assert elk <= ours
        unions = {
            str(iri)
            for iri, definition in whole.ontology.subject_objects(OWL.equivalentClass)
            if any(
                (part, OWL.unionOf, None) in whole.ontology
                for part in whole.ontology.transitive_objects(definition, None)
                if isinstance(part, BNode)
            )
        }
        missed = {child for child, _ in ours - elk}
        assert missed <= unions, sorted(map(whole.label, missed - unions))
