"""``cdmo split A --into B C``: an editor divides everything about A; nothing is guessed or lost."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from service.cli import main
from service.editing.division import divide
from service.editing.edits import Edits
from service.editing.split import Part, belongings_of, split
from service.pipeline import build, check
from service.pipeline.violations import errors
from service.problems import UsageError
from service.sources import Sources, locate
from tests.service.site.client import HTML, client_of, words

Files = Callable[[Sources], dict[Path, bytes]]

MORE = {
    "modules/terms.ttl": """
CDMO:0000102 a owl:Class ;
    rdfs:label "wide green spot"@en ;
    IAO:0000115 "a green spot that is wide"@en ;
    rdfs:subClassOf CDMO:0000100 ;
    dcterms:contributor cdmo:maintainers ;
    dcterms:created "2026-11-22"^^xsd:date .

[] a owl:Axiom ;
    owl:annotatedSource CDMO:0000100 ;
    owl:annotatedProperty oboInOwl:hasExactSynonym ;
    owl:annotatedTarget "stain"@en ;
    cdmo:passage <https://w3id.org/cdmo/passage/cdct-006> .
""",
    "claims/tensions.ttl": """
tension:0002 a cdmo:Tension ;
    rdfs:label "one green spot or several"@en ;
    cdmo:tensionKind cdmo:Ambiguity ;
    cdmo:concerns <https://w3id.org/cdmo/id/CDMO_0000100> ;
    cdmo:description "It may be one or many."@en ;
    cdmo:decision "One term stands for both."@en .
""",
    "questions/what-detects.ttl": '''@prefix cdmo: <https://w3id.org/cdmo/schema/> .
@prefix question: <https://w3id.org/cdmo/question/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

question:what-detects a cdmo:Question , sh:SPARQLSelectExecutable ;
    rdfs:label "What detects spots?"@en ;
    rdfs:comment "Tests that detect them."@en ;
    schema:keywords "test"@en ;
    sh:select """PREFIX CDMO: <https://w3id.org/cdmo/id/CDMO_>
PREFIX cdmo: <https://w3id.org/cdmo/schema/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?test ?spot WHERE {
  # green spot
  VALUES ?s { CDMO:0000100 }
  ?t cdmo:detects ?s ; rdfs:label ?test .
  ?s rdfs:label ?spot .
}
ORDER BY ?test
""" ;
    cdmo:expected """test,spot
inspection,green spot
""" .
''',
    "display.ttl": """
<https://w3id.org/cdmo/id/CDMO_0000100>
    <http://www.w3.org/2004/02/skos/core#hiddenLabel> "blot"@en .
""",
}
PARTS = [
    Part("moss spot", "a manifestation that marks the skin with moss"),
    Part("ink spot", "a manifestation that marks the skin with ink"),
]
GIVEN = [
    ["moss spot", "claim:0000003", "green spot", "HP:0000951"],
    ["ink spot", "claim:0000003", "green spot", "HP:0000951", "claim:0000005", "stain"],
    ["ink spot", "display.ttl"],
    ["-", "HP:0000989"],
]
OPTIONS = [
    *("--into", "moss spot", "ink spot"),
    *(word for part in PARTS for word in ("--definition", part.definition)),
]


def prepared(sources: Sources) -> Sources:
    """Return the tiny sources, with a term that has something of each sort."""
    for name, block in MORE.items():
        path = sources.ontology / name
        path.write_text((path.read_text() if path.exists() else "") + block)
    return sources


def divided(sources: Sources, given: list[list[str]]) -> Edits:
    edits = Edits.of(sources)
    old = belongings_of(edits, "green spot")
    division = divide([p.label for p in PARTS], old.listed(), given, rest=["moss spot"])
    split(old, PARTS, division, contributor="https://w3id.org/cdmo/schema/maintainers")
    return edits


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory, tiny_sources: Sources) -> Sources:
    """The tiny sources after "green spot" is split into "moss spot" and "ink spot"."""
    folder = tmp_path_factory.mktemp("split")
    shutil.copytree(tiny_sources.ontology.parent, folder, dirs_exist_ok=True)
    sources = prepared(Sources(folder / "ontology", folder / "mappings"))
    divided(sources, GIVEN).write()
    return sources


@pytest.fixture
def before(tiny: Sources, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """The sources before the command, as the current project."""
    monkeypatch.setattr("service.sources.locate", lambda: tiny)
    return prepared(tiny)


def read(sources: Sources, name: str) -> str:
    return (sources.ontology / name).read_text(encoding="utf-8")


def block(sources: Sources, name: str, subject: str) -> str:
    return read(sources, name).split(f"\n{subject}")[1].split(" .\n")[0]


MOSS, INK = "CDMO:0000103", "CDMO:0000104"
ITCH, WIDE, JOINT_PAIN = "CDMO:0000101", "CDMO:0000102", "CDMO:0000107"
DETECTS_ITCH = """
claim:0000015 a cdmo:Claim ;
    cdmo:subject CDMO:0000200 ;
    cdmo:relation cdmo:detects ;
    cdmo:object CDMO:0000101 ;
    cdmo:citation [ cdmo:passage passage:cdct-012 ; cdmo:assertion cdmo:plain ] .
