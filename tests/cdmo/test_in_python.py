"""A release in Python: README's lines, the notebook, and labels in several languages."""

import json
import re
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

import cdmo
from service.cards import card
from service.cli import main
from service.library import Index, Library, search_entries
from service.names import Names
from service.pipeline import build, check
from service.pipeline.format import format_sources
from service.pipeline.loading import read_prefixes
from service.release import Release, open_store
from service.sources import Sources

from ..conftest import copy_tiny
from ..service.site.client import client_of

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTEBOOK = ROOT / "notebooks" / "a-release-in-python.ipynb"


@pytest.fixture
def ours(real_release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ``cdmo.release()`` return the release of this test run."""
    opened = cdmo.release(real_release.path)
    monkeypatch.setattr(cdmo, "release", lambda: opened)


@pytest.fixture(scope="module")
def tiny_opened(release: Release) -> cdmo.Opened:
    return cdmo.release(release.path)


@pytest.mark.usefixtures("ours")
def test_the_lines_of_readme_run_as_they_stand() -> None:
    section = README.partition("## In Python\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block, names)
        lines = [line for line in block.splitlines() if line and "import" not in line]
        assert len(lines) <= 2
    assert len(blocks) == 5
    assert names["drugs"]
    assert names["parents"]
    assert names["term"].label == "nifedipine"
    assert names["claim"].standing == "prospective"
    assert names["firm"].firmness.is_monotonic_decreasing


@pytest.mark.usefixtures("ours")
def test_the_notebook_runs_from_top_to_bottom() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert not cell["outputs"], "outputs grow old: clear them"
            exec(cell["source"], names)
    assert len(names["treated"])
    assert "intervention" in names_above(names["nifedipine"])


def test_terms_and_claims_have_the_words_of_their_pages(tiny_opened: cdmo.Opened) -> None:
    term = tiny_opened.terms["CDMO:0000301"]
    assert (term.label, term.kinds, term.parents) == (
        "washing with vinegar",
        ("intervention",),
        ("CDMO:0000300",),
    )
    claim = tiny_opened.claims["claim:0000009"]
    assert (claim.subject, claim.relation, claim.object) == (
        "CDMO:0000301",
        "cdmo:treats",
        "CDMO:0000001",
    )
    assert (claim.polarity, claim.standing) == ("positive", "qualified")
    assert claim.qualifiers == (("cdmo:offLabel", "true"),)
    (citation,) = claim.citations
    assert (citation.passage, citation.source, citation.hedge) == (
        "passage:cdct-017",
        "source:cdct",
        "Some gardeners",
    )
    assert tiny_opened.claims["claim:0000011"].polarity == "negative"


def test_values_cannot_be_changed(tiny_opened: cdmo.Opened) -> None:
    with pytest.raises(FrozenInstanceError):
        tiny_opened.terms["CDMO:0000301"].label = "other"  # type: ignore[misc]


def test_tables_have_a_row_for_each_value_and_the_same_words(tiny_opened: cdmo.Opened) -> None:
    assert list(tiny_opened.frame("terms").label) == [t.label for t in tiny_opened.terms.values()]
    assert len(tiny_opened.frame("claims")) == len(tiny_opened.claims)
    citations = tiny_opened.frame("citations")
    assert len(citations) == sum(len(c.citations) for c in tiny_opened.claims.values())
    assert "HP:0000951" in set(tiny_opened.frame("mappings").target)
    with pytest.raises(ValueError, match="There is no table 'words'"):
        tiny_opened.frame("words")  # type: ignore[arg-type]


def test_the_world_has_every_class_and_the_inferred_parents(tiny_opened: cdmo.Opened) -> None:
    world = tiny_opened.world()
    classes = {c.iri for c in world.classes()}
    assert {t.iri for t in tiny_opened.terms.values() if t.kinds != ("organization",)} <= classes
    knee = world.search_one(label="green knee")
    assert "condition" in names_above(knee)


def names_above(entity: Any) -> set[str]:
    return {str(label) for parent in entity.ancestors() for label in parent.label}


def test_the_dataset_is_the_release(tiny_opened: cdmo.Opened) -> None:
    assert len(tiny_opened.dataset()) > 1000


# -- labels in several languages --------------------------------------------------------------


GERMAN = {
    "green knee": "Grünes Knie",
    "green spot": "Grüner Fleck",
    "inspection": "Anschauen",
    "itch": "Jucken",
    "washing": "Abwaschen",
}

QUESTION = "?i rdfs:label ?intervention ."
IN_ENGLISH = "FILTER(LANGMATCHES(LANG(?intervention), 'en'))"
"""The filter for English labels, as in the editors' guide."""


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """The tiny sources with German labels that sort before the English ones."""
    sources = copy_tiny(tmp_path_factory.mktemp("german"))
    path = sources.ontology / "modules" / "terms.ttl"
    text = path.read_text(encoding="utf-8")
    for english, name in GERMAN.items():
        label = f'rdfs:label "{english}"@en'
        assert label in text
        text = text.replace(label, f'rdfs:label "{name}"@de , "{english}"@en')
    path.write_text(text, encoding="utf-8")
    question = sources.ontology / "questions" / "what-treats.ttl"
    text = question.read_text(encoding="utf-8")
    assert QUESTION in text
    question.write_text(text.replace(QUESTION, f"{QUESTION} {IN_ENGLISH}"), encoding="utf-8")
    format_sources(sources.turtle_files, read_prefixes(sources).prefixes, sources=sources)
    return sources


@pytest.fixture(scope="module")
def german_release(german: Sources, tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build(german, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def german_library(german_release: Release) -> Library:
    return Library(open_store(german_release), Names(german_release.manifest.prefixes))


def test_a_german_label_is_no_error(german: Sources) -> None:
    """The mapping that repeats the English label stays valid too."""
    assert [v for v in check(german) if v.severity == "error"] == []


def test_a_claim_has_one_label_and_it_is_english(german_library: Library, release: Release) -> None:
    english = Library(open_store(release), Names(release.manifest.prefixes))
    for iri, claim in german_library.claims.items():
        assert claim.ref == english.claims[iri].ref


def test_cards_search_and_why_use_the_english_label(
    german_library: Library, german_release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    knee = "https://w3id.org/cdmo/id/CDMO_0000001"
    assert card(german_library, knee)["label"] == "green knee"
    index = Index(search_entries(german_library))
    assert index.search("green knee").hits[0].entry.label == "green knee"
    words = ["why", "inspection", "detects", "green spot", "--release", str(german_release.path)]
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("inspection detects green spot: graph:stated")


def test_a_page_has_the_english_label_as_its_title(german_release: Release) -> None:
    page = client_of(german_release).get("/doc/id/CDMO_0000001.html").get_data(as_text=True)
    assert "<title>green knee" in page


def test_a_term_names_all_its_labels(german_release: Release) -> None:
    opened = cdmo.release(german_release.path)
    term = opened.terms["CDMO:0000001"]
    assert term.label == "green knee"
    assert set(term.labels) == {("de", "Grünes Knie"), ("en", "green knee")}
    assert opened.frame("terms").label["CDMO:0000001"] == "green knee"
