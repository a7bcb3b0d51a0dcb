"""Refusals of ``cdmo new`` and ``cdmo waive``: they give the reason and write nothing."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from service.sources import Sources

Files = Callable[[Sources], dict[Path, bytes]]

TERM = "new term rub --parent=ointment"
CAMPHOR = "new term 'camphor rub' --parent=ointment '--definition=an ointment that cools'"
CITATION = "new citation claim:0000006 --assertion plain --source {folder}/document.txt"
MAPPING = "new mapping itch --label x --predicate close"
MONDO = (
    "new mapping itch --target MONDO:0000001 --label disease --predicate related"
    " '--vocabulary=Mondo Disease Ontology' --read-from=mondo.obo --release=2026-08-01"
)
QUESTION = (
    "new question which-tests '--label=Which tests find the spot?' '--comment=Those that do.'"
    " --keyword=test --query {folder}/"
)
LIST = "new list --label Care --topic washing --passage 15"
REASON = "'--reason=The spot lies on the skin.'"

REFUSED = [
    ("new term washing --parent=ointment '--definition=a washing'", 2, "the name of CDMO:0000300"),
    ("new term rub --parent=ointmant '--definition=a rub'", 2, "Did you mean ointment"),
    (f"{TERM} --definition=Rubs.", 2, "a <parent> that"),
    (f"{TERM} --parent=itch '--definition=a rub'", 2, "one kind"),
    ("new term rub", 2, "--definition"),
    (f"{CAMPHOR} --contributor=Nobody", 2, "curators.tsv"),
    ("new term Rub --parent=ointment '--definition=an ointment'", 1, "label-capitalised"),
    (f"{CITATION} '--passage=green knee'", 2, "passages have these words"),
    (f"{CITATION} '--passage=spot which finds'", 2, "Inspection finds the spot"),
    (f"{CITATION} '--passage=nothing of the kind at all'", 2, "No passage has the words"),
    (f"{CITATION} --passage 9 --hedge=perhaps", 2, "'perhaps' does not stand in the passage"),
    (f"{MAPPING} --target HP:0000989", 1, "already: hp.sssom.tsv"),
    (f"{MAPPING} --target MONDO:1", 2, "--license: address"),
    (f"{MAPPING} --target NOWHERE:1", 2, "ontology/prefixes.ttl"),
    ("new mapping itch --target HP:1 --label x --predicate near", 2, "exactMatch"),
    (f"{MAPPING} --target HP:1 --confidence 2", 2, "from 0 to 1"),
    (f"{MAPPING} --target HP:1 --justification magic", 1, "mapping"),
    (f"{MONDO} '--license=CC BY 4.0'", 2, "named by its address"),
    (f"{QUESTION}unordered.rq", 2, "ORDER BY"),
    (f"{QUESTION}misspelt.rq", 2, "line"),
    (f"{QUESTION}ask.rq", 2, "SELECT"),
    (f"{QUESTION}service.rq", 2, "endpoint"),
    (
        "new tension --kind Contradiction --concerns claim:0000003 '--label=Soap or no soap'"
        " '--description=It differs.' '--decision=Both stand.'",
        *(2, "--other-side"),
    ),
    ("new nothing 8 --reason Rhetorical", 1, "is cited by claim:0000006"),
    ("new nothing 15 --reason Boredom", 2, "There is no Reason 'Boredom'"),
    ("new nothing 15", 2, "--reason: why it asserts nothing"),
    (f"{LIST} --entry=washing=16", 2, "no list"),
    (f"{LIST} --entry=washing --entry=ointment=18", 2, "write TERM=PASSAGE"),
    (f"waive itch no-such-rule {REASON}", 2, "There is no rule"),
    (f"waive itches label-plural {REASON}", 2, "There is no term"),
]
QUERIES = {
    "unordered": "SELECT ?t WHERE { ?t cdmo:detects CDMO:0000100 }",
    "misspelt": "SELECT ?t WHER { ?t cdmo:detects CDMO:0000100 } ORDER BY ?t",
    "ask": "ASK { ?s ?p ?o }",
    "service": "SELECT * { SERVICE <http://e/> { ?s ?p ?o } } ORDER BY ?s",
}


@pytest.fixture
def folder(document: str) -> Path:
    """A folder with the document, and queries that cannot be questions."""
    folder = Path(document).parent
    for name, query in QUERIES.items():
        (folder / f"{name}.rq").write_text(query, encoding="utf-8")
    return folder


@pytest.mark.parametrize(("command", "code", "message"), REFUSED)
def test_a_refusal_gives_the_reason_and_writes_nothing(  # noqa: PLR0917
    cdmo: Callable[..., int],
    tiny: Sources,
    files: Files,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    code: int,
    message: str,
) -> None:
    before = files(tiny)
    assert cdmo("", *shlex.split(command.format(folder=folder))) == code
    assert message in capsys.readouterr().err
    assert files(tiny) == before
