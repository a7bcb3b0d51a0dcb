"""A client of the pages of a release, without a server and without an engine."""

import re
from html import unescape

from flask.testing import FlaskClient

from service.endpoint import Endpoint
from service.engine.pool import Pool
from service.release import Release
from service.settings import Settings
from service.site.application import create_app

HTML = {"Accept": "text/html"}


def client_of(release: Release, settings: Settings | None = None) -> FlaskClient:
    """Return a client of the pages of a release; queries fail, since no engine runs."""
    settings = settings or Settings()
    endpoint = Endpoint(release, Pool(release, settings))  # it is never started
    return create_app(settings, release, endpoint).test_client()


def page(client: FlaskClient, path: str) -> str:
    """Return the HTML of a page that must exist."""
    response = client.get(path, headers=HTML)
    assert response.status_code == 200, path
    assert response.mimetype == "text/html"
    return response.text


def recipes(client: FlaskClient, host: str) -> dict[str, tuple[str, str]]:
    """Return language and code of each recipe by its name, as the page of a host shows them."""
    html = client.get("/recipes/", base_url=host, headers=HTML).text
    shown = re.findall(
        r'<h2 id="(\w+)">.*? <span class="tag">(.*?)</span></h2>\s*<pre.*?><code>(.*?)</code>',
        html,
        re.DOTALL,
    )
    return {name: (language, unescape(code)) for name, language, code in shown}


def words(html: str) -> str:
    """Return the visible text of a page, on one line."""
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
