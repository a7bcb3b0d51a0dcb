"""Templates show values: none queries the store, not even through a cached property."""

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
import pytest
from flask import Flask, before_render_template, render_template_string, template_rendered

from service.release import Release, open_store
from service.site import site as site_module

from .client import HTML, client_of
from .page_types import FOUND

ENGINE = ("/query?question", "/query?query", "/sparql")
"""Pages that may query the engine, which does not run here."""

PAGES = (
    *(path for path in FOUND if not path.startswith(ENGINE)),
    "/opensearch.xml",
    "/sitemap.xml",
    "/nothing",
)


class GuardedStore:
    """A store that refuses all queries while a template is being rendered."""

    rendering = False

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        assert not self.rendering, f"a template asks the store: {name}"
        return getattr(self._store, name)


@pytest.fixture
def guarded(small_release: Release, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application with empty caches over a guarded store."""
    monkeypatch.setattr(site_module, "open_store", lambda r: GuardedStore(open_store(r)))
    app = client_of(small_release).application

    def begin(*_: Any, **__: Any) -> None:
        monkeypatch.setattr(GuardedStore, "rendering", True)

    def end(*_: Any, **__: Any) -> None:
        monkeypatch.setattr(GuardedStore, "rendering", False)

    with before_render_template.connected_to(begin), template_rendered.connected_to(end):
        yield app


@pytest.mark.parametrize("path", PAGES)
def test_a_template_asks_no_query(guarded: Flask, path: str) -> None:
    with guarded.test_client() as client:
        response = client.get(path, headers=HTML)
    assert response.status_code == (404 if path == "/nothing" else 200)


def test_the_guard_detects_a_query_in_a_template(guarded: Flask) -> None:
    library = guarded.extensions["site"].library

    def about() -> str:
        return render_template_string("{{ library.ref('http://e/x').label }}", library=library)

    guarded.view_functions["about.about"] = about
    assert guarded.test_client().get("/about").status_code == 500
