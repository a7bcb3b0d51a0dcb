"""The values that views share: entity tags, texts of passages, other people's data."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from service.iris import BASE
from service.library import Library
from service.library.data import Values
from service.pipeline.foreign import graph_of, load
from service.release import Release
from service.settings import Settings
from service.site.site import Site

from .client import client_of

ROOT = Path(__file__).parents[3]
DOCUMENT = "Drugs\nSome drugs – “bisphosphonates” – help.\n"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "document.txt"
    path.write_text(DOCUMENT, encoding="utf-8")
    return path


def test_a_passage_shows_its_text_only_if_the_digest_matches(
    small_release: Release, document: Path
) -> None:
    site = Site(Settings(source_files=(document,)), small_release)
    passage = site.library.passages[BASE + "passage/cdct-002"]
    assert site.passage_text(passage) is None
    text = DOCUMENT[6:40]
    matching = replace(passage, digest=sha256(text.encode()).hexdigest())
    assert site.passage_text(matching) == text, "positions count code points, not bytes"


def test_without_the_document_there_is_no_text(small_release: Release) -> None:
    site = Site(Settings(), small_release)
    passage = site.library.passages[BASE + "passage/cdct-002"]
    assert not site.texts
    assert site.passage_text(passage) is None


def test_the_entity_tag_depends_on_release_code_format_and_document(
    small_release: Release, document: Path
) -> None:
    plain, with_text = (
        Site(Settings(), small_release),
        Site(Settings(source_files=(document,)), small_release),
    )
    assert plain.etag("ttl") == Site(Settings(), small_release).etag("ttl")
    assert len({plain.etag("ttl"), plain.etag("html"), with_text.etag("html")}) == 3
    assert small_release.manifest.digest[:16] in plain.etag("ttl")


def test_a_resource_without_its_type_or_place_gets_a_plain_page(tmp_path: Path) -> None:
    file = tmp_path / "incomplete.ttl"
    spaces = ("passage", "source", "tension", "claim", "question", "id", "schema", "mapping")
    subjects = [f"{BASE}{space}/x" for space in spaces]
    file.write_text("".join(f"<{iri}> <http://e/p> <http://e/o> .\n" for iri in subjects))
    target = tmp_path / "release"
    target.mkdir()
    client = client_of(load({graph_of(file): file}, target))
    for iri in subjects:
        response = client.get("/doc/" + iri.removeprefix(BASE), headers={"Accept": "text/html"})
        assert response.status_code == 200, iri


def test_pages_of_other_peoples_data_do_not_mention_the_document(tmp_path: Path) -> None:
    """``cdmo serve --data`` shows no claim, licence or menu of ours."""
    file = tmp_path / "mine.ttl"
    file.write_text("<http://e/a> <http://e/b> 1, 2 .")
    target = tmp_path / "release"
    target.mkdir()
    client = client_of(load({graph_of(file): file}, target))
    statuses = {"/": 200, "/sparql": 200, "/query": 200, "/nonsense": 404, "/about": 404}
    for path, status in statuses.items():
        response = client.get(path, headers={"Accept": "text/html"})
        assert response.status_code == status, path
        for word in (
            "the article",
            "web article",
            "creativecommons",
            "medical",
            "calcinosis",
            "schema-org",
        ):
            assert word not in response.text, (path, word)
        assert "mine.ttl" in response.text
    home = client.get("/").text
    assert "2 triples" in home
    assert graph_of(file) in home
    assert "/browse/" not in client.get("/sitemap.xml").text


@pytest.mark.parametrize("target", ["/", "/search?q=car", "/terms?sort=class"])
def test_no_page_of_other_peoples_data_queries_for_our_schema(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """These queries would read every type and definition: seconds for a million triples."""
    read, queries = Library.read, []

    def noted(library: Library, query: str) -> Mapping[str, Values]:
        queries.append(query)
        return read(library, query)

    monkeypatch.setattr(Library, "read", noted)
    file = ROOT / "tests" / "data" / "vocabularies" / "vehicles.ttl"
    client = client_of(load({graph_of(file): file}, tmp_path))
    assert client.get(target).status_code == 200
    assert "schema" not in queries
