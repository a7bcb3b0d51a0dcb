"""Spreadsheets of the sources: an edit of a cell becomes the same edit of the sources."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from service import cli, sources
from service.editing.edits import Edits
from service.editing.sheets import exchange
from service.pipeline import check
from service.pipeline.violations import errors
from service.problems import SourceError, UsageError
from service.sources import Sources, locate

needs_libreoffice = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="Debian: apt install libreoffice-calc-nogui"
)


@dataclass
class Book:
    """A workbook of the tiny sources, to edit and to import."""

    path: Path
    sources: Sources
    book: Workbook

    def __getitem__(self, name: str) -> Worksheet:
        page = self.book[name]
        assert isinstance(page, Worksheet)
        return page

    def column(self, sheet: str, name: str) -> int:
        return [cell.value for cell in self[sheet][1]].index(name) + 1

    def row(self, sheet: str, text: str, nth: int = 0) -> int:
        """Return the nth row with a text in one of its cells."""
        pages = enumerate(self[sheet].iter_rows(), 1)
        return [number for number, row in pages if text in [c.value for c in row]][nth]

    def put(self, sheet: str, row: int | str, column: str, value: Any) -> str:
        """Set a cell and return its name."""
        number = row if isinstance(row, int) else self.row(sheet, row)
        cell = self[sheet].cell(number, self.column(sheet, column))
        cell.value = value
        return f"{sheet}!{cell.coordinate}"

    def append(self, sheet: str, **cells: str) -> int:
        number = self[sheet].max_row + 1
        for column, value in cells.items():
            self[sheet].cell(number, self.column(sheet, column)).value = value
        return number

    def edits(self, *, delete: bool = False) -> exchange.SheetEdits:
        self.book.save(self.path)
        return exchange.edits_of(Edits.of(self.sources), self.path, delete=delete)

    def diff(self, *, delete: bool = False) -> list[str]:
        """Return the lines that the import would remove and add."""
        lines = self.edits(delete=delete).edits.diff().splitlines()
        return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]

    def findings(self) -> dict[str, str]:
        """Return the findings by cell."""
        with pytest.raises(SourceError) as caught:
            self.edits()
        return {v.entity: f"{v.message}. {v.hint}" for v in caught.value.extras["violations"]}


@pytest.fixture
def book(tiny: Sources, tmp_path: Path) -> Book:
    path = tmp_path / "tiny.xlsx"
    exchange.export(Edits.of(tiny).loaded, path)
    return Book(path, tiny, load_workbook(path))


class TestLossless:
    """An export that is imported unchanged changes no file."""

    @needs_libreoffice
    def test_a_workbook_that_libreoffice_saved(self, tmp_path: Path) -> None:
        path = tmp_path / "book.xlsx"
        exchange.export(Edits.of(locate()).loaded, path)
        profile, out = (tmp_path / "profile").as_uri(), tmp_path / "saved"
        command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to"]
        subprocess.run([*command, "xlsx", "--outdir", out, path], check=True, capture_output=True)
        result = exchange.edits_of(Edits.of(locate()), out / path.name, delete=True)
        assert result.edits.finish() == {}

    @pytest.mark.parametrize("target", ["book.xlsx", "tables"])
    def test_the_real_sources(self, tmp_path: Path, target: str) -> None:
        exchange.export(Edits.of(locate()).loaded, tmp_path / target)
        result = exchange.edits_of(Edits.of(locate()), tmp_path / target, delete=True)
        assert result.edits.finish() == {}
        assert result.kept == []

    def test_every_term_claim_citation_mapping_and_question_has_its_row(self) -> None:
        loaded = Edits.of(locate()).loaded
        sheets = {sheet.name: len(sheet.rows) for sheet in exchange.sheets_of(loaded)}
        text = "".join(d.text for d in loaded.documents if d.path.parent.name == "claims")
        mappings = loaded.sources.mappings.glob("*.sssom.tsv")
        lines = [line for p in mappings for line in p.read_text("utf-8").splitlines()]
        assert sheets["claims"] == text.count("cdmo:assertion cdmo:")
        assert sheets["questions"] == len(list((loaded.sources.ontology / "questions").iterdir()))
        assert sheets["mappings"] == sum(
            line.partition("\t")[0][:5] in ("CDMO:", "cdmo:", "rdfs:") for line in lines
        )
        assert sheets["terms"] > 400

    def test_rows_and_columns_may_come_in_any_order(self, book: Book) -> None:
        for page in book.book.worksheets:
            rows = [[cell.value for cell in row][::-1] for row in page.iter_rows()]
            page.delete_rows(1, page.max_row)
            for row in [rows[0], *rows[:0:-1]]:
                page.append(row)
        assert book.diff(delete=True) == []

    def test_columns_and_sheets_that_are_missing_are_not_edited(self, book: Book) -> None:
        del book.book["terms"]
        book["claims"].delete_cols(book.column("claims", "hedge"))
        book["claims"].delete_cols(book.column("claims", "exported"))
        assert book.diff(delete=True) == []

    @pytest.mark.parametrize(
        "value", ["=1+1", "+1", "-1", "@x", "'=1", "a\\nb", 'a "b"', '"b"', "a | b"]
    )
    def test_a_text_is_a_text_whatever_it_begins_with(
        self, edit: Callable[[str, str, str], Path], tiny: Sources, tmp_path: Path, value: str
    ) -> None:
        """A text that begins with = is a formula in no program."""
        written = value.replace("\\", "\\\\").replace('"', '\\"')
        edit("ontology/modules/terms.ttl", '"stain"@en', f'"{written}"@en')
        for name in ("book.xlsx", "tables"):
            exchange.export(Edits.of(tiny).loaded, tmp_path / name)
            assert exchange.edits_of(Edits.of(tiny), tmp_path / name).edits.finish() == {}
        page = load_workbook(tmp_path / "book.xlsx")["terms"]
        assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
        cells = (tmp_path / "tables" / "terms.tsv").read_text("utf-8").split("\t")
        assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]

    def test_labels_in_other_languages_stay(
        self, edit: Callable[[str, str, str], Path], tiny: Sources, tmp_path: Path
    ) -> None:
        edit("ontology/modules/terms.ttl", '"stain"@en', '"stain"@en , "Fleck"@de')
        exchange.export(Edits.of(tiny).loaded, tmp_path / "t")
        assert '""Fleck""@de' in (tmp_path / "t" / "terms.tsv").read_text("utf-8")
        assert exchange.edits_of(Edits.of(tiny), tmp_path / "t").edits.finish() == {}


class TestEdits:
    """An edit of a cell becomes exactly that edit."""

    def test_a_definition(self, book: Book) -> None:
        book.put("terms", "CDMO:0000002", "definition", "a condition that fewer people have")
        assert book.diff() == [
            '-    IAO:0000115 "a condition that few people have"@en ;',
            '+    IAO:0000115 "a condition that fewer people have"@en ;',
        ]

    def test_one_citation_of_two(self, book: Book) -> None:
        row = book.row("claims", "claim:0000003", 1)
        book.put("claims", row, "frequency", "cdmo:someCases")
        before, after = book.diff()
        old = "[ cdmo:passage passage:cdct-012 ; cdmo:assertion cdmo:plain ] ."
        assert before.endswith(old)
        assert after.endswith(old.replace(" ] .", " ; cdmo:frequency cdmo:someCases ] ."))

    def test_a_value_in_all_rows_of_a_claim_may_be_changed_in_one(self, book: Book) -> None:
        row = book.row("claims", "claim:0000003", 1)
        book.put("claims", row, "object", "CDMO:0000101")
        book.put("claims", row, "object_label", None)
        lines = [line for line in book.diff() if "cdmo:object" in line]
        assert lines == [
            "-    cdmo:object CDMO:0000100 ;  #: green spot",
            "+    cdmo:object CDMO:0000101 ;  #: itch",
        ]

    def test_a_mapping(self, book: Book) -> None:
        book.put("mappings", book.row("mappings", "Pruritus", 1), "confidence", 0.75)
        before, after = book.diff()
        assert before.replace("\t0.98", "\t0.75")[1:] == after[1:]

    def test_an_equal_number_is_no_edit(self, book: Book) -> None:
        book.put("mappings", book.row("mappings", "Pruritus"), "confidence", 1)
        assert book.diff() == []

    def test_a_question(self, book: Book) -> None:
        row = book.row("questions", "question:what-treats")
        expected = book["questions"].cell(row, book.column("questions", "expected"))
        expected.value = f"{expected.value}and,another\r\n"
        assert book.diff() == ["+and,another"]

    def test_a_date_of_the_spreadsheet(self, book: Book) -> None:
        book.put("terms", "CDMO:0000002", "created", date(2026, 11, 23))
        assert book.diff()[1] == '+    dcterms:created "2026-11-23"^^xsd:date .'

    def test_derived_comments_follow_a_label(self, book: Book) -> None:
        book.put("terms", "CDMO:0000100", "label", "greenish spot")
        lines = book.diff()
        assert '+    rdfs:label "greenish spot"@en ;' in lines
        assert all("#:" in line or "rdfs:label" in line for line in lines)

    def test_imported_sources_pass_the_check(self, book: Book) -> None:
        book.put("terms", "CDMO:0000002", "exactSynonym", "seldom disorder")
        book.edits().edits.write()
        assert errors(check(book.sources)) == []


class TestNewRows:
    """A new row becomes a new block."""

    def test_a_term(self, book: Book) -> None:
        book.append(
            "terms", label="rinsing", definition="a washing that is short", parent_label="washing"
        )
        added = "\n".join(line[1:] for line in book.diff() if line.startswith("+"))
        assert (
            """ a owl:Class ;
    rdfs:label "rinsing"@en ;
    IAO:0000115 "a washing that is short"@en ;
    rdfs:subClassOf CDMO:0000300 ;  #: washing
    dcterms:contributor cdmo:maintainers ;
    dcterms:created"""
            in added
        )

    def test_a_claim_about_a_new_term(self, book: Book) -> None:
        """A label may stand for the identifier that a new term does not have yet."""
        book.append(
            "terms", label="rinsing", definition="a washing that is short", parent_label="washing"
        )
        for passage in ("passage:cdct-006", "passage:cdct-003"):
            book.append("claims", file="claims", subject_label="rinsing",
                        relation="cdmo:alleviates", object_label="itch",
                        passage=passage, assertion="cdmo:plain")  # fmt: skip
        added = "\n".join(line[1:] for line in book.diff() if "+" in line)
        assert "#: rinsing alleviates itch\nclaim:" in added
        assert added.count("cdmo:citation [") == 1
        assert added.index("passage:cdct-003") < added.index("passage:cdct-006")

    def test_a_citation(self, book: Book) -> None:
        book.append("claims", id="claim:0000001", file="claims", subject="CDMO:0000001",
                    relation="rdfs:subClassOf", object="CDMO:0000002",
                    passage="passage:cdct-001", assertion="cdmo:plain")  # fmt: skip
        added = [line for line in book.diff() if line.startswith("+")]
        assert "[ cdmo:passage passage:cdct-001 ; cdmo:assertion cdmo:plain ]" in added[0]
        assert "passage:cdct-003" in added[1]

    def test_a_mapping(self, book: Book) -> None:
        book.append("mappings", set="hp", subject_id="CDMO:0000100", subject_label="green spot",
                    predicate_id="skos:relatedMatch", object_id="HP:0000964", object_label="Eczema",
                    mapping_justification="semapv:ManualMappingCuration",
                    author_id="cdmo:maintainers", mapping_date="2026-11-22")  # fmt: skip
        (line,) = book.diff()
        assert line.startswith("+CDMO:0000100\tgreen spot\tskos:relatedMatch\t\tHP:0000964\tEczema")

    def test_a_question_is_a_new_file(self, book: Book) -> None:
        book.append(
            "questions",
            id="is-it-so",
            label="Is it so?",
            comment="Whether.",
            select="SELECT *",
            expected="a",
        )
        result = book.edits()
        written = result.edits.write()
        assert [path.name for path in written] == ["is-it-so.ttl"]
        assert 'sh:select "SELECT *\n' in written[0].read_text().replace('"""', '"')


