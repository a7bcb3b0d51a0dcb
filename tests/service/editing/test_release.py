"""``cdmo release``: one version number everywhere, and a list of released IRIs."""

import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest

from service import iris
from service.cli import main
from service.editing.edits import Edits
from service.editing.publish import publish
from service.pipeline import build, check, graphs, integrity
from service.pipeline.loading import load
from service.pipeline.violations import errors
from service.problems import UsageError
from service.release import open_release
from service.sources import Sources
from tests.first_version import before_any_release
from tests.service.site.client import HTML, client_of, words

ROOT = Path(__file__).resolve().parents[3]
DAY = date(2026, 11, 23)
LOG = "# Changelog\n\n## 0.1.0 (unreleased)\n\n- A tiny change.\n"

Files = Callable[[Sources], dict[Path, bytes]]


def git(root: Path, *words: str) -> None:
    identity = ("-c", "user.name=Tiny", "-c", "user.email=tiny@example.org")
    subprocess.run(["git", "-C", str(root), *identity, *words], check=True, capture_output=True)


def commit_all(root: Path) -> None:
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "All")


@pytest.fixture
def checkout(tiny: Sources, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """The tiny sources in a clean checkout as the current folder."""
    root = tiny.ontology.parent
    (root / "CHANGELOG.md").write_text(LOG)
    (root / "CITATION.cff").write_text("title: Tiny\nversion: 0.1.0\nlicense: Apache-2.0\n")
    commit_all(root)
    monkeypatch.chdir(root)
    monkeypatch.setattr("service.sources.locate", lambda: tiny)
    return tiny


def published(sources: Sources, version: str) -> list[str]:
    edits = Edits.of(sources)
    new = publish(edits, version, DAY)
    edits.write()
    return new


def test_the_version_and_the_day_stand_everywhere(checkout: Sources) -> None:
    root = checkout.ontology.parent
    (root / "CHANGELOG.md").write_text("## Unreleased\n\n- A tiny change.\n")
    published(checkout, "0.2.0")
    header = (checkout.ontology / "ontology.ttl").read_text()
    assert 'owl:versionInfo "0.2.0"' in header
    assert "owl:versionIRI <https://w3id.org/cdmo/ontology/0.2.0>" in header
    assert 'dcterms:issued "2026-11-23"^^xsd:date' in header
    assert 'dcterms:modified "2026-11-23"^^xsd:date' in header
    assert '#mapping_set_version: "0.2.0"' in (checkout.mappings / "hp.sssom.tsv").read_text()
    citation = "title: Tiny\nversion: 0.2.0\ndate-released: 2026-11-23\nlicense: Apache-2.0\n"
    assert (root / "CITATION.cff").read_text() == citation
    log = "## 0.2.0 (2026-11-23)\n\n- A tiny change.\n"
    assert (root / "CHANGELOG.md").read_text() == log
    assert not [p for p in root.rglob("*.t*") if '"0.1.0"' in p.read_text()]


def test_the_list_of_released_iris_only_grows(checkout: Sources) -> None:
    first = published(checkout, "0.1.0")
    assert f"{iris.TERM}CDMO_0000100" in first
    path = checkout.ontology / integrity.RELEASED
    before = path.read_text().splitlines()
    (checkout.ontology.parent / "CHANGELOG.md").write_text("## Unreleased\n")
    assert published(checkout, "0.2.0") == [f"{iris.ONTOLOGY}/0.1.0"]
    assert sorted(path.read_text().splitlines()) == sorted([*before, f"{iris.ONTOLOGY}/0.1.0"])


def test_the_previous_version_keeps_its_address(checkout: Sources, tmp_path: Path) -> None:
    published(checkout, "0.1.0")
    (checkout.ontology.parent / "CHANGELOG.md").write_text("## Unreleased\n")
    assert published(checkout, "0.2.0") == ["https://w3id.org/cdmo/ontology/0.1.0"]
    assert not errors(check(checkout))
    header = (checkout.ontology / "ontology.ttl").read_text()
    assert "owl:priorVersion <https://w3id.org/cdmo/ontology/0.1.0>" in header
    client = client_of(build(checkout, tmp_path / "dist"))
    for version in ("0.1.0", "0.2.0"):
        page = client.get(f"/ontology/{version}", headers=HTML, follow_redirects=True)
        assert page.status_code == 200
    first = client.get("/ontology/0.1.0", headers=HTML, follow_redirects=True)
    assert "Calcinosis Dermatomyositis Ontology 0.1.0" in words(first.text)


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("0.0.9", "not higher than 0.1.0"),
        ("0.2", "three numbers"),
        ("v0.2.0", "three numbers"),
    ],
)
def test_a_version_that_is_not_the_next_is_refused(
    checkout: Sources, version: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        publish(Edits.of(checkout), version, DAY)


def test_a_version_is_released_once(checkout: Sources) -> None:
    published(checkout, "0.1.0")
    with pytest.raises(UsageError, match=r"not higher than 0\.1\.0"):
        publish(Edits.of(checkout), "0.1.0", DAY)


@pytest.mark.parametrize(
    ("log", "says"), [("# Changelog\n", "no heading"), ("## 0.3.0 (unreleased)\n", "announces")]
)
def test_a_log_without_the_version_is_refused(checkout: Sources, log: str, says: str) -> None:
    (checkout.ontology.parent / "CHANGELOG.md").write_text(log)
    with pytest.raises(UsageError, match=says):
        publish(Edits.of(checkout), "0.2.0", DAY)


def test_a_checkout_with_changes_or_an_existing_tag_is_refused(
    checkout: Sources, files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    root = checkout.ontology.parent
    git(root, "tag", "v0.2.0")
    assert main(["release", "0.2.0"]) == 2
    assert "The tag v0.2.0 exists" in capsys.readouterr().err
    (root / "note.txt").write_text("Not yet committed.\n")
    before = files(checkout)
    assert main(["release", "0.3.0"]) == 2
    assert "commit them first (note.txt)" in capsys.readouterr().err
    assert files(checkout) == before


def test_sources_with_errors_are_refused(
    checkout: Sources, files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    terms = checkout.ontology / "modules" / "terms.ttl"
    terms.write_text(terms.read_text().replace('rdfs:label "itch"@en', 'rdfs:label "Itch "@en'))
    commit_all(checkout.ontology.parent)
    before = files(checkout)
    assert main(["release", "0.1.0"]) == 1
    assert "nothing was written" in capsys.readouterr().err
    assert files(checkout) == before


def test_it_reports_the_written_files_and_the_next_steps(
    checkout: Sources, files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(checkout)
    assert main(["release", "0.1.0", "--dry-run"]) == 0
    assert "+## 0.1.0 (" in capsys.readouterr().out
    assert files(checkout) == before
    assert main(["release", "0.1.0"]) == 0
    out = capsys.readouterr().out
    assert "ontology/released-iris.txt: written" in out
    assert "tag --annotate v0.1.0" in out
    assert main(["check"]) == 0


def test_tests_can_reset_any_release_to_the_first_version(real: Sources, files: Files) -> None:
    before = files(before_any_release(real))
    published(real, "0.2.0")
    published(real, "0.3.0")
    assert files(real) != before
    assert files(before_any_release(real)) == before


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """The real project after its first release, in a checkout of its own."""
    root = tmp_path_factory.mktemp("released") / "cdmo"
    names = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    sources, log = Sources(root / "ontology", root / "mappings"), root / "CHANGELOG.md"
    for version in ("98.0.0", "99.0.0"):
        text = re.sub(r"^## .*\n", "", log.read_text(), count=1, flags=re.M)
        log.write_text(f"# Changelog\n\n## Unreleased\n\n- A change.\n\n{text}")
        if version == "98.0.0":
            published(sources, version)
        commit_all(root)
    done = cdmo(root, "release", "99.0.0")
    assert done.returncode == 0, done.stderr
    return sources


def cdmo(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "service", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.mark.slow
class TestReal:
    """A release of the real project protects every IRI in it."""

    def test_the_check_passes_afterwards(self, released: Sources) -> None:
        done = cdmo(released.root, "check")
        assert done.returncode == 0, done.stdout
        assert '__version__ = "99.0.0"' in (released.root / "service/__init__.py").read_text()
        for path in released.mappings.glob("*.sssom.tsv"):
            assert '#mapping_set_version: "99.0.0"' in path.read_text("utf-8"), path

    def test_terms_are_added_renamed_split_and_retired_as_before(
        self, released: Sources, tmp_path: Path
    ) -> None:
        root = tmp_path / "next"
        shutil.copytree(released.root, root)
        for line in (
            "new term 'new drug' --parent medication --definition 'a medication that is new'",
            "rename 'new drug' 'newest drug'",
            "rename 'calcium channel blocker' 'calcium antagonist'",
            "merge CDMO:0000106 CDMO:0000107",
            "retire CDMO:0000632 --reason split --consider CDMO:0000631 --retire-claims",
            "check",
        ):
            done = cdmo(root, *shlex.split(line))
            assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        assert "CDMO:0000632 a" in (root / "ontology/modules/obsolete.ttl").read_text()

    def test_a_build_reports_the_changes_since_the_previous_version(
        self, released: Sources, tmp_path: Path
    ) -> None:
        done = cdmo(released.root, "build", "--dist", str(tmp_path))
        assert done.returncode == 0, done.stderr
        page = client_of(open_release(tmp_path / "current")).get("/ontology/98.0.0")
        assert page.status_code == 303

    def test_a_dropped_resource_of_each_sort_is_reported_with_its_line(
        self, released: Sources
    ) -> None:
        listed = (released.ontology / integrity.RELEASED).read_text().splitlines()
        sorts: dict[str, dict[str, int]] = defaultdict(dict)
        for number, iri in enumerate(listed[1:], 2):
            sorts[iri.removeprefix(iris.BASE).partition("/")[0]][iri] = number
        expected = {"id", "claim", "passage", "source", "question", "tension", "schema", "graph"}
        assert {*expected, "mapping", "ontology"} <= sorts.keys()
        for sort, lines in sorts.items():
            loaded, _ = load(released)
            if sort == "mapping":
                elsewhere = Sources(released.ontology, released.root / "service")
                loaded = replace(loaded, sources=elsewhere)
            for iri in lines:
                drop(loaded.store, iri)
            dropped = integrity.check_released_iris(loaded)
            assert {v.line for v in dropped} == set(lines.values()), sort
            assert {v.severity for v in dropped} == {"error"}

    def test_a_mapping_set_that_is_dropped_fails_the_check(self, released: Sources) -> None:
        path = released.mappings / "xco.sssom.tsv"
        text = path.read_bytes()
        path.unlink()
        done = cdmo(released.root, "check", "--format", "github")
        path.write_bytes(text)
        assert done.returncode == 1
        assert "released-iri-dropped" in done.stdout


def drop(store: ox.Store, iri: str) -> None:
    """Remove the block of a resource, but not its display words in ``display.ttl``."""
    blocks = list(store.quads_for_pattern(ox.NamedNode(iri), None, None, None))
    about = graphs.graph("about")
    elsewhere = [quad for quad in blocks if quad.graph_name != about]
    for quad in elsewhere or blocks:
        store.remove(quad)