"""


def test_the_sources_are_sound_afterwards(after: Sources) -> None:
    assert not errors(check(after))


def test_each_claim_goes_to_the_term_it_was_given_to(after: Sources) -> None:
    assert INK in block(after, "claims/claims.ttl", "claim:0000005")
    assert MOSS in block(after, "claims/claims.ttl", "claim:0000006")


def test_a_claim_given_to_both_becomes_two_with_the_same_citations(after: Sources) -> None:
    first = block(after, "claims/claims.ttl", "claim:0000003")
    second = block(after, "claims/claims.ttl", "claim:0000015")
    assert f"cdmo:object {MOSS}" in first
    assert f"cdmo:object {INK}" in second
    assert first.partition("cdmo:citation")[2] == second.partition("cdmo:citation")[2]


def test_a_narrower_term_has_a_new_parent_and_its_definition_says_so(after: Sources) -> None:
    child = block(after, "modules/terms.ttl", "CDMO:0000102")
    assert f"rdfs:subClassOf {MOSS}" in child
    assert '"a moss spot that is wide"@en' in child


def test_names_move_with_their_passages_and_the_old_label_is_a_broad_synonym(
    after: Sources,
) -> None:
    terms = read(after, "modules/terms.ttl")
    ink = block(after, "modules/terms.ttl", INK)
    assert 'hasExactSynonym "stain"@en' in ink
    assert f"owl:annotatedSource {INK}" in terms
    assert "cdmo:passage passage:cdct-006" in terms.partition(f"owl:annotatedSource {INK}")[2]
    for curie in (MOSS, INK):
        assert 'hasBroadSynonym "green spot"@en' in block(after, "modules/terms.ttl", curie)


def test_mappings_move_or_stay_in_the_former_block(after: Sources) -> None:
    rows = (after.mappings / "hp.sssom.tsv").read_text().split("\n")
    assert [r.split("\t")[:5:2] for r in rows if "spot" in r and r.startswith("CDMO")] == [
        [MOSS, "skos:broadMatch", "HP:0000951"],
        [INK, "skos:broadMatch", "HP:0000951"],
    ]
    assert "skos:exactMatch Not HP:0000989" in read(after, "modules/obsolete.ttl")


def test_tensions_questions_and_display_words_follow(after: Sources) -> None:
    assert MOSS in block(after, "claims/tensions.ttl", "tension:0002")
    question = read(after, "questions/what-detects.ttl")
    assert "# moss spot\n  VALUES ?s { CDMO:0000103 }" in question
    assert "inspection,moss spot" in question
    assert 'hiddenLabel "blot"@en' in block(after, "display.ttl", INK)


def test_the_term_is_retired_as_split_and_leads_to_both(after: Sources, tmp_path: Path) -> None:
    retired, _, formerly = read(after, "modules/obsolete.ttl").partition('cdmo:formerly """')
    assert "IAO:0000231 IAO:0000229" in f"{retired}{formerly}"
    assert f"oboInOwl:consider {MOSS} , {INK}" in " ".join(f"{retired}{formerly}".split())
    assert 'hasExactSynonym "stain"@en' in formerly
    page = words(client_of(build(after, tmp_path)).get("/doc/id/CDMO_0000100", headers=HTML).text)
    assert "This term is obsolete. moss spot or ink spot may fit. Reason: term split." in page


