"""``cdmo new list``, ``cdmo new nothing`` and ``cdmo waive``, over the tiny ontology."""

from collections.abc import Callable

import pytest

from service.pipeline import check
from service.sources import Sources

Run = Callable[..., int]


def text(sources: Sources, name: str) -> str:
    return (sources.ontology / name).read_text(encoding="utf-8")


def found(sources: Sources, *documents: str) -> set[str]:
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

    @pytest.mark.parametrize(
        ("words", "code", "message"),
        [
            ("8 --reason Rhetorical", 1, "is cited by claim:0000006"),
            ("15 --reason Boredom", 2, "There is no Reason 'Boredom'"),
            ("15", 2, "--reason: why it asserts nothing"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_written(  # noqa: PLR0917
        self,
        cdmo: Run,
        tiny: Sources,
        capsys: pytest.CaptureFixture[str],
        words: str,
        code: int,
        message: str,
    ) -> None:
        before = text(tiny, "claims/passages.ttl")
        assert cdmo(f"new nothing {words}") == code
        assert message in capsys.readouterr().err
        assert text(tiny, "claims/passages.ttl") == before


class TestList:
    """``cdmo new list``."""

    def test_its_entries_stand_in_their_order(self, cdmo: Run, tiny: Sources) -> None:
        words = "new list --choice --topic washing --passage 15 --entry washing=16"
        before = found(tiny)
        assert cdmo(words, "--label=Forms of care", "--entry=ointment=18") == 0
        claims = "".join(path.read_text() for path in tiny.ontology.glob("claims/*.ttl"))
        written = claims.rpartition('rdfs:label "Forms of care"@en')[2]
        assert "cdmo:complete false ;" in written
        first, _, second = written.partition("cdmo:order 2 ; cdmo:passage passage:cdct-018")
        assert "cdmo:order 1 ; cdmo:passage passage:cdct-016 ; cdmo:term CDMO:0000300" in first
        assert "cdmo:term CDMO:0000302 ] ." in second
        assert {line for line in found(tiny) - before if "error" in line} == set()

    @pytest.mark.parametrize(
        ("entries", "message"),
        [(["washing=16"], "no list"), (["washing", "ointment=18"], "write TERM=PASSAGE")],
    )
    def test_what_is_no_list_is_refused(
        self, cdmo: Run, capsys: pytest.CaptureFixture[str], entries: list[str], message: str
    ) -> None:
        words = "new list --label Care --topic washing --passage 15"
        assert cdmo(words, *(f"--entry={entry}" for entry in entries)) == 2
        assert message in capsys.readouterr().err


class TestWaive:
    """``cdmo waive``."""

    REASON = "--reason=The spot lies on the skin."

    def test_it_is_for_one_citation_where_the_rule_is_about_citations(
        self, cdmo: Run, tiny: Sources, tiny_text: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        finding = "warning[citation-without-object] claim:0000004"
        assert finding in found(tiny, tiny_text)
        words = "waive claim:0000004 citation-without-object"
        assert cdmo(words, self.REASON) == 2
        assert "give its --passage" in capsys.readouterr().err
        assert cdmo(f"{words} --passage 6", self.REASON) == 0
        assert finding not in found(tiny, tiny_text)
        assert cdmo(f"{words} --passage 6", self.REASON) == 1

    def test_it_is_for_one_thing_where_the_rule_is_about_things(
        self, cdmo: Run, tiny: Sources
    ) -> None:
        assert cdmo("waive itch definition-genus-wide", self.REASON) == 0
        waivers = text(tiny, "checks/waivers.ttl")
        assert "#: itch\nCDMO:0000101\n    cdmo:waives [ cdmo:check" in waivers

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ("itch no-such-rule", "There is no rule"),
            ("itches label-plural", "There is no term"),
        ],
    )
    def test_what_is_not_known_is_refused(
        self, cdmo: Run, capsys: pytest.CaptureFixture[str], words: str, message: str
    ) -> None:
        assert cdmo(f"waive {words}", self.REASON) == 2
        assert message in capsys.readouterr().err


def test_a_claim_that_another_document_denies_may_be_written_before_its_tension(
    cdmo: Run, tiny: Sources, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tension names claims, so it can only come after them."""
    words = "new claim --subject washing --relation treats --object itch --assertion plain"
    assert cdmo(f"{words} --passage 16") == 0
    assert cdmo(f"{words} --negative --passage 19") == 0
    printed = capsys.readouterr().err
    assert "Now a tension has to tell of this:" in printed
    assert "contradiction-without-tension" in printed
