"""``cdmo new list``, ``cdmo new nothing`` and ``cdmo waive``, over the tiny ontology."""

from collections.abc import Callable

import pytest

from service.pipeline import check
from service.sources import Sources

Run = Callable[..., int]


def text(sources: Sources, name: str) -> str:
    return (sources.ontology / name).read_text(encoding="utf-8")


def rules_found(sources: Sources, *documents: str) -> set[str]:
    return {f"{v.severity}[{v.rule}] {v.entity}" for v in check(sources, *documents)}


class TestNothing:
    """``cdmo new nothing``."""

    def test_a_passage_says_why_it_asserts_nothing(
        self, cdmo: Run, tiny: Sources, capsys: pytest.CaptureFixture[str], document: str
    ) -> None:
        words = "new nothing --reason Rhetorical"
        assert cdmo(words, "Care of the knee may well include:", f"--source={document}") == 0
        assert capsys.readouterr().out == "ontology/claims/passages.ttl: written\n"
        passage = text(tiny, "claims/passages.ttl").partition("passage:cdct-015 a")[2]
        assert "assertsNothing cdmo:Rhetorical ." in passage.partition("passage:cdct-016")[0]


class TestList:
    """``cdmo new list``."""

    def test_its_entries_stand_in_their_order(self, cdmo: Run, tiny: Sources) -> None:
        words = "new list --choice --topic washing --passage 15 --entry washing=16"
        before = rules_found(tiny)
        assert cdmo(words, "--label=Forms of care", "--entry=ointment=18") == 0
        claims = "".join(path.read_text() for path in tiny.ontology.glob("claims/*.ttl"))
        written = claims.rpartition('rdfs:label "Forms of care"@en')[2]
        assert "cdmo:complete false ;" in written
        first, _, second = written.partition("cdmo:order 2 ; cdmo:passage passage:cdct-018")
        assert "cdmo:order 1 ; cdmo:passage passage:cdct-016 ; cdmo:term CDMO:0000300" in first
        assert "cdmo:term CDMO:0000302 ] ." in second
        assert {line for line in rules_found(tiny) - before if "error" in line} == set()


class TestWaive:
    """``cdmo waive``."""

    REASON = "--reason=The spot lies on the skin."

    def test_it_names_a_citation_for_a_rule_about_citations(
        self, cdmo: Run, tiny: Sources, tiny_text: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        finding = "warning[citation-without-object] claim:0000004"
        assert finding in rules_found(tiny, tiny_text)
        words = "waive claim:0000004 citation-without-object"
        assert cdmo(words, self.REASON) == 2
        assert "give its --passage" in capsys.readouterr().err
        assert cdmo(f"{words} --passage 6", self.REASON) == 0
        assert finding not in rules_found(tiny, tiny_text)
        assert cdmo(f"{words} --passage 6", self.REASON) == 1

    def test_it_names_a_resource_for_any_other_rule(self, cdmo: Run, tiny: Sources) -> None:
        assert cdmo("waive itch definition-genus-wide", self.REASON) == 0
        waivers = text(tiny, "checks/waivers.ttl")
        assert "#: itch\nCDMO:0000101\n    cdmo:waives [ cdmo:check" in waivers


def test_a_claim_that_another_document_denies_may_be_written_before_its_tension(
    cdmo: Run, tiny: Sources, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tension names claims, so they must exist before it."""
    words = "new claim --subject washing --relation treats --object itch --assertion plain"
    assert cdmo(f"{words} --passage 16") == 0
    assert cdmo(f"{words} --negative --passage 19") == 0
    printed = capsys.readouterr().err
    assert "Now a tension has to tell of this:" in printed
    assert "contradiction-without-tension" in printed