def test_parts_that_were_given_to_no_term_are_listed_with_their_places(
    before: Sources, files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    known = files(before)
    assert main(["split", "green spot", *OPTIONS, "--give", "ink spot", "claim:0000003"]) == 2
    output = capsys.readouterr().err
    assert "Say where 13 things of CDMO:0000100 (green spot) go" in output
    assert "--give 'moss spot' HP:0000951" in output
    lines = read(before, "claims/claims.ttl").splitlines()
    place = f"ontology/claims/claims.ttl:{lines.index('claim:0000005 a cdmo:Claim ;') + 1}"
    assert f"{place}: claim claim:0000005 (green spot presents as itch)" in output
    assert files(before) == known


def test_the_plan_printed_by_a_dry_run_can_be_filled_in_and_used(
    before: Sources, files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = files(before)
    assert main(["split", "green spot", *OPTIONS, "--leave", "HP:0000989", "--dry-run"]) == 0
    plan = tmp_path / "plan.tsv"
    printed = capsys.readouterr().out
    assert (
        "\n-\tHP:0000989\tmapping\tNot skos:exactMatch Pruritus\tmappings/hp.sssom.tsv:" in printed
    )
    plan.write_text(printed.replace("\n\t", "\nink spot\t"))
    command = ["split", "green spot", *OPTIONS, "--plan", str(plan)]
    assert main([*command, "--dry-run"]) == 0
    assert f'+{INK} a owl:Class ;\n+    rdfs:label "ink spot"@en' in capsys.readouterr().out
    assert files(before) == known
    assert main(command) == 0
    output = capsys.readouterr()
    assert "ontology/modules/obsolete.ttl: written" in output.out
    assert f"{INK} is new: 'ink spot'" in output.err
    assert main(["check"]) == 0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["moss spot", "claim:9999999"], "has no 'claim:9999999'"),
        (["mess spot", "HP:0000951"], "none of the new terms"),
        (["-", "CDMO:0000102"], "has to go to a term"),
        (["ink spot", "stain"], "one term only"),
    ],
)
def test_an_impossible_part_is_refused(before: Sources, given: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        divided(before, [["moss spot", "HP:0000989", "stain"], given])


@pytest.mark.parametrize(
    ("labels", "definitions", "says"),
    [
        (["moss spot"], 1, "two or more"),
        (["itch", "moss spot"], 2, "'itch' is the name of"),
        (["ink spot", "moss spot"], 1, "once for each"),
    ],
)
def test_impossible_new_terms_are_refused(
    before: Sources,
    labels: list[str],
    definitions: int,
    says: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--into", *labels, "--rest", "moss spot", *OPTIONS[3 : 3 + 2 * definitions]]
    assert main(["split", "green spot", *options]) == 2
    assert says in capsys.readouterr().err


def test_existing_terms_get_only_what_they_lack(
    before: Sources, capsys: pytest.CaptureFixture[str]
) -> None:
    """A narrower term replaces the term; equal claims are united."""
    claims = before.ontology / "claims" / "claims.ttl"
    claims.write_text(claims.read_text() + DETECTS_ITCH)
    rows = before.mappings / "hp.sssom.tsv"
    rows.write_text(rows.read_text().replace("skos:broadMatch", "skos:exactMatch"))
    command = ["split", "green spot", "--into", WIDE, ITCH, "--leave", "HP:0000989"]
    given = ["claim:0000005", "claim:0000006", "HP:0000951"]
    assert main([*command, "--give", ITCH, *given, "--rest", "wide green spot"]) == 0
    output = capsys.readouterr().err
    wide = block(before, "modules/terms.ttl", WIDE)
    assert "rdfs:subClassOf cdmo:Manifestation ;" in wide
    assert '"a manifestation that is wide"@en' in wide
    assert 'hasBroadSynonym "green spot"@en' in wide
    assert "claim:0000005 would be about itself, so it is retired" in output
    assert "claim:0000015 is united with claim:0000006" in output
    united = block(before, "claims/claims.ttl", "claim:0000006")
    assert ITCH in united
    assert united.count("cdmo:passage") == 2
    assert "hp.sssom.tsv: a close match now: CDMO:0000100" in output
    assert f"{ITCH}\titch\tskos:closeMatch\t\tHP:0000951" in rows.read_text()
    assert f"oboInOwl:consider {ITCH} , {WIDE}" in read(before, "modules/obsolete.ttl")
    assert main(["check"]) == 0


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("CDMO:0000100", "can be none of the parts"),
        ("CDMO:0009999", "Nothing in the sources is called"),
        ("claim:0000003", "is no term with a label"),
    ],
)
def test_only_another_term_in_use_can_be_a_part(
    before: Sources, part: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--into", part, "ink spot", *OPTIONS[5:], "--rest", "ink spot"]
    assert main(["split", "green spot", *options]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.slow
def test_a_real_term_is_split_into_an_existing_one(
    real: Sources, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("service.sources.locate", lambda: real)
    command = [
        *("split", "pain", "--into", JOINT_PAIN, "bodily pain"),
        *("--definition", "a manifestation in which something hurts in the body"),
        *("--give", JOINT_PAIN, "claim:0000039", "claim:0001203", "SIO:000951"),
        *("--give", "bodily pain", "claim:0000039", "claim:0001203"),
        *("--leave", "OGMS:0000085", "--rest", "bodily pain"),
    ]
    assert main(command) == 0
    assert main(["check"]) == 0
    joint_pain = block(real, "modules/manifestations.ttl", JOINT_PAIN)
    assert "rdfs:subClassOf cdmo:Manifestation" in joint_pain
    assert '"a manifestation that is felt in a joint"@en' in joint_pain
    rows = (real.mappings / "sio.sssom.tsv").read_text()
    assert f"{JOINT_PAIN}\tjoint pain\tskos:" in rows


def test_an_exact_match_goes_to_one_term(before: Sources) -> None:
    path = before.mappings / "hp.sssom.tsv"
    path.write_text(path.read_text().replace("skos:broadMatch", "skos:exactMatch"))
    with pytest.raises(UsageError, match="HP:0000951 is an exact match"):
        divided(before, GIVEN)


def test_nothing_is_left_of_a_term_that_no_release_has(
    before: Sources, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["split", "green spot", *OPTIONS, "--rest", "ink spot", "--remove"]
    released = before.ontology / "released-iris.txt"
    listed = released.read_text()
    released.write_text(f"{listed}https://w3id.org/cdmo/id/CDMO_0000100\n")
    assert main(command) == 2
    assert "has been released" in capsys.readouterr().err
    released.write_text(listed)
    assert main(command) == 0
    assert not (before.ontology / "modules/obsolete.ttl").exists()
    assert not [p for p in before.files if "CDMO:0000100" in p.read_text()]
    assert main(["check"]) == 0


@pytest.mark.slow
def test_a_real_term_with_claims_mappings_lists_and_questions(
    real: Sources, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert locate() != real
    monkeypatch.setattr("service.sources.locate", lambda: real)
    operation = [
        *("claim:0000039", "claim:0001203", "claim:0000647", "pain", "SIO:000951"),
    ]
    command = [
        *("split", "pain", "--into", "bodily pain", "pain after an operation"),
        *("--definition", "a manifestation in which something hurts in the body"),
        *("--definition", "a manifestation in which something hurts after surgery"),
        *("--give", "pain after an operation", *operation),
        *("--give", "bodily pain", "claim:0000039", "claim:0001203", "pain"),
        *("--leave", "OGMS:0000085", "--rest", "bodily pain"),
    ]
    assert main(command) == 0
    assert "Left for you to judge" in capsys.readouterr().err
    assert main(["check"]) == 0
    files = [p for p in real.files if p.suffix != ".md" and p.name != "obsolete.ttl"]
    assert not [p for p in files if "CDMO:0000106" in p.read_text()]