class TestMissingRows:
    """Rows missing from a sheet are reported, and deleted only on request."""

    def test_they_stay(self, book: Book) -> None:
        book["claims"].delete_rows(book.row("claims", "claim:0000002"))
        book["claims"].delete_rows(book.row("claims", "claim:0000003", 1))
        result = book.edits()
        assert result.edits.finish() == {}
        assert result.kept == [
            "claims: claim:0000002",
            "claims: claim:0000003: the citation of passage:cdct-012",
        ]

    def test_they_are_deleted_on_request(self, book: Book) -> None:
        book["claims"].delete_rows(book.row("claims", "claim:0000002"))
        book["claims"].delete_rows(book.row("claims", "claim:0000003", 1))
        book["mappings"].delete_rows(book.row("mappings", "Pruritus"))
        lines = book.diff(delete=True)
        assert "-claim:0000002 a cdmo:Claim ;" in lines
        assert any("cdct-012" in line for line in lines if line.startswith("-"))
        assert not any("cdct-012" in line for line in lines if line.startswith("+"))
        assert sum("Pruritus" in line for line in lines) == 1

    def test_the_file_of_a_question_goes_with_it(self, book: Book) -> None:
        book["questions"].delete_rows(2)
        (path,) = book.edits(delete=True).edits.write()
        assert not path.exists()

    def test_empty_rows_are_none(self, book: Book) -> None:
        book["claims"].insert_rows(3, 2)
        book.put("claims", book["claims"].max_row + 40, "hedge", "  ")
        assert book.diff(delete=True) == []


