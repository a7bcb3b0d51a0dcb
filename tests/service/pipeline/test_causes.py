"""Findings: violations are grouped below their common cause."""

from dataclasses import replace
from pathlib import Path

import pytest

from service.pipeline.causes import Finding, fold
from service.pipeline.integrity import renamed
from service.pipeline.passages import digest, segment
from service.pipeline.verification import Recorded, verify
from service.pipeline.violations import Violation, error


def of(rule: str, file: str, line: int, *, entity: str = "", value: str = "") -> Violation:
    return Violation(rule, "error", Path(file), line, entity, "is wrong", value=value)


def rules(finding: Finding) -> tuple[str, int]:
    return finding.root.rule, len(finding.followers)


def test_violations_without_a_common_cause_stay_separate() -> None:
    violations = [of("b", "y.ttl", 1), of("a", "x.ttl", 2), of("a", "x.ttl", 1)]
    assert [(f.root.rule, f.root.line, f.followers) for f in fold(violations)] == [
        ("a", 1, ()),
        ("a", 2, ()),
        ("b", 1, ()),
    ]


def test_all_mentions_of_an_undeclared_name_are_one_finding() -> None:
    missing = "CDMO:0000999"
    (finding,) = fold(
        [
            of("iri-dangling", "x.ttl", 3, value=missing),
            of("claim-object-unknown", "x.ttl", 3, value=missing),
            of("iri-dangling", "y.ttl", 8, value=missing),
        ]
    )
    assert rules(finding) == ("claim-object-unknown", 2)
    assert finding.root.cause == "CDMO:0000999 is declared nowhere"


def test_all_names_with_an_unknown_prefix_are_one_finding() -> None:
    (finding,) = fold(
        [
            of("property-undeclared", "w.ttl", 1, value="urn:undeclared:cmdo:detects"),
            of("unknown-prefix", "x.ttl", 3, entity="cmdo:"),
            of("unknown-prefix", "y.ttl", 4, entity="cmdo:"),
        ]
    )
    assert rules(finding) == ("unknown-prefix", 2)


@pytest.mark.parametrize(
    ("answer", "expected", "cause"),
    [
        ("a,b\nx y,1\n", "a,b\nx z,1\n", "'z' reads 'y' now"),
        ("a\nnew eats q\nnew\nan old\n", "a\nold eats q\nold\nan old\n", "'old' reads 'new' now"),
        ("a\nthe older\nnew\n", "a\nthe older\nold\n", "'old' reads 'new' now"),
        ("a\nx\ny\n", "a\nx\n", ""),
        ("a\nx\ny\n", "a\nv\nw\n", ""),
        ("a\nx\n", "a\nx\n", ""),
    ],
)  # fmt: skip
def test_answers_that_differ_by_a_name_have_it_as_their_cause(
    answer: str, expected: str, cause: str
) -> None:
    assert renamed(answer, expected) == cause


def test_questions_that_differ_by_one_name_are_one_finding() -> None:
    cause = "'washing' reads 'rinsing' now"
    (finding,) = fold(
        replace(of("question-answered-otherwise", f"{name}.ttl", 1), cause=cause) for name in "abc"
    )
    assert rules(finding) == ("question-answered-otherwise", 2)


def test_violations_from_a_duplicate_identifier_follow_from_it() -> None:
    twice = error("block-twice", Path("x.ttl"), 9, "has one", entity="claim:1", cause="two blocks")
    (finding,) = fold([of("claim-subject", "x.ttl", 3, entity="claim:1"), twice])
    assert rules(finding) == ("block-twice", 1)


def test_an_error_that_prevents_reading_a_file_comes_first() -> None:
    violations = [of("label-capitalised", "a.ttl", 1), of("turtle-syntax", "z.ttl", 9)]
    assert [f.root.rule for f in fold(violations)] == ["turtle-syntax", "label-capitalised"]


def test_stale_comments_in_many_files_are_one_finding() -> None:
    (finding,) = fold([of("comment-stale", f"{name}.ttl", 1) for name in "abc"])
    assert rules(finding) == ("comment-stale", 2)


def test_one_changed_word_of_the_document_is_one_finding() -> None:
    text = "".join(f"Sentence {n} says something else.\n" for n in range(200))
    passages = [
        Recorded(f"passage:p{n}", p.start, p.end, digest(text[p.start : p.end]))
        for n, p in enumerate(segment(text), 1)
    ]
    changed = text.replace("Sentence 20 says something", "Sentence 20 says a lot")
    (finding,) = fold(verify(changed, passages).violations())
    assert rules(finding)[0] == "passage-changed"
    assert rules(finding)[1] > 150
    assert finding.root.cause.endswith("on moved by −4")


def test_passages_that_move_by_two_lengths_are_two_findings() -> None:
    text = "".join(f"Sentence {n} says something else.\n" for n in range(60))
    passages = [
        Recorded(f"passage:p{n}", p.start, p.end, digest(text[p.start : p.end]))
        for n, p in enumerate(segment(text), 1)
    ]
    changed = text.replace("20 says", "20 now says").replace("40 says", "40 so says")
    findings = fold(verify(changed, passages).violations())
    assert [f.root.rule for f in findings] == ["passage-changed", "passage-changed"]
    assert [f.root.cause.rpartition(" ")[2] for f in findings] == ["+4", "+7"]


def test_a_violation_without_a_file_comes_last() -> None:
    findings = fold([error("sources", None, None, "no"), of("a", "x.ttl", 1)])
    assert [f.root.rule for f in findings] == ["a", "sources"]
