"""A browser app from another origin may send any header field and read every one."""

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
  const card = await fetch(`${address}/doc/id/CDMO_0000001.json`,
    { headers: { traceparent: "00", baggage: "key=value" } });
  const { label, statementsAbout } = await card.json();
  const shown = [label, statementsAbout.length > 0, card.headers.get("Link")];
  const results = [answer.status, await answer.json(), answer.headers.get("X-Query-Id")];
  return [shown, ...results, page.status,
    page.headers.get("Link"), page.headers.get("Content-Location")];
}"""


def test_an_app_with_tracing_reads_results_and_documents(
    page: Page, address: str, origin: str
) -> None:
    page.goto(origin)
    card, status, result, query_id, page_status, link, location = page.evaluate(
        APP, [address, "ASK {}"]
    )
    assert card[:2] == ["calcinosis", True]
    assert "context" in card[2]
    assert "service-desc" in card[2]
    assert (status, result["boolean"], page_status) == (200, True, 200)
    assert query_id
    assert "describedby" in link
    assert location == "/doc/id/CDMO_0000001.ttl"
