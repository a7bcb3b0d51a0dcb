"""A second document, encoded only by the commands in ``data/second/commands.txt``."""

import os
import shlex
import shutil
from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox
import pytest

from service import iris
from service.cli import main
from service.editing.lookup import Lookup
from service.pipeline import check, graphs
from service.pipeline.loading import load
from service.rdf.terms import Term
from service.sources import Sources, locate
from tests import second

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
BESIDE = ROOT.parent / "shared" / "source"
BY_WHOM_AND_WHEN = {iris.DCTERMS + name for name in ("contributor", "created")}
NUMBERED = ("claim:", "CDMO:", "tension:")


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """Execute the commands in a copy of the checkout."""
    folder = tmp_path_factory.mktemp("encoded")
    for name in ("ontology", "mappings", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    for path in second.SECOND.glob("*.*"):
        shutil.copy(path, folder)
    lines = (second.SECOND / "commands.txt").read_text(encoding="utf-8").splitlines()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        # The tests below check the result once.
        patch.setattr("service.editing.trial.refuse_new_errors", lambda _: [])
        for line in filter(None, lines):
            program, *words = shlex.split(line)
            assert (program, main(words)) == ("cdmo", 0), line
    return Sources(folder / "ontology", folder / "mappings")


def test_the_encoded_sources_have_no_violation(encoded: Sources, second_text: str) -> None:
    """The passages of both documents are verified, if the first document is available."""
    files = [Path(os.environ["CDMO_SOURCE"])] if "CDMO_SOURCE" in os.environ else []
    files = files or sorted(BESIDE.glob("*.txt"))
    documents = [second_text, *(path.read_bytes().decode("utf-8") for path in files[:1])]
    assert [str(violation) for violation in check(encoded, *documents)] == []


def test_the_encoded_sources_are_those_of_the_world_two(
    encoded: Sources, two_sources: Sources
) -> None:
    """Only identifiers of new resources, authors and dates of terms differ."""
    first = stated(locate())
    one, other = (stated(sources) - first for sources in (encoded, two_sources))
    assert len(one) > 300
    assert one == other


def stated(sources: Sources) -> set[str]:
    """Return the triples about terms, claims, documents and words, each as a line.

    Numbered resources are replaced by their labels, and blank nodes by their contents.
    """
    loaded, _ = load(sources)
    words = Lookup(loaded).in_words
    about: dict[Term, list[ox.Triple]] = defaultdict(list)
    for triple in graphs.triples(loaded.store, "ontology", "claims", "about"):
        if triple.predicate.value not in BY_WHOM_AND_WHEN:
            about[triple.subject].append(triple)

    def name(node: Term) -> str:
        if isinstance(node, ox.BlankNode):
            parts = (f"{t.predicate.value} {name(t.object)}" for t in about[node])
            return f"[{'; '.join(sorted(parts))}]"
        curie = loaded.name(node) if isinstance(node, ox.NamedNode) else str(node)
        return words.get(curie, curie) if curie.startswith(NUMBERED) else curie

    return {
        f"{name(subject)} {triple.predicate.value} {name(triple.object)}"
        for subject, triples in about.items()
        if not isinstance(subject, ox.BlankNode)
        for triple in triples
    }
