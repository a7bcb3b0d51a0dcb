"""An export is the served site as files: the same pages and data, and no dead link."""

import json
import os
import re
import signal
from html import unescape
from pathlib import Path

import pytest

from service import cli
from service.export import DATA, export
from service.export.destination import MARK, destination
from service.export.links import rewritten
from service.export.plan import ABSOLUTE, NEEDS_A_SERVER, Plan
from service.formats import TURTLE
from service.problems import UsageError
from service.release import Release
from service.site.exported import Exported
from service.site.query import vendor

from ..site.client import client_of
from .conftest import PUBLIC
from .pages import dead_links, targets

LINKS = re.compile(r'\s(?:href|src|action|formaction)="[^"]*"')
ADDED = re.compile(
    r'<meta http-equiv="Content-Security-Policy"[^>]*>\n'
    r'<script type="module"[^>]*answers.js"></script>\n'
)
OF_EXPORTS = {"/search", "/query", "/api/", "/a-z/"}
"""Pages that an export has instead of served ones, or in addition."""


def without_links(html: str) -> str:
    """Return a page without its links' addresses and its ``link`` elements."""
    html = re.sub(r"<link\b[^>]*>\n?", "", ADDED.sub("", html))
    return re.sub(r"(?<=<head>)\s+|\n+", "\n", LINKS.sub("", html))


def test_every_route_is_exported_or_listed_with_a_reason(source: Exported) -> None:
    match = source.app.url_map.bind("").match
    written = {match(address.partition("?")[0])[0] for address in Plan(source, DATA).files}
    rules = source.app.url_map.iter_rules()
    routes = {rule.endpoint for rule in rules if "GET" in (rule.methods or ())}
    assert written | NEEDS_A_SERVER.keys() | ABSOLUTE | {"static"} == routes
    assert not written & NEEDS_A_SERVER.keys()


def test_every_address_has_a_file_of_its_own(source: Exported) -> None:
    files = [*Plan(source, DATA).files.values()]
    assert len(files) == len(set(files))


def test_no_link_is_dead(exported_tiny: Path) -> None:
    assert dead_links(exported_tiny, "/cdmo/") == []


def test_only_links_to_further_narrowed_lists_or_to_the_server_are_dropped(
    release: Release, source: Exported
) -> None:
    client, plan = client_of(release), Plan(source, DATA)
    match = source.app.url_map.bind("").match
    for address in plan.take_pages():
        html = client.get(address, headers={"Accept": "text/html"}).text
        for link in map(unescape, re.findall(r'<(?:a|link|img|script) [^>]*="(/[^"]*)"', html)):
            path, narrowed, _ = link.partition("#")[0].partition("?")
            if plan.resolve(link) is None and not narrowed:
                assert match(path)[0] in {*NEEDS_A_SERVER, *ABSOLUTE}, (address, link)


def test_links_are_relative_to_the_page(exported_tiny: Path) -> None:
    for page in exported_tiny.rglob("*.html"):
        for _, link, _ in targets(page, exported_tiny):
            assert page.name == "404.html" or not link.startswith("/"), page


def test_the_page_for_missing_addresses_works_at_any_depth(exported_tiny: Path) -> None:
    """Hosts show it at the requested address."""
    links = {link for _, link, _ in targets(exported_tiny / "404.html", exported_tiny)}
    ours = {link for link in links if not link.startswith(("http", "#"))}
    assert ours
    assert all(link.startswith("/cdmo/") for link in ours)


def test_pages_are_those_of_the_service_except_for_links(
    release: Release, source: Exported, exported_tiny: Path
) -> None:
    client, compared = client_of(release), 0
    for address, file in Plan(source, DATA).files.items():
        if file.endswith(".html") and address not in OF_EXPORTS:
            served = client.get(address, headers={"Accept": "text/html"}).text
            page = (exported_tiny / file).read_text("utf-8")
            assert without_links(page) == without_links(served), address
            compared += 1
    assert compared > 50


def test_data_are_those_of_the_service(
    release: Release, source: Exported, exported_tiny: Path
) -> None:
    client = client_of(release)
    for address, file in Plan(source, DATA).files.items():
        if not file.endswith(".html") and address not in (
            "/search-index.json",
            "/query/names.json",
        ):
            response = client.get(address, headers={"Accept": "*/*"}, buffered=True)
            assert (exported_tiny / file).read_bytes() == response.data, address


def test_every_thing_is_there_in_every_format(source: Exported, exported_tiny: Path) -> None:
    library = source.site.library
    for iri in library.documents:
        path = library.names.document(iri) or ""
        for suffix in ("html", *(fmt.extension for fmt in DATA)):
            assert (exported_tiny / f"{path[1:]}.{suffix}").is_file(), iri


def test_lists_narrowed_by_one_parameter_are_pages(exported_tiny: Path) -> None:
    narrowed = exported_tiny / "statements" / "standing-hedged.html"
    whole = exported_tiny / "statements" / "index.html"
    links = {link for _, link, _ in targets(whole, exported_tiny)}
    assert "standing-hedged.html" in links
    links = {link for _, link, _ in targets(narrowed, exported_tiny)}
    assert "./" in links, "the facet is taken off again"


