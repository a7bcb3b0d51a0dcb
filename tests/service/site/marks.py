"""Read the marks and tags of a page, which show firmness and tensions of statements.

They carry the IRI of their claim or citation, and each links to its value. The expected ones are
queried from the triples here, independently of the pages' code.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

import pyoxigraph as ox
from lxml import html as lxml_html
from lxml.html import HtmlElement

from service.iris import CDMO
from service.names import Names
from service.rdf.terms import text

Shown = Counter[str]
"""The path of a value's page to the number of passages with that value."""

RECORDED = """
SELECT ?claim ?citation ?value WHERE {
  ?claim cdmo:citation ?citation .
  { ?citation cdmo:assertion|cdmo:frequency|cdmo:advice|cdmo:aim ?value }
  UNION { ?citation cdmo:collective true BIND(cdmo:collective AS ?value) }
}
"""

CONCERNED = """
SELECT DISTINCT ?tension ?resource WHERE {
  VALUES ?kind { cdmo:Contradiction cdmo:LostHedge cdmo:Overreach }
  ?tension cdmo:tensionKind ?kind ; cdmo:concerns ?named .
  {
    ?tension cdmo:concerns ?resource
  } UNION {
    ?named cdmo:subject|cdmo:object ?resource
    FILTER(ISIRI(?resource))
  } UNION {
    ?named cdmo:citation/cdmo:passage ?resource
  } UNION {
    ?named cdmo:citation/cdmo:passage/cdmo:section/cdmo:partOf* ?resource
    FILTER EXISTS { ?resource a cdmo:Section }
  } UNION {
    ?named cdmo:section/cdmo:partOf* ?resource
    FILTER EXISTS { ?resource a cdmo:Section }
  }
}
"""
"""The resources that each contradiction, lost hedge and overreach concerns."""


def solutions(store: ox.Store, query: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a query over all graphs, as texts."""
    rows = store.query(query, prefixes={"cdmo": CDMO}, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    for solution in rows:
        yield tuple(text(value) for value in solution)


def recorded(store: ox.Store) -> dict[str, Shown]:
    """Return the values of each claim and each citation in the data."""
    counts: dict[str, Shown] = defaultdict(Counter)
    for claim, citation, value in solutions(store, RECORDED):
        path = Names.document(value) or ""
        counts[claim][path] += 1
        counts[citation][path] += 1
    return counts


def concerned(store: ox.Store) -> dict[str, set[str]]:
    """Return each resource's tensions that can mislead a reader."""
    terms: dict[str, set[str]] = defaultdict(set)
    for tension, resource in solutions(store, CONCERNED):
        terms[resource].add(tension)
    return terms


def tree(page: str) -> HtmlElement:
    """Parse the main part of a page, or a fragment."""
    document: HtmlElement = lxml_html.document_fromstring(page)
    return next(document.iter("main"), document)


def puts(root: HtmlElement) -> Iterator[tuple[HtmlElement, str, Shown]]:
    """Yield each element that shows firmness, with its claim or citation and its values.

    An assertion has a mark for each passage. A tag holds for all passages, or names their number;
    the tag of an aim holds for the passages of the marks before it.
    """
    for element in root.find_class("put"):
        subject = element.get("data-claim") or element.get("data-citation") or ""
        shown: Shown = Counter()
        passages = marks = 0
        for link in element.iter("a"):
            href, words = link.get("href", ""), link.text_content()
            if "said" in link.get("class", "").split():
                marks = len(link.findall(".//i"))
                passages += marks
                shown[href] += marks
            elif href.endswith("/intended"):
                shown[href] += marks
            else:
                shown[href] += next((int(w) for w in words.split() if w.isdigit()), passages)
        yield element, subject, shown
