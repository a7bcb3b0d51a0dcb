"""Templates show values: none of them asks the store, not even through a cached property."""

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
import pytest
from flask import Flask, before_render_template, render_template_string, template_rendered

from service.release import Release, open_store
from service.site import site as site_module

from .client import HTML, client_of

PAGES = [
    "/",
    "/about",
    "/browse/",
    "/browse/Intervention?standing=qualified",
    "/statements/?narrowed=CDMO_0000001",
    "/questions/",
    "/tensions/?section=cdct-drugs&term=bisphosphonate",
    "/mappings/?vocabulary=HP",
    "/mappings/?code=pain",
    "/compare?a=bisphosphonate&b=medication",
    "/search?q=pain",
    "/changes",
    "/downloads",
    "/problems/",
    "/problems/query-timeout",
    "/query?edit=1&question=off-label",
    "/opensearch.xml",
    "/sitemap.xml",
    "/nothing",
    "/doc/id/CDMO_0000003",
    "/doc/id/CDMO_0000005",
    "/doc/id/CDMO_0000006",
    "/doc/id/CDMO_0000007",
    "/doc/id/CDMO_0000008",
    "/doc/claim/0000001",
    "/doc/passage/cdct-001",
    "/doc/passage/cdct-002",
    "/doc/source/cdct",
    "/doc/source/cdct-drugs",
    "/doc/source/cdct-list-001",
    "/doc/tension/0001",
    "/doc/question/off-label",
    "/doc/schema/treats",
    "/doc/schema/Intervention",
    "/doc/schema/qualified",
    "/doc/mapping/hp",
    "/doc/graph/claims",
    "/doc/ontology",
]
"""One page of each sort, and those with a macro or an include of their own."""


class GuardedStore:
    """A store that refuses every question while a template renders."""

    rendering = False

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        assert not self.rendering, f"a template asks the store: {name}"
        return getattr(self._store, name)


@pytest.fixture
def guarded(small_release: Release, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application that has cached nothing yet, over a guarded store."""
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


def test_the_guard_sees_a_template_that_does(guarded: Flask) -> None:
    library = guarded.extensions["site"].library

    def about() -> str:
        return render_template_string("{{ library.ref('http://e/x').label }}", library=library)

    guarded.view_functions["about.about"] = about
    assert guarded.test_client().get("/about").status_code == 500