def test_links_to_formats_that_were_not_chosen_are_left_out(source: Exported) -> None:
    plan = Plan(source, [TURTLE])
    term = "/doc/id/CDMO_0000100"
    assert {f for a, f in plan.files.items() if a.startswith(term)} == {
        "doc/id/CDMO_0000100.ttl",
        "doc/id/CDMO_0000100.html",
    }
    html = (
        '<meta charset="utf-8">\n'
        f'<link rel="alternate" href="{term}.rdf"><link rel="alternate" href="{term}.ttl">'
        f'<a class="tag" href="{term}.nt">N-Triples</a> <a href="{term}">itch</a>'
        '<form action="/mappings/"><input name="code"></form>'
    )
    page = rewritten(html, "doc/claim/1.html", plan.resolve)
    assert page.endswith(
        '<link rel="alternate" href="../id/CDMO_0000100.ttl">'
        '<a class="tag">N-Triples</a> <a href="../id/CDMO_0000100.html">itch</a>'
        '<form action="../../search.html"><input name="code"></form>'
    )


def test_files_that_name_the_address_of_the_site(exported_tiny: Path) -> None:
    locations = re.findall("<loc>(.*?)</loc>", (exported_tiny / "sitemap.xml").read_text())
    assert f"{PUBLIC}doc/id/CDMO_0000100.html" in locations
    for location in locations:
        file = exported_tiny / location.removeprefix(PUBLIC)
        assert (file / "index.html" if location.endswith("/") else file).is_file(), location
    search = (exported_tiny / "opensearch.xml").read_text()
    assert f'template="{PUBLIC}search.html?q={{searchTerms}}"' in search
    assert f"Sitemap: {PUBLIC}sitemap.xml" in (exported_tiny / "robots.txt").read_text()


def test_only_the_query_page_may_run_webassembly(exported_tiny: Path, release: Release) -> None:
    pages = exported_tiny.rglob("*.html")
    running = {page.name for page in pages if "wasm-unsafe-eval" in page.read_text("utf-8")}
    assert running == {"query.html"}
    for page in exported_tiny.rglob("*.html"):
        assert "default-src 'self'; " in page.read_text("utf-8"), page
    policy = client_of(release).get("/query").headers["Content-Security-Policy"]
    assert "wasm" not in policy


def test_without_the_engine_the_query_page_says_what_to_do(
    source: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor, "VENDOR", tmp_path)
    _, page = source.get("/query", "text/html")
    assert b"made without its query editor" in page
    assert b"exported/query.js" not in page


# -- the folder -------------------------------------------------------------------------------


def test_a_folder_with_other_files_is_refused(
    release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    verb = ["export", "site", str(tmp_path), "--release", str(release.path)]
    assert cli.main(verb) == 2
    assert "no earlier export" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_an_earlier_export_is_replaced_and_other_files_stay(tmp_path: Path) -> None:
    folder = tmp_path / "public"
    with destination(folder, {"version": "1"}) as new:
        (new / "doc").mkdir()
        (new / "doc" / "old.ttl").touch()
        (new / "terms.csv").touch()
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/gh-pages")
    (folder / "CNAME").write_text("cdmo.example.org")
    with destination(folder, {"version": "2"}) as new:
        (new / "doc").mkdir()
        (new / "doc" / "new.ttl").touch()
    assert (folder / ".git" / "HEAD").is_file()
    assert {path.name for path in folder.iterdir()} == {".git", "CNAME", "doc", MARK}
    assert [path.name for path in (folder / "doc").iterdir()] == ["new.ttl"]
    assert json.loads((folder / MARK).read_text())["version"] == "2"
    assert [path.name for path in tmp_path.iterdir()] == ["public"], "nothing is left beside it"


@pytest.mark.parametrize("renames", range(3))
def test_remains_of_a_killed_export_are_cleared_up_by_the_next(
    tmp_path: Path, renames: int
) -> None:
    """Other files in its folder are not lost."""
    folder = tmp_path / "public"
    with destination(folder, {}) as new:
        (new / "terms.csv").touch()
    (folder / ".git").mkdir()
    pid = os.fork()
    if pid == 0:
        left, rename = renames, Path.rename

        def rename_or_die(path: Path, target: Path) -> Path:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return rename(path, target)

        Path.rename = rename_or_die  # type: ignore[method-assign,assignment]
        with destination(folder, {}) as new:
            (new / "terms.csv").touch()
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
    assert len([*tmp_path.iterdir()]) == (1 if renames == 1 else 2)
    with destination(folder, {}) as new:
        (new / "statements.csv").touch()
    assert {path.name for path in folder.iterdir()} == {".git", "statements.csv", MARK}
    assert [path.name for path in tmp_path.iterdir()] == ["public"]


def test_an_export_that_fails_leaves_the_earlier_one(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "public"
    with destination(folder, {}) as new:
        (new / "terms.csv").write_text("term")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageError, match="No space left"):
        export(release, folder, print)
    assert (folder / "terms.csv").read_text() == "term"
    assert [path.name for path in tmp_path.iterdir()] == ["public"]


@pytest.mark.parametrize("public", ["example.org", "ftp://e.org/", "https://e.org/?a", "https://"])
def test_an_invalid_public_address_is_refused(
    release: Release, tmp_path: Path, public: str
) -> None:
    with pytest.raises(UsageError, match="public_url"):
        export(release, tmp_path / "public", print, public=public)


def test_an_unknown_format_is_refused(
    release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verb = ["export", "site", str(tmp_path / "public"), "--release", str(release.path)]
    assert cli.main([*verb, "--formats", "ttl,pdf"]) == 2
    assert "no format pdf" in capsys.readouterr().err
