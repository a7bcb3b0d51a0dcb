"""Requests that no page sends are refused with the right status and a short answer."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import create_environ, run_wsgi_app

from .client import HTML

MALFORMED = [
    "/doc/%25",
    "/id/%25",
    "/doc/id/a%5B",
    "/doc/id/a%23b%23c",
    "/doc/id/%F3%A0%80%81",
    "/doc/id/%00",
    "/doc/id/a%20b.ttl",
    "/id/%FF",
    "/graph/%7B%7D",
    "/ontology/%25",
    "/ontology/%EF%BF%BD",
    "/query?question=%25",
    "/query?question=a%20b",
    "/statements/?narrowed=%25",
    "/statements/?narrowed=%00",
    "/statements/?standing=%25",
    "/statements/?section=nothing",
    "/browse/Intervention?vocabulary=nothing",
    "/browse/%25",
    "/downloads/%25",
    "/downloads/..%2Fmanifest.json",
    "/problems/%25",
    "/static/%00",
]
"""Addresses that can name no resource."""

ODD = [
    "/statements/?utm_source=x&fbclid=y&gclid=z",
    "/statements/?standing=&section=&start=",
    "/compare?a=%00&b=%25",
    "/search?q=%00%25",
    "/suggest?q=%5B%5B",
    "/mappings/?code=%25&vocabulary=",
]
"""Addresses with unknown parameters, which are ignored."""


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("path", MALFORMED)
def test_an_impossible_address_is_refused(client: FlaskClient, path: str, accept: str) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code in (400, 404, 406)  # 406: a page does not come as JSON
    assert response.mimetype == (accept if accept == "text/html" else "application/problem+json")


@pytest.mark.parametrize("path", ODD)
def test_parameters_without_a_meaning_are_ignored(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers=HTML).status_code == 200


PARAMETERS = {
    "/": ["x"],
    "/browse/Intervention": ["standing", "section", "vocabulary", "x"],
    "/statements/": ["standing", "section", "narrowed", "start", "x"],
    "/mappings/": ["code", "vocabulary", "term", "predicate"],
    "/tensions/": ["term", "section", "x"],
    "/terms/": ["kind", "x"],
    "/passages/": ["term", "x"],
    "/compare": ["a", "b"],
    "/questions/": ["q"],
    "/search": ["q"],
    "/suggest": ["q"],
    "/query": ["query", "question", "edit"],
    "/doc/ontology": ["x"],
}
"""The parameters of each page, and an unknown one."""

LONG = 60_000
"""The length of a long parameter; longer addresses are refused before they reach a page."""


@pytest.mark.parametrize("character", ["a", '"'])
@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path, names in PARAMETERS.items() for name in names]
)
def test_a_long_parameter_is_not_echoed_many_times(
    app: Flask, client: FlaskClient, path: str, name: str, character: str
) -> None:
    plain = len(client.get(path, headers=HTML).data)
    response = client.get(path, query_string={name: character * LONG}, headers=HTML)
    assert response.status_code < 500
    # The parameter occurs at most once, with five characters for a quotation mark.
    assert len(response.data) < plain + 5 * LONG + 20_000


@pytest.mark.parametrize("space", ["/doc/id/", "/id/", "/ontology/", "/browse/"])
def test_a_long_path_is_not_echoed_many_times(client: FlaskClient, space: str) -> None:
    response = client.get(space + "%22" * 20_000, headers=HTML)
    assert response.status_code == 404
    assert len(response.data) < 20_000


DESCRIBING = ["/query", "/sparql", "/sitemap.xml", "/robots.txt", "/opensearch.xml"]
"""Addresses whose answers contain the host."""


def ask(app: Flask, path: str, host: str) -> tuple[str, Headers, str]:
    """Return status, header fields and body; Flask's test client allows no invalid hosts."""
    environ = create_environ(path, headers={"Accept": "application/json, */*;q=0.1"})
    environ["HTTP_HOST"] = host
    body, status, headers = run_wsgi_app(app, environ)
    return status, headers, b"".join(body).decode()


@pytest.mark.parametrize("path", DESCRIBING)
@pytest.mark.parametrize("host", ["[::::]", "[.]", "a b", "a/b", "a:b"])
def test_an_invalid_host_field_is_refused(app: Flask, path: str, host: str) -> None:
    status, headers, body = ask(app, path, host)
    assert status == "400 BAD REQUEST"
    assert headers["Content-Type"] == "application/problem+json"
    assert "Host" in body


@pytest.mark.parametrize("path", DESCRIBING)
@pytest.mark.parametrize("host", ["my_service:8080", "[::1]:80", "kb.example.org"])
def test_answers_name_the_host_of_the_request(app: Flask, path: str, host: str) -> None:
    status, _, body = ask(app, path, host)
    assert status == "200 OK"
    assert f"http://{host}/" in body


@pytest.mark.parametrize("host", ["my_service:8080", "kb.example.org"])
def test_a_redirect_to_another_path_is_relative(app: Flask, host: str) -> None:
    """A proxy may serve the site with another scheme and host."""
    status, headers, _ = ask(app, "/browse?x=y", host)
    assert status == "308 PERMANENT REDIRECT"
    assert headers["Location"] == "/browse/?x=y"
