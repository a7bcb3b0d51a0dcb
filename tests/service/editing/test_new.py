"""``cdmo new``: one command for each new block of the sources, over the tiny ontology."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from service.pipeline import check
from service.sources import Sources

Run = Callable[..., int]


CAMPHOR = ("camphor rub", "--parent=ointment", "--definition=an ointment that cools")


def text(sources: Sources, name: str) -> str:
    return (sources.ontology.parent / name).read_text(encoding="utf-8")


def errors(sources: Sources) -> list[str]:
    return [str(v) for v in check(sources) if v.severity == "error"]


class TestTerm:
    """``cdmo new term``."""

    def test_it_has_the_next_identifier_of_its_kind_the_day_and_the_curator(
        self, cdmo: Run, tiny: Sources, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cdmo("new term", *CAMPHOR, "--exact=cooling rub") == 0
        numbers = re.findall(
            r"^CDMO:(0000[34]\d\d) a", text(tiny, "ontology/modules/terms.ttl"), re.M
        )
        name = f"CDMO:{numbers[-1]}"
        assert numbers == sorted(set(numbers))
        block = text(tiny, "ontology/modules/terms.ttl").partition(f"{name} a owl:Class")[2]
        assert block.lstrip(" ;\n").startswith('rdfs:label "camphor rub"@en')
        assert "rdfs:subClassOf CDMO:0000302 ;  #: ointment" in block
        assert 'hasExactSynonym "cooling rub"@en' in block
        assert "dcterms:contributor cdmo:maintainers" in block
        printed = capsys.readouterr()
        assert printed.out == "ontology/modules/terms.ttl: written\n"
        assert f"cdmo new claim --subject {name}" in printed.err

    def test_the_day_may_be_given(self, cdmo: Run, tiny: Sources) -> None:
        assert cdmo("new term --date 2026-11-23", *CAMPHOR) == 0
        block = text(tiny, "ontology/modules/terms.ttl").partition('"camphor rub"@en')[2]
        assert block.partition("dcterms:created ")[2].startswith('"2026-11-23"^^xsd:date')
        with pytest.raises(SystemExit):
            cdmo("new term --date 23.11.2026", *CAMPHOR)

    def test_a_dry_run_shows_the_edit_and_writes_nothing(
        self, cdmo: Run, tiny: Sources, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = text(tiny, "ontology/modules/terms.ttl")
        assert cdmo("new term --dry-run", *CAMPHOR) == 0
        assert '+    rdfs:label "camphor rub"@en ;' in capsys.readouterr().out
        assert text(tiny, "ontology/modules/terms.ttl") == before

    def test_on_a_terminal_it_asks_for_missing_values(
        self, cdmo: Run, tiny: Sources, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answers = iter(["ointment", "an ointment that cools"])
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("service.cli.edit_steps.sys.stdin", _Terminal())
        monkeypatch.setattr("builtins.input", lambda _: next(answers))
        assert cdmo("new term", "camphor rub") == 0
        assert '"an ointment that cools"' in text(tiny, "ontology/modules/terms.ttl")


class _Terminal:
    """A standard input that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


