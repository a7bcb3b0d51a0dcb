"""Cut a document into passages."""

import pytest

from service.pipeline.passages import Passage, segment


def cut(text: str) -> list[tuple[str, str]]:
    return [(p.kind, text[p.start : p.end]) for p in segment(text)]


def body(*lines: str) -> list[tuple[str, str]]:
    """Cut lines that stand below a title."""
    return cut("\n".join(["A Title", *lines]))[1:]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Causes of It", "Heading"),
        ("1. Biopsy", "Heading"),
        ("Medical Means:", "Heading"),
        ("It hurts.", "Sentence"),
        ("These tests may well include:", "Sentence"),
        ("- Rest: Lie down.", "ListItem"),
        ("- Rest", "ListItem"),
        ("2. Surgery: A surgeon cuts.", "ListItem"),
        ("2. A surgeon cuts it out.", "ListItem"),
        ("Rest | Lie down |", "TableRow"),
        ("---|---|", "TableRow"),
        ("Table: What to do", "TableCaption"),
        ("Does it hurt?", "QuestionPassage"),
    ],
)
def test_a_line_has_a_kind(line: str, kind: str) -> None:
    assert body(line) == [(kind, line)]


def test_a_sentence_is_a_passage() -> None:
    assert body("It hurts. Does it pass? It does!") == [
        ("Sentence", "It hurts."),
        ("Sentence", "Does it pass?"),
        ("Sentence", "It does!"),
    ]


@pytest.mark.parametrize("line", ["It helps, e.g. Rest does.", "See www.example.org for more."])
def test_a_full_stop_in_an_abbreviation_or_address_ends_no_sentence(line: str) -> None:
    assert body(line) == [("Sentence", line)]


def test_the_lead_of_a_list_item_belongs_to_its_first_sentence() -> None:
    assert body("2. Rest: Lie down. Stay there.") == [
        ("ListItem", "2. Rest: Lie down."),
        ("ListItem", "Stay there."),
    ]


def test_sentences_below_a_question_answer_it() -> None:
    assert body("Does it hurt?", "It does. It passes.", "More Words", "It hurts.") == [
        ("QuestionPassage", "Does it hurt?"),
        ("Answer", "It does."),
        ("Answer", "It passes."),
        ("Heading", "More Words"),
        ("Sentence", "It hurts."),
    ]


def test_headers_and_rules_of_tables_assert_nothing() -> None:
    text = "Pain\nSign | What |\n---|---|\nAche | It hurts |\nTable: Signs"
    reasons = [p.reason for p in segment(text)]
    assert reasons == ["Navigation", "TableHeader", "TableRule", None, "Navigation"]


def test_headings_begin_sections_and_numbered_ones_subsections() -> None:
    text = "Pain: A Guide\nCauses of Pain\n1. Falls\nOne falls.\nCare of Pain\nOne rests.\nFAQ\n"
    assert [p.section for p in segment(text, "pain")] == [
        "pain-title",
        "pain-causes-pain",
        "pain-causes-pain-falls",
        "pain-causes-pain-falls",
        "pain-care-pain",
        "pain-care-pain",
        "pain-faq",
    ]


def test_passages_cover_every_character_once(tiny_text: str) -> None:
    holders = [0] * len(tiny_text)
    for passage in segment(tiny_text):
        piece = tiny_text[passage.start : passage.end]
        assert piece == piece.strip()
        for at in range(passage.start, passage.end):
            holders[at] += 1
    assert max(holders) == 1
    assert all(n == 1 for n, c in zip(holders, tiny_text, strict=True) if not c.isspace())


def test_positions_count_code_points() -> None:
    text = "🌿 Herbs\r\nThey é grow.\r\n"
    first, second = segment(text)
    assert (first.start, first.end) == (0, 7)
    assert (second.start, second.end) == (9, 21)
    assert text[second.start : second.end] == "They é grow."


def test_an_empty_document_has_no_passages() -> None:
    assert segment(" \n\n") == []


def test_a_passage_holds_its_position_and_not_its_text() -> None:
    assert set(Passage.__dataclass_fields__) == {"start", "end", "kind", "section", "reason"}
