"""`cdmo why` and `why-not`: why a statement holds or does not, and why a claim is no axiom."""

import json
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest

from service import iris
from service.cli import main
from service.library import Library, axioms_of, reasons, why, why_no_axiom, why_not
from service.names import Names
from service.pipeline.justification import justify
from service.pipeline.reasoning import entails
from service.release import Release, graph_iri, open_store

GREEN_KNEE, SPOT, ITCH = "CDMO_0000001", "CDMO_0000100", "CDMO_0000101"
INSPECTION, WASHING, VINEGAR = "CDMO_0000200", "CDMO_0000300", "CDMO_0000301"


@pytest.fixture(scope="module")
def tiny_library(release: Release) -> Library:
    return Library(open_store(release), Names(release.manifest.prefixes))


def kinds(library: Library, claim: str) -> list[str]:
    obstacles = why_no_axiom(library, library.claims[iris.CLAIM + claim])
    return [obstacle.kind for obstacle in obstacles]


@pytest.mark.parametrize(
    ("claim", "obstacles"),
    [
        ("0000001", []),  # flat: a kind of
        ("0000002", []),  # flat: affects
        ("0000003", ["frequency"]),  # often
        ("0000005", ["assertion"]),  # may
        ("0000007", ["polarity", "relation"]),  # denied
        ("0000009", ["qualifier", "relation", "frequency"]),  # off-label, in some cases
        ("0000012", ["relation"]),  # treats, which makes no axioms
    ],
)
def test_each_obstacle_of_a_claim_is_named(
    tiny_library: Library, claim: str, obstacles: list[str]
) -> None:
    assert kinds(tiny_library, claim) == obstacles


def test_of_all_claims_those_without_an_obstacle_are_axioms(real_library: Library) -> None:
    """The rules and the explanation agree over the whole release."""
    for iri, claim in real_library.claims.items():
        is_axiom = bool(axioms_of(real_library, iri))
        assert is_axiom == (not why_no_axiom(real_library, claim)), claim.ref


def test_every_direct_triple_has_claims_or_premises(real_library: Library) -> None:
    """Checked for every triple between IRIs in the graphs of statements."""
    for name in ("stated", "qualified", "hedged"):
        graph = ox.NamedNode(graph_iri(name))
        for quad in real_library.store.quads_for_pattern(None, None, None, graph):
            if isinstance(quad.object, ox.NamedNode) and isinstance(quad.subject, ox.NamedNode):
                ends = quad.subject.value, quad.predicate.value, quad.object.value
                answer = reasons(real_library, *ends)
                assert answer.claims or answer.premises, quad


def test_a_kind_of_a_disjoint_class_is_explained(tiny_library: Library) -> None:
    denial = why_not(tiny_library, iris.TERM + WASHING, iris.SUBCLASS, iris.TERM + SPOT)
    assert denial.notes == (
        "washing stands under intervention, green spot under manifestation; nothing can be both.",
    )


def test_a_relation_between_wrong_kinds_is_explained(tiny_library: Library) -> None:
    ends = iris.TERM + SPOT, iris.CDMO + "treats", iris.TERM + WASHING
    assert why_not(tiny_library, *ends).notes == (
        '"treats" begins at: intervention. green spot is: manifestation.',
        '"treats" leads to: condition, manifestation. washing is: intervention.',
    )


def test_a_statement_about_a_wider_or_narrower_term_is_named(tiny_library: Library) -> None:
    """Washing with vinegar is a kind of washing, which has one more claim."""
    ends = iris.TERM + VINEGAR, iris.CDMO + "treats", iris.TERM + GREEN_KNEE
    names = {claim.ref.curie for claim in why_not(tiny_library, *ends).elsewhere}
    assert names == {"claim:0000011", "claim:0000012"}


# -- the verbs ----------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], release: Release, *arguments: str) -> tuple[int, str]:
    status = main([*arguments, "--release", str(release.path)])
    output = capsys.readouterr()
    return status, output.out + output.err


def test_why_shows_claims_passages_and_their_text(
    capsys: pytest.CaptureFixture[str], release: Release, tmp_path: Path, tiny_text: str
) -> None:
    document = tmp_path / "document.txt"
    document.write_bytes(tiny_text.encode())
    words = ["why", "inspection", "detects", "green spot", "--source", str(document)]
    status, output = run(capsys, release, *words)
    assert status == 0
    assert output.splitlines()[:5] == [
        "inspection detects green spot: graph:stated",
        "",
        "claim:0000006  inspection detects green spot",
        "  stated, firmness 4",
        "  passage 8, Signs › Inspection: stated plainly",
    ]
    assert "    | Inspection finds the spot at a glance." in output
    assert "It is an axiom:\n  1. inspection detects green spot  [claim:0000006]" in output


