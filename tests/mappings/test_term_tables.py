"""Targets of mappings are compared with the tables of their vocabularies, ``mappings/terms``."""

from pathlib import Path

import pytest

from service.editing.term_listing import REFUSED
from service.pipeline import mappings
from service.pipeline.causes import fold
from service.pipeline.loading import load
from service.pipeline.mapping_file import parse
from service.pipeline.term_tables import SLOTS, TermTable, path_of, read_table
from service.pipeline.violations import Violation
from service.sources import Sources, locate
from tests.ontology.mistakes_applied import Copy, Mistake, judge, read_mistakes

TABLES = sorted((locate().mappings / "terms").glob("*.tsv"))
MISTAKES = [m for m in read_mistakes() if m.kind == "mapped-term"]
OF_OBJECTS = frozenset(f"mapping-object-{what}" for what in ("label", "obsolete", "unknown"))
HEADER = """\
#vocabulary: Human Phenotype Ontology
#source: made up
#version: 1
#license: https://example.org/licence
#updated: 2026-11-28
#lists: {lists}
id\tlabel\tobsolete\treplaced_by
"""


def write(sources: Sources, rows: str, lists: str = "mapped terms") -> Path:
    """Write a table beside the mapping set of the tiny sources."""
    path = path_of(sources.mappings, "hp")
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADER.format(lists=lists) + rows, encoding="utf-8")
    return path


def findings(sources: Sources) -> list[Violation]:
    loaded, violations = load(sources)
    assert violations == []
    return mappings.load(loaded)


DENIED_LINE, MADE_LINE = 18, 19
"""The lines of the two rows with ``HP:0000989`` in the tiny set."""


class TestTiny:
    """The tiny set, where an itch is HP:0000989, ``Pruritus``, and a green spot is not."""

    @pytest.mark.parametrize(
        ("rows", "lists", "rule", "words"),
        [
            ("HP:0000989\tItching\t\t\n", "mapped terms", "label", "is called 'Itching'"),
            (
                "HP:0000989\tobsolete Itching\ttrue\tHP:0000990\nHP:0000990\tItch\t\t\n",
                "mapped and obsolete terms",
                "obsolete",
                "replaced by HP:0000990 (Itch)",
            ),
            ("HP:0000001\tAll\t\t\n", "all terms", "unknown", "is not in Human Phenotype Ontology"),
            ("HP:0000898\tPruritus\t\t\n", "mapped terms", "label", "is the label of HP:0000898"),
        ],
        ids=["another label", "obsolete", "not in a whole vocabulary", "the label of another"],
    )
    def test_a_row_is_reported_at_its_line_and_cell(
        self, tiny: Sources, rows: str, lists: str, rule: str, words: str
    ) -> None:
        write(tiny, rows, lists)
        (violation,) = [v for v in findings(tiny) if v.line == MADE_LINE]
        assert violation.rule == f"mapping-object-{rule}"
        assert violation.severity == "error"
        assert words in violation.message
        assert violation.file == tiny.mappings / "hp.sssom.tsv"
        assert violation.column is not None
        assert violation.column > 1
        assert violation.hint

    def test_targets_that_a_partial_table_lacks_are_not_reported(self, tiny: Sources) -> None:
        write(tiny, "HP:0000001\tAll\t\t\n")
        assert findings(tiny) == []

    def test_the_term_in_its_vocabulary_is_a_related_place(self, tiny: Sources) -> None:
        table = write(tiny, "HP:0000989\tItching\t\t\n")
        (related,) = findings(tiny)[0].related
        assert related.place[:2] == (table, 8)

    def test_an_obsolete_term_may_be_denied_as_a_match(self, tiny: Sources) -> None:
        write(tiny, "HP:0000989\tobsolete Itching\ttrue\t\n")
        assert [(v.rule, v.line) for v in findings(tiny)] == [
            ("mapping-object-obsolete", MADE_LINE)
        ]

    def test_rows_of_one_changed_term_are_one_finding(self, tiny: Sources) -> None:
        write(tiny, "HP:0000989\tItching\t\t\n")
        (finding,) = fold(findings(tiny))
        assert [v.line for v in finding.all] == [DENIED_LINE, MADE_LINE]
        assert finding.root.cause == "HP:0000989 is called 'Itching'"

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            (HEADER.format(lists="some") + "HP:0000001\tAll\t\t\n", 1),
            (HEADER.format(lists="all terms").replace("#source: made up\n", ""), 1),
            (HEADER.format(lists="all terms") + "HP:0000989\tPruritus\t\n", 8),
            (HEADER.format(lists="mapped terms") + "HP:0000002\ta\t\t\nHP:0000001\tb\t\t\n", 9),
            (HEADER.format(lists="mapped terms") + "HP:0000002\ta\t\t\n" * 2, 9),
        ],
        ids=["another list", "no source", "three cells", "not sorted", "twice"],
    )
    def test_a_table_is_whole(self, tiny: Sources, text: str, line: int) -> None:
        path = write(tiny, "")
        path.write_text(text, encoding="utf-8")
        assert ("term-table", path, line) in {(v.rule, v.file, v.line) for v in findings(tiny)}

    def test_a_table_belongs_to_a_set(self, tiny: Sources) -> None:
        path = write(tiny, "").rename(tiny.mappings / "terms" / "mondo.tsv")
        assert [(v.rule, v.file) for v in findings(tiny)] == [("term-table", path)]


class TestReal:
    """The tables of the project."""

    @pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
    def test_a_table_names_its_origin_and_has_the_form_that_the_verb_writes(
        self, path: Path
    ) -> None:
        table = read_table(path)
        assert table.faults == []
        assert list(table.slots) == list(SLOTS)
        assert table.slots["license"].startswith("https://")
        assert table.write() == path.read_text("utf-8")

    def test_most_targets_are_listed(self) -> None:
        tables: dict[str, TermTable] = {path.stem: read_table(path) for path in TABLES}
        sets = [parse(path) for path in locate().mapping_files]
        targets = {
            (s.path.name.removesuffix(".sssom.tsv"), r["object_id"])
            for s in sets
            for r in s.rows
            if r.has_target
        }
        listed = {(name, t) for name, t in targets if name in tables and t in tables[name].terms}
        assert len(listed) / len(targets) > 0.7

    def test_a_vocabulary_whose_licence_forbids_it_has_no_table(self) -> None:
        assert not REFUSED.keys() & {path.stem for path in TABLES}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy.make(tmp_path_factory.mktemp("mapped-terms"))


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_a_mistake_is_found_at_its_line(copy: Copy, mistake: Mistake) -> None:
    with copy.with_mistake(mistake) as places:
        violations = [v for v in mappings.load(load(copy.sources)[0]) if v.rule in OF_OBJECTS]
        judgement = judge(mistake, places, violations)
    assert judgement.is_exact
    assert judgement.is_first