class TestFindings:
    """All findings are reported at once by sheet and cell, and nothing is written."""

    def test_all_at_once(self, book: Book) -> None:
        put = book.put
        places = {
            put("claims", "claim:0000001", "relation", "cdmo:affect"): "Did you mean cdmo:affects?",
            put("claims", "claim:0000002", "subject", "CDMO:9999999"): "nowhere in the sources",
            put("claims", "claim:0000004", "frequency", "often"): "no identifier",
            put("claims", "claim:0000005", "passage", None): "Name the passage",
            put("terms", "CDMO:0000001", "created", "yesterday"): "is no date",
            put("terms", "CDMO:0000002", "label", "a\u200bb"): "U+200B",
            put("terms", "CDMO:0000100", "definition", "=A1"): "is a formula",
            put("mappings", 2, "confidence", "high"): "no number from 0 to 1",
            put("mappings", 3, "predicate_id", "skos:sameMatch"): "Did you mean",
        }
        book["terms"].cell(1, 40).value = "remark"
        places["terms!AN1"] = "'remark' is no column of the sheet terms"
        findings = book.findings()
        assert {place for place in places if place not in findings} == set()
        for place, words in places.items():
            assert words in findings[place]

    def test_a_label_beside_another_identifier(self, book: Book) -> None:
        """The label shows that an identifier is mistyped."""
        book.put("claims", "claim:0000002", "object", "CDMO:0000401")
        place = book.put("claims", "claim:0000002", "object_label", "skin")
        words = book.findings()[place]
        assert "'skin' is not the label of CDMO:0000401 (skin of the knee)" in words
        assert "If you mean skin, write CDMO:0000400 beside it." in words

    def test_rows_of_a_claim_that_differ(self, book: Book) -> None:
        for nth, value in enumerate(("CDMO:0000101", "CDMO:0000400")):
            row = book.row("claims", "claim:0000003", nth)
            place = book.put("claims", row, "object", value)
            book.put("claims", row, "object_label", None)
        assert "differs from claims!" in book.findings()[place]

    def test_merged_cells(self, book: Book) -> None:
        book["terms"].merge_cells("C3:C4")
        assert "is merged" in book.findings()["terms!C3"]

    def test_a_passage_cited_twice(self, book: Book) -> None:
        row = book.row("claims", "claim:0000003", 1)
        place = book.put("claims", row, "passage", "passage:cdct-006")
        assert "stands already in" in book.findings()[place]

    def test_a_row_whose_resource_has_changed_in_the_sources(
        self, book: Book, edit: Callable[[str, str, str], Path]
    ) -> None:
        edit("ontology/modules/terms.ttl", "that few people have", "that hardly anybody has")
        assert book.diff() == []  # the row was not edited: the sources win
        book.put("terms", "CDMO:0000002", "label", "seldom disorder")
        (words,) = book.findings().values()
        assert "has changed in the sources since this row was exported" in words

    def test_a_file_that_is_no_workbook(self, tmp_path: Path, tiny: Sources) -> None:
        (tmp_path / "a.xlsx").write_text("x")
        with pytest.raises(UsageError, match="no workbook"):
            exchange.edits_of(Edits.of(tiny), tmp_path / "a.xlsx")


