"""A claim that changes a defined class: ``cdmo check`` reports it, ``cdmo accept`` accepts it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from service.cli import main
from service.pipeline import check
from service.pipeline.violations import errors
from service.sources import Sources, locate

QUESTION = "members-of-the-defined-classes"


def test_a_new_member_by_a_claim_is_reported_and_accepted(
    tiny: Sources, edit: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = (locate().ontology / "questions" / f"{QUESTION}.ttl").read_text("utf-8")
    head, rows = text.split('cdmo:expected """')
    path = tiny.ontology / "questions" / f"{QUESTION}.ttl"
    path.write_text(f'{head}cdmo:expected """group,member\n""" .\n', encoding="utf-8")
    assert rows
    monkeypatch.setattr("service.sources.locate", lambda: tiny)
    monkeypatch.setattr("service.cli.verbs.dist_of", lambda _: tmp_path / "dist")

    (violation,) = errors(check(tiny))
    assert violation.rule == "question-answered-otherwise"
    assert violation.file == path
    assert "not expected ('skin condition', 'green knee')" in violation.message
    assert f"cdmo accept {QUESTION}" in violation.hint

    assert main(["accept", QUESTION]) == 0
    assert errors(check(tiny)) == []
    plain = "passage:cdct-004 ; cdmo:assertion cdmo:plain"
    edit("ontology/claims/claims.ttl", plain, plain.replace("plain", "possible"))
    messages = [v.message for v in check(tiny) if v.entity == f"question:{QUESTION}"]
    assert messages
    assert "missing ('skin condition', 'green knee')" in messages[0]
