"""``cdmo retire``: the address stays and leads on; everything else drops the retired resource."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.changes import Changes
from service.cli import main
from service.editing.edits import Edits
from service.editing.retire import retire
from service.pipeline import build, check, difference
from service.pipeline.violations import errors
from service.problems import SourceError, UsageError
from service.release import Release, open_store
from service.sources import Sources
from tests.service.site.client import HTML, client_of, words

Files = Callable[[Sources], dict[Path, bytes]]

RETIRED = {
    "term": "id/CDMO_0000101",
    "statement": "claim/0000005",
    "tension": "tension/0002",
    "passage": "passage/cdct-020",
    "question": "question/what-treats",
}


TENSION = """
tension:0002 a cdmo:Tension ;
    rdfs:label "one mark or several"@en ;
    cdmo:tensionKind cdmo:Ambiguity ;
    cdmo:concerns claim:0000003 ;
    cdmo:description "The spot may be one or many."@en ;
    cdmo:decision "One term stands for both."@en .
"""


def retired(sources: Sources, name: str, reason: str, **options: object) -> list[str]:
    edits = Edits.of(sources)
    notes = retire(edits, name, [reason], **options)  # type: ignore[arg-type]
    edits.write()
    return notes


def read(sources: Sources, name: str) -> str:
    return (sources.ontology / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, tiny_sources: Sources) -> Sources:
    """The tiny sources after one resource of each sort is retired."""
    import shutil

    folder = tmp_path_factory.mktemp("retired")
    shutil.copytree(tiny_sources.ontology.parent, folder, dirs_exist_ok=True)
    sources = Sources(folder / "ontology", folder / "mappings")
    retired(sources, "itch", "merged", successor="green spot", retire_claims=True)
    tensions = sources.ontology / "claims" / "tensions.ttl"
    tensions.write_text(tensions.read_text() + TENSION)
    retired(sources, "tension:0002", "nobody reads it so")
    retired(sources, "passage:cdct-020", "it is no heading")
    retired(sources, "what-treats", "nobody asks it")
    return sources


@pytest.fixture(scope="module")
def after(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build(sources, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def client(after: Release) -> FlaskClient:
    return client_of(after)


def test_the_sources_are_sound_afterwards(sources: Sources) -> None:
    assert not errors(check(sources))


def test_a_retired_term_keeps_its_definition_and_no_axioms(sources: Sources) -> None:
    text = read(sources, "modules/obsolete.ttl")
    assert 'rdfs:label "obsolete itch"@en' in text
    assert 'IAO:0000115 "a manifestation that makes one scratch"@en' in text
    assert "IAO:0000231 IAO:0000227" in text
    assert "IAO:0100001 CDMO:0000100" in text
    block, _, formerly = text.partition('cdmo:formerly """')
    assert "subClassOf" not in block
    assert "rdfs:subClassOf cdmo:Manifestation" in formerly
    assert "# hp.sssom.tsv: CDMO:0000101 itch skos:exactMatch HP:0000989" in formerly


def test_a_retired_claim_keeps_its_label_and_its_former_block(sources: Sources) -> None:
    text = read(sources, "claims/obsolete.ttl")
    assert 'rdfs:label "obsolete green spot presents as itch"@en' in text
    assert 'cdmo:hedge "may"' in text
    assert "claim:0000005" not in read(sources, "claims/claims.ttl")


@pytest.mark.parametrize("sort", RETIRED)
def test_its_page_stays_and_says_so(client: FlaskClient, sort: str) -> None:
    response = client.get(f"/doc/{RETIRED[sort]}", headers=HTML)
    assert response.status_code == 200
    assert f"This {sort} is obsolete." in words(response.text)


@pytest.mark.parametrize("sort", RETIRED)
@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "nt", "rdf", "json"])
def test_its_data_stay_and_say_so(client: FlaskClient, sort: str, suffix: str) -> None:
    response = client.get(f"/doc/{RETIRED[sort]}.{suffix}")
    assert response.status_code == 200
    assert "deprecated" in response.text
    if suffix == "json":
        assert json.loads(response.text)["deprecated"] is True


def test_lists_and_searches_leave_it_out(client: FlaskClient) -> None:
    for path in ("statements", "tensions", "questions", "passages", "terms"):
        listed = json.loads(client.get(f"/{path}.json").text)
        ids = {item["id"].removeprefix("https://w3id.org/cdmo/") for item in listed["items"]}
        assert not ids & set(RETIRED.values()), path
    for kind in ("statement", "question", "tension"):
        hits = json.loads(client.get(f"/search.json?q=obsolete&kind={kind}").text)
        assert hits["items"] == [], kind


