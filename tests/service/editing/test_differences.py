"""Differences between documents about the same claim or pair."""

import pytest

from service.cli import main
from service.editing.differences import DENIED, find_differences, lines_of
from service.pipeline.loading import Loaded, load
from service.sources import Sources


@pytest.fixture(scope="module")
def loaded(two_sources: Sources) -> Loaded:
    return load(two_sources)[0]


def test_a_claim_with_far_different_firmness_in_two_documents_is_proposed(loaded: Loaded) -> None:
    """The second document hedges a flat claim of the first, and states a hedged one flatly."""
    proposed = {loaded.name(c) for d in find_differences(loaded) for c in d.claims}
    assert {"claim:0000348", "claim:0000386"} <= proposed
    assert "claim:0000359" not in proposed, "both say that it may be so"


def test_a_difference_with_a_tension_is_not_proposed(loaded: Loaded) -> None:
    assert DENIED not in {difference.why for difference in find_differences(loaded)}


def test_a_denial_comes_first_with_its_passages_and_the_command_that_records_it(
    loaded: Loaded,
) -> None:
    bare = load(loaded.sources)[0]
    query = "DELETE { GRAPH ?g { ?t ?p ?c } } WHERE { GRAPH ?g { ?t a ?k ; ?p ?c } FILTER(?p = ?q) "
    query += "VALUES (?k ?q) { (<https://w3id.org/cdmo/schema/Tension> "
    query += "<https://w3id.org/cdmo/schema/concerns>) } }"
    bare.store.update(query)
    first = find_differences(bare)[0]
    assert list(lines_of(bare, first)) == [
        f"electromyography – calcinosis dermatomyositis: {DENIED}",
        "  source:cdct  passage:cdct-093  claim:0000421  plain",
        "  source:jdmf  passage:jdmf-014  claim:0009110  plain, denied",
        "  cdmo new tension --kind Disagreement --concerns claim:0000421 --concerns claim:0009110"
        " --other-side passage:jdmf-014",
    ]


def test_one_document_alone_has_no_differences(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["disagreements"]) == 0
    assert capsys.readouterr() == ("", "No candidates.\n")
