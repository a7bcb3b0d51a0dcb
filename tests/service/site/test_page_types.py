"""The list of pages for other tests has every sort of page."""

from pathlib import Path

import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient

from service.site.documents import VIEWS

from .client import HTML
from .page_types import FOUND, PROBLEMS

OTHER_DATA = {"data.html", "described.html", "found.html", "terms.html"}
"""Templates for other people's data, which ``test_other_data_in_browser.py`` opens."""

FRAME = {"base.html"}


@pytest.fixture(scope="module")
def rendered(app: Flask) -> dict[str, list[str]]:
    """Return each template to the paths of the list that render it."""
    pages: dict[str, list[str]] = {}
    client = app.test_client()
    for path in (*FOUND, *(p for p in PROBLEMS if not p.startswith("/sparql"))):
        names: list[str] = []

        def note(_: Flask, template: object, names: list[str] = names, **__: object) -> None:
            names.append(getattr(template, "name", None) or "")

        with template_rendered.connected_to(note, app):
            response = client.get(path, headers=HTML)
        assert response.status_code == PROBLEMS.get(path, 200), path
        for name in names:
            pages.setdefault(name, []).append(path)
    return pages


def test_every_template_of_a_page_is_rendered(app: Flask, rendered: dict[str, list[str]]) -> None:
    folder = Path(app.root_path) / (app.template_folder or "")
    pages = {path.name for path in folder.glob("[!_]*.html")}
    assert pages - FRAME - OTHER_DATA - rendered.keys() == set()


def test_every_sort_of_resource_is_described(rendered: dict[str, list[str]]) -> None:
    templates = {template for template, _ in VIEWS.values()}
    assert templates <= rendered.keys()


def test_every_page_without_parameters_is_on_the_list(app: Flask) -> None:
    """A new page must be added to the list."""
    client: FlaskClient = app.test_client()
    listed = {path.partition("?")[0] for path in FOUND}
    missing = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.rule not in listed
        if client.get(rule.rule, headers=HTML).mimetype == "text/html"
        and client.get(rule.rule, headers=HTML).status_code == 200
    ]
    assert missing == []