class TestClaim:
    """``cdmo new claim`` and ``cdmo new citation``."""

    def test_it_is_written_with_its_citation_and_other_claims_of_the_pair_are_shown(
        self, cdmo: Run, tiny: Sources, capsys: pytest.CaptureFixture[str], document: str
    ) -> None:
        assert (
            cdmo(
                "new claim --subject stain --relation affects --object CDMO:0000400",
                "--passage=mark on the skin",
                f"--source={document}",
                "--assertion=plain",
                "--hedge=round mark",
            )
            == 0
        )
        claims = text(tiny, "ontology/claims/claims.ttl")
        assert "claim:0000015 a cdmo:Claim ;\n    cdmo:subject CDMO:0000100" in claims
        assert 'passage:cdct-012 ; cdmo:assertion cdmo:plain ; cdmo:hedge "round mark"' in claims
        printed = capsys.readouterr().err
        assert "There is claim:0000014" in printed
        assert "A round mark on the skin" in printed
        assert errors(tiny) == []

    def test_without_a_relation_the_fitting_ones_are_listed(
        self, cdmo: Run, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cdmo("new claim --subject inspection --object itch") == 2
        printed = capsys.readouterr().err
        assert re.search(r"^  cdmo:detects +detects: the first finds, or helps", printed, re.M)
        assert "a relation between" not in printed
        assert "cdmo:treats" not in printed

    def test_an_impossible_relation_is_refused_with_the_fitting_ones(
        self, cdmo: Run, capsys: pytest.CaptureFixture[str]
    ) -> None:
        words = "new claim --subject inspection --relation treats --object itch"
        assert cdmo(words, "--passage=8", "--assertion=plain") == 2
        printed = capsys.readouterr().err
        assert "cdmo:treats is not made for CDMO:0000200 (inspection), test," in printed
        assert "cdmo:detects" in printed

    def test_the_same_claim_again_is_refused_with_the_citation_to_add(
        self, cdmo: Run, tiny: Sources, capsys: pytest.CaptureFixture[str]
    ) -> None:
        words = "new claim --subject inspection --relation detects --object stain"
        assert cdmo(words, "--passage=9", "--assertion=plain") == 1
        advice = "cdmo new citation claim:0000006 --passage cdct-009"
        assert advice in capsys.readouterr().err
        assert cdmo("new citation claim:0000006 --passage cdct-009 --assertion plain") == 0
        assert cdmo("new citation 6 --passage cdct-009 --assertion plain") == 1
        assert errors(tiny) == []

    def test_other_qualifiers_make_another_claim(self, cdmo: Run, tiny: Sources) -> None:
        words = "new claim --subject inspection --relation detects --object stain --passage 8"
        assert cdmo(words, "--assertion=plain", "--qualifier=atSite=skin of the knee") == 0
        assert (
            "cdmo:atSite CDMO:0000401"
            in text(tiny, "ontology/claims/claims.ttl").rpartition("claim:0000015")[2]
        )

    def test_a_passage_recorded_as_asserting_nothing_may_be_cited(
        self, cdmo: Run, tiny: Sources
    ) -> None:
        words = "new claim --subject washing --relation prevents --object itch --passage 15"
        assert cdmo(words, "--assertion=possible", "--hedge=may well") == 0
        passage = text(tiny, "ontology/claims/passages.ttl").partition("passage:cdct-015 a")[2]
        assert "assertsNothing" not in passage.partition("passage:cdct-016")[0]
        assert errors(tiny) == []


class TestMapping:
    """``cdmo new mapping``."""

    def test_a_row_stands_at_its_sorted_place(self, cdmo: Run, tiny: Sources) -> None:
        assert cdmo("new term", *CAMPHOR) == 0
        words = "new mapping --predicate close --target HP:0000123 --confidence 0.5"
        assert cdmo(words, "camphor rub", "--label=Rubbing") == 0
        rows = text(tiny, "mappings/hp.sssom.tsv").splitlines()
        [row] = [row for row in rows if "Rubbing" in row]
        cells = ["camphor rub", "skos:closeMatch", "", "HP:0000123", "Rubbing"]
        assert row.split("\t")[1:6] == cells
        subjects = [row.split("\t")[0] for row in rows if row.startswith("CDMO:")]
        assert subjects == sorted(subjects)
        assert errors(tiny) == []

    def test_a_set_gets_the_columns_that_a_row_needs(self, cdmo: Run, tiny: Sources) -> None:
        file = tiny.mappings / "hp.sssom.tsv"
        head, columns, *rows = re.split(r"^(subject_id.*)$", file.read_text("utf-8"), flags=re.M)
        names = columns.split("\t")
        kept = [i for i, name in enumerate(names) if name not in ("comment", "predicate_modifier")]
        table = [names, *(row.split("\t") for row in "".join(rows).split("\n") if row)]
        cut = ["\t".join(cells[i] for i in kept if i < len(cells)) for cells in table]
        file.write_text("\n".join([head.rstrip("\n"), *cut, ""]), "utf-8")
        assert cdmo("new term", *CAMPHOR) == 0
        words = "new mapping --predicate close --target HP:0000123 --reject"
        assert cdmo(words, "camphor rub", "--label=Rubbing", "--comment=Not the same.") == 0
        written = text(tiny, "mappings/hp.sssom.tsv").splitlines()
        [row] = [row for row in written if "Rubbing" in row]
        header = next(line for line in written if line.startswith("subject_id")).split("\t")
        cells = dict(zip(header, row.split("\t"), strict=False))
        assert (cells["predicate_modifier"], cells["comment"]) == ("Not", "Not the same.")

    def test_a_term_that_was_not_found_is_a_row_too(self, cdmo: Run, tiny: Sources) -> None:
        assert cdmo("new term", *CAMPHOR) == 0
        assert cdmo("new mapping --not-found hp", "camphor rub") == 0
        assert "camphor rub\tskos:exactMatch\t\tsssom:NoTermFound" in text(
            tiny, "mappings/hp.sssom.tsv"
        )


class TestMappingSet:
    """``cdmo new mapping`` to a vocabulary that has no set yet."""

    MONDO = (
        *("--vocabulary=Mondo Disease Ontology", "--read-from=mondo.obo"),
        *("--license=https://creativecommons.org/licenses/by/4.0/", "--release=2026-08-01"),
    )

    def test_a_new_set_has_a_header_that_the_check_accepts(
        self, cdmo: Run, tiny: Sources, capsys: pytest.CaptureFixture[str]
    ) -> None:
        words = "new mapping itch --target MONDO:0000001 --label disease --predicate related"
        assert cdmo(f"{words} --date 2026-11-20", *self.MONDO) == 0
        assert "mappings/mondo.sssom.tsv: written" in capsys.readouterr().out
        written = text(tiny, "mappings/mondo.sssom.tsv")
        assert "#mapping_set_id: https://w3id.org/cdmo/mapping/mondo\n" in written
        assert "#mapping_set_title: CDMO to Mondo Disease Ontology\n" in written
        assert "#license: https://creativecommons.org/licenses/by/4.0/\n" in written
        assert '#object_source_version: "2026-08-01"\n' in written
        assert "#  - cdmo:maintainers\n" in written
        row = ["CDMO:0000101", "itch", "skos:relatedMatch", "", "MONDO:0000001", "disease"]
        assert written.splitlines()[-1].split("\t")[:6] == row
        assert "\t2026-11-20\t" in written
        assert errors(tiny) == []

    def test_a_term_that_was_not_found_may_be_the_first_row(self, cdmo: Run, tiny: Sources) -> None:
        assert cdmo("new term", *CAMPHOR) == 0
        assert cdmo("new mapping --not-found mondo", "camphor rub", *self.MONDO) == 0
        assert "camphor rub\tskos:exactMatch\t\tsssom:NoTermFound" in text(
            tiny, "mappings/mondo.sssom.tsv"
        )
        assert errors(tiny) == []


QUERY = """\
SELECT ?test WHERE {
  ?t cdmo:detects CDMO:0000100 ; rdfs:label ?test .
}
ORDER BY ?test
"""


def question(folder: Path, query: str = QUERY) -> list[str]:
    path = folder / "query.rq"
    path.write_text(query, encoding="utf-8")
    return [
        f"--query={path}",
        "--label=Which tests find the spot?",
        "--comment=Tests that detect it.",
        "--keyword=test",
    ]


class TestQuestion:
    """``cdmo new question`` and ``cdmo accept``."""

    def test_it_has_prefixes_and_the_rows_of_the_release(
        self, cdmo: Run, tiny: Sources, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cdmo("new question which-tests", *question(tmp_path)) == 0
        written = text(tiny, "ontology/questions/which-tests.ttl")
        assert "PREFIX CDMO: <https://w3id.org/cdmo/id/CDMO_>\nPREFIX cdmo:" in written
        assert 'cdmo:expected """test\ninspection\n"""' in written
        assert "test\ninspection\n" in capsys.readouterr().out
        assert errors(tiny) == []

    def test_rows_that_a_claim_changes_are_shown_and_accepted(
        self, cdmo: Run, tiny: Sources, capsys: pytest.CaptureFixture[str]
    ) -> None:
        words = "new claim --subject ointment --relation treats --passage 18 --assertion possible"
        assert cdmo(words, "--object=green knee") == 0
        assert any("cdmo accept what-treats" in line for line in errors(tiny))
        assert cdmo("accept") == 1
        assert "question:what-treats\n  +ointment\n" in capsys.readouterr().out
        assert cdmo("accept what-treat") == 2
        assert "Did you mean what-treats?" in capsys.readouterr().err
        assert cdmo("accept what-treats") == 0
        assert "intervention\nointment\nwashing\n" in text(
            tiny, "ontology/questions/what-treats.ttl"
        )
        assert errors(tiny) == []
        assert cdmo("accept") == 0

    def test_on_a_terminal_each_change_is_confirmed(
        self, cdmo: Run, tiny: Sources, edit: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = edit("ontology/questions/what-treats.ttl", "washing\n", "rinsing\n")
        monkeypatch.setattr("service.cli.editing.sys.stdin", _Terminal())
        monkeypatch.setattr("builtins.input", lambda _: "n")
        assert cdmo("accept") == 1
        monkeypatch.setattr("builtins.input", lambda _: "y")
        assert cdmo("accept") == 0
        assert "rinsing" not in path.read_text()

    def test_outdated_counts_are_no_fault_and_the_release_has_current_ones(
        self, cdmo: Run, tiny: Sources, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        query = "SELECT (COUNT(?claim) AS ?claims) WHERE { ?claim a cdmo:Claim } ORDER BY ?claims"
        options = [*question(tmp_path, query), "--counting"]
        assert cdmo("new question how-many", *options) == 0
        words = "new claim --subject washing --relation prevents --object itch --passage 16"
        assert cdmo(words, "--assertion=plain") == 0
        assert errors(tiny) == []
        assert cdmo("accept") == 0
        assert "1 more count the dataset" in capsys.readouterr().err
        assert cdmo("accept --all") == 0
        assert "claims\n15\n" in text(tiny, "ontology/questions/how-many.ttl")


class TestTension:
    """``cdmo new tension``."""

    WORDS = ("--label=Soap or no soap", "--description=It differs.", "--decision=Both stand.")

    def test_it_has_its_kind_and_its_sides(self, cdmo: Run, tiny: Sources) -> None:
        words = "new tension --kind LostHedge --concerns claim:0000003 --other-side 6"
        assert cdmo(words, *self.WORDS) == 0
        tension = text(tiny, "ontology/claims/tensions.ttl").partition("tension:0002 a")[2]
        assert "cdmo:tensionKind cdmo:LostHedge" in tension
        assert "cdmo:otherSide passage:cdct-006" in tension
        assert errors(tiny) == []