def test_editors_choose_from_lists_and_keep_the_header_in_view(book: Book) -> None:
    page = book["claims"]
    listed = {
        min(map(str, rule.sqref.ranges)).split(":")[0]: rule.formula1
        for rule in page.data_validations.dataValidation
    }
    for name in ("relation", "assertion", "frequency", "advice", "aim"):
        place = page.cell(2, book.column("claims", name)).coordinate
        assert listed[place].startswith("'choices'!")
    assert page.freeze_panes == "C2"
    note = page.cell(1, book.column("claims", "atSite")).comment
    assert note is not None
    assert "body site" in note.text


def test_the_verbs(
    tiny: Sources,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sources, "locate", lambda: tiny)
    assert cli.main(["export", "sheets", str(tmp_path / "t")]) == 0
    path = tmp_path / "t" / "terms.tsv"
    path.write_text(path.read_text().replace("few people", "fewer people"), "utf-8")
    assert cli.main(["import", "sheets", str(path), "--dry-run"]) == 0
    assert '+    IAO:0000115 "a condition that fewer people have"@en' in capsys.readouterr().out
    assert cli.main(["import", "sheets", str(path)]) == 0
    printed = capsys.readouterr()
    assert printed.out.endswith("terms.ttl: written\n")
    assert "All are answered as before." in printed.err


def test_an_import_reports_questions_with_other_answers(
    tiny: Sources,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sources, "locate", lambda: tiny)
    assert cli.main(["export", "sheets", str(tmp_path / "t")]) == 0
    path = tmp_path / "t" / "terms.tsv"
    path.write_text(path.read_text().replace("\twashing\t", "\trinsing\t", 1), "utf-8")
    assert cli.main(["import", "sheets", str(path)]) == 0
    printed = capsys.readouterr().err
    assert "question:what-treats: 2 rows, expected 2: missing ('washing',)" in printed
    assert "1 questions are answered otherwise: read their rows, then cdmo accept" in printed
