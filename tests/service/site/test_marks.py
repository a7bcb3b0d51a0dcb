"""Every page shows each statement with its firmness in the data, and marks tensions.

Pages of the real release are read as HTML, the data as triples; nothing depends on the code of the
pages. The lines of pictures, the matrix and the strip have their own tests.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from lxml.html import HtmlElement

from service.library import Library
from service.names import Names

from .client import page
from .marks import Shown, concerned, puts, recorded, solutions, tree

WORDS = """
SELECT ?value ?words WHERE {
  ?citation cdmo:assertion|cdmo:frequency|cdmo:advice|cdmo:aim ?value .
  ?value cdmo:shortLabel ?words .
}
"""

STANDINGS = """
SELECT ?claim ?standing WHERE { ?claim a cdmo:Claim ; cdmo:standing ?standing }
"""

ROWS = {"li", "td", "dd", "p"}
"""Elements that contain one statement with its marks, besides the items of a summary."""

SORTS = ("documents", "lists", "searches", "comparisons")


@dataclass
class Faults:
    """The faults on the pages of a sort, each with its page.

    :param claims: the claims and citations whose firmness some page shows.
    """

    sort: str
    firmness: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)
    hits: list[str] = field(default_factory=list)
    claims: set[str] = field(default_factory=set)


def paths(library: Library, sort: str) -> Iterator[str]:
    """Yield the paths of the pages of a sort."""
    labels = [term.ref.label for term in library.terms.values() if not term.obsolete]
    if sort == "documents":
        yield from (f"{path}.html" for iri in library.documents if (path := Names.document(iri)))
    elif sort == "lists":
        yield from ("/", "/tensions/", "/diagnosis/", "/questions/", "/about")
        yield from (f"/statements/?start={n}" for n in range(0, len(library.claims), 100))
        yield from (f"/browse/{kind.name}" for kind in library.kinds.values())
        yield from (f"/matrix/?outcome={kind.name}" for kind in library.kinds.values())
    elif sort == "searches":
        yield from (f"/search?q={quote(label)}" for label in labels)
    else:
        yield from (f"/compare?a={quote(a)}&b={quote(b)}" for a, b in pairwise(labels))


@pytest.fixture(scope="module")
def data(library: Library) -> dict[str, Shown]:
    """The firmness of each claim and each citation."""
    return recorded(library.store)


@pytest.fixture(scope="module", params=SORTS)
def faults(
    request: pytest.FixtureRequest, real: FlaskClient, library: Library, data: dict[str, Shown]
) -> Faults:
    """Read all pages of a sort once."""
    faults_ = Faults(request.param)
    clashes = concerned(library.store)
    words = {Names.document(value): word for value, word in solutions(library.store, WORDS)}
    iri_at = {Names.document(iri): iri for iri in library.documents}
    for path in paths(library, request.param):
        response = real.get(path, headers={"Accept": "text/html"})
        if response.status_code != 200 and request.param == "lists":
            continue  # kinds without outcomes have no matrix
        assert response.status_code == 200, path
        root = tree(response.text)
        for element, subject, shown in puts(root):
            faults_.claims.add(subject)
            if shown != data[subject]:
                faults_.firmness.append(f"{path}: {subject} {shown}")
            faults_.firmness += (f"{path}: {href}" for href in _misnamed(element, words))
            own = path == f"{Names.document(subject)}.html"
            row = _row(element)
            if subject in clashes and not own and not row.find_class("at-odds"):
                faults_.unmarked.append(f"{path}: {subject}")
        faults_.bare += (f"{path}: {e.get('class')}" for e in _bare(root))
        for hit in root.findall(".//ul[@class='hits']/li"):
            iri = iri_at.get(hit.find("a").get("href"), "")
            marks = hit.find_class("at-odds")
            word = marks[0].text_content().split()[0] if marks else "0"
            if "/claim/" not in iri and word != str(len(clashes.get(iri, ()))):
                faults_.hits.append(f"{path}: {iri} {word}")
    return faults_


def _misnamed(element: HtmlElement, words: dict[str | None, str]) -> Iterable[str]:
    """Yield the links in an element whose words or shape differ from those of their value."""
    for link in element.iter("a"):
        href, classes = link.get("href", ""), link.get("class", "").split()
        if "said" in classes and href.rpartition("/")[2] not in classes:
            yield f"{href} drawn as {classes}"
        if href in words and not link.text_content().startswith(words[href]):
            yield f"{href} called {link.text_content()}"


def _row(element: HtmlElement) -> HtmlElement:
    ancestors = list(element.iterancestors())
    fitting = (a for a in ancestors if a.tag in ROWS or a.get("class") == "item")
    return next(fitting, ancestors[0])


def _bare(root: HtmlElement) -> Iterable[HtmlElement]:
    """Yield marks outside legends that name no claim or citation."""
    for element in root.find_class("marks"):
        around = [
            a for a in element.iterancestors() if a.get("data-claim") or a.get("data-citation")
        ]
        legend = [a for a in element.iterancestors() if a.get("class") == "legend"]
        if not around and not legend:
            yield element


def test_each_statement_has_its_firmness_in_the_data(
    faults: Faults, data: dict[str, Shown]
) -> None:
    assert faults.firmness == []
    assert len(faults.claims) > 200
    if faults.sort == "documents":
        assert faults.claims == set(data), "each claim and each citation is on some page"


def test_every_mark_names_its_statement(faults: Faults) -> None:
    assert faults.bare == []


def test_each_statement_with_a_tension_is_marked_everywhere(faults: Faults) -> None:
    assert faults.unmarked == []


def test_each_hit_of_a_search_has_its_number_of_disagreements(faults: Faults) -> None:
    assert faults.hits == []


def test_the_page_of_each_claim_has_the_sums_of_the_data(
    real: FlaskClient, library: Library
) -> None:
    standings = {row[0]: row[1] for row in solutions(library.store, STANDINGS)}
    assert standings.keys() == library.claims.keys()
    for claim, standing in standings.items():
        html = page(real, f"{Names.document(claim)}.html")
        shown = [
            link.get("href")
            for dd in tree(html).iter("dd")
            for link in dd.find_class("tag")
            if link.get("href", "").rpartition("/")[2]
            in {s.name for s in library.standings.values()}
        ]
        assert shown == [Names.document(standing)], claim
