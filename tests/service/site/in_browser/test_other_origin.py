"""A browser app from another origin: it may send any header field and read every one."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

APP = """async ([address, query]) => {
  const headers = {
    Accept: "application/sparql-results+json", "Content-Type": "application/sparql-query",
    "Accept-Profile": "<http://example.org/profile>", Authorization: "Bearer token",
    baggage: "key=value", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  };
  const answer = await fetch(`${address}/sparql`, { method: "POST", headers, body: query });
  const page = await fetch(`${address}/doc/id/CDMO_0000001`, {
    headers: { Accept: "text/turtle", traceparent: "00" } });
  return [answer.status, await answer.json(), answer.headers.get("X-Query-Id"), page.status,
    page.headers.get("Link"), page.headers.get("Content-Location")];
}"""


@pytest.fixture
def origin() -> Iterator[str]:
    """Another origin, with an empty page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_an_app_with_tracing_reads_results_and_documents(
    page: Page, address: str, origin: str
) -> None:
    page.goto(origin)
    status, result, query_id, page_status, link, location = page.evaluate(APP, [address, "ASK {}"])
    assert (status, result["boolean"], page_status) == (200, True, 200)
    assert query_id
    assert "alternate" in link
    assert location == "/doc/id/CDMO_0000001.ttl"