def test_no_triple_and_no_axiom_is_derived_from_it(after: Release) -> None:
    store = open_store(after)
    for graph in ("stated", "qualified", "hedged", "prospective", "inferred"):
        query = f"ASK {{ GRAPH <https://w3id.org/cdmo/graph/{graph}> {{ ?s ?p <%s> }} }}"
        assert not store.query(query % "https://w3id.org/cdmo/id/CDMO_0000101"), graph


def test_the_log_of_changes_says_retired(release: Release, after: Release) -> None:
    changes: Changes = difference(release, after)
    assert [c.label for c in changes.sections["terms-obsoleted"]] == ["obsolete itch"]
    assert [c.iri[-13:] for c in changes.sections["claims-obsoleted"]] == ["claim/0000005"]
    assert len(changes.sections["questions-obsoleted"]) == 1
    assert not changes.sections.keys() & {"terms-dropped", "claims-dropped", "questions-dropped"}


def test_references_to_it_become_references_to_its_successor(
    tiny: Sources, edit: Callable[..., Path]
) -> None:
    query = "?i cdmo:treats CDMO:0000001 ."
    edit("ontology/questions/what-treats.ttl", query, f"{query} # not CDMO:0000401")
    retired(tiny, "skin of the knee", "merged", successor="skin", move_claims=True)
    claims = read(tiny, "claims/claims.ttl")
    assert "CDMO:0000401" not in claims
    assert "cdmo:atSite CDMO:0000400" in claims
    assert "# not CDMO:0000400" in read(tiny, "questions/what-treats.ttl")
    assert "CDMO:0000401" not in (tiny.mappings / "hp.sssom.tsv").read_text()


def test_a_claim_gives_its_citations_to_its_successor(tiny: Sources) -> None:
    retired(tiny, "claim:0000014", "merged", successor="claim:0000004", move_claims=True)
    block = read(tiny, "claims/claims.ttl").split("claim:0000004 a ")[1].split(" .\n")[0]
    assert "passage:cdct-006" in block
    assert "passage:cdct-012" in block
    assert not errors(check(tiny))


def test_a_resource_in_use_is_refused_with_its_uses(tiny: Sources, files: Files) -> None:
    before = files(tiny)
    with pytest.raises(UsageError, match=r"claim:0000005 \(green spot presents as itch\)"):
        retired(tiny, "itch", "nobody has it")
    assert files(tiny) == before


def test_retiring_that_breaks_a_check_is_refused_with_the_violation(
    tiny: Sources, files: Files
) -> None:
    before = files(tiny)
    with pytest.raises(SourceError) as refusal:
        retired(tiny, "claim:0000006", "nobody says so")
    assert {v.rule for v in refusal.value.extras["violations"]} >= {"passage-without-claim"}
    assert files(tiny) == before


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("itch", {}, "Say what replaces it"),
        ("itch", {"successor": "itch"}, "cannot replace"),
        ("itch", {"successor": "claim:0000001"}, "cannot replace"),
        ("itch", {"consider": ["green spot"], "move_claims": True}, "give --successor"),
        ("source:cdct-care", {}, "cannot be retired"),
        ("cdmo:treats", {}, "cannot be retired"),
    ],
)
def test_invalid_options_are_refused(
    tiny: Sources, name: str, options: dict[str, object], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        retired(tiny, name, "merged", **options)


def test_a_retired_resource_cannot_be_retired_again(sources: Sources) -> None:
    with pytest.raises(UsageError, match="is retired already"):
        retired(sources, "CDMO:0000101", "merged", successor="green spot")


def test_the_command_prints_a_diff_and_writes_nothing(
    tiny: Sources, files: Files, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("service.sources.locate", lambda: tiny)
    before = files(tiny)
    words_of_command = ["retire", "passage:cdct-020", "--reason", "it is no heading"]
    assert main([*words_of_command, "--dry-run"]) == 0
    assert "+passage:cdct-020 a cdmo:Retired ;" in capsys.readouterr().out
    assert files(tiny) == before
    assert main(words_of_command) == 0
    assert "ontology/claims/obsolete.ttl: written" in capsys.readouterr().out