@pytest.mark.parametrize(
    "names",
    [
        ("CDMO:0000200", "cdmo:detects", "CDMO:0000100"),
        (iris.TERM + INSPECTION, iris.CDMO + "detects", iris.TERM + SPOT),
        ("Inspection", "detects", "stain"),  # a synonym
    ],
)
def test_a_term_may_be_given_by_label_curie_iri_or_synonym(
    capsys: pytest.CaptureFixture[str], release: Release, names: tuple[str, str, str]
) -> None:
    status, output = run(capsys, release, "why", *names)
    assert (status, output.partition(":")[0]) == (0, "inspection detects green spot")


def test_an_unknown_name_is_answered_with_similar_ones(
    capsys: pytest.CaptureFixture[str], release: Release
) -> None:
    status, output = run(capsys, release, "why", "inspektion", "detects", "green spot")
    assert status == 2
    assert "No term is called 'inspektion'. Did you mean one of: inspection" in output


def test_why_of_an_unstated_triple_leads_to_why_not(
    capsys: pytest.CaptureFixture[str], release: Release
) -> None:
    status, output = run(capsys, release, "why", "washing", "treats", "itch")
    assert status == 1
    assert output == (
        "washing treats itch: nothing says so."
        " Ask: cdmo why-not CDMO:0000300 cdmo:treats CDMO:0000101\n"
    )


def test_why_not_names_the_denial(capsys: pytest.CaptureFixture[str], release: Release) -> None:
    status, output = run(capsys, release, "why-not", "inspection", "diagnoses", "green knee")
    assert status == 0
    assert "claim:0000007" in output
    assert "  - It is denied, or advised against." in output


def test_why_not_of_a_claim_names_each_obstacle(
    capsys: pytest.CaptureFixture[str], release: Release
) -> None:
    status, output = run(capsys, release, "why-not", "claim:0000009")
    assert status == 0
    assert "  - It holds with a qualifier only: off-label." in output
    assert "  - In passage 17: in some cases." in output


def test_why_not_of_an_axiom_says_so(capsys: pytest.CaptureFixture[str], release: Release) -> None:
    assert "It is an axiom, of green knee." in run(capsys, release, "why-not", "claim:0000002")[1]


def test_both_answer_as_json(capsys: pytest.CaptureFixture[str], release: Release) -> None:
    names = ["inspection", "detects", "green spot", "--format", "json"]
    answer = json.loads(run(capsys, release, "why", *names)[1])
    assert answer["object"] == {"id": iris.TERM + SPOT, "label": "green spot"}
    assert [claim["curie"] for claim in answer["claims"]] == ["claim:0000006"]
    assert answer["premises"][0]["claims"][0]["id"] == iris.CLAIM + "0000006"
    answer = json.loads(run(capsys, release, "why-not", "claim:0000005", "--format", "json")[1])
    assert [o["kind"] for o in answer["obstacles"]] == ["assertion"]
    answer = json.loads(run(capsys, release, "why-not", *names)[1])
    assert answer["holds"]
    assert answer["near"][0]["obstacles"] == []


@pytest.mark.slow
def test_hermit_justifies_inferences_that_no_chain_explains(real_library: Library) -> None:
    """The inferences are all inferred subclasses of the real release."""
    store = real_library.store
    ontology = [
        q.triple
        for q in store.quads_for_pattern(None, None, None, ox.NamedNode(graph_iri("ontology")))
    ]
    inferred = store.quads_for_pattern(
        None, ox.NamedNode(iris.SUBCLASS), None, ox.NamedNode(iris.INFERRED)
    )
    count = 0
    for quad in inferred:
        assert isinstance(quad.subject, ox.NamedNode)
        assert isinstance(quad.object, ox.NamedNode)
        ends = quad.subject.value, quad.object.value
        if not why(real_library, *ends):
            count += 1
            assert justify(ontology, ends, partial(_follows, ends))
    assert count


def _follows(ends: tuple[str, str], triples: list[ox.Triple]) -> bool:
    return entails(triples, *ends)
