"""A crawl of the whole site from its home page, over the real release.

The crawl fetches every linked page. Of addresses with parameters, which have endless combinations,
and of data files it requests some of each sort; data files by HEAD.
"""

import gzip
import re
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import pytest

from service.library import Library
from service.names import Names
from service.release import Release, open_store

from ..system.server import Server

pytestmark = pytest.mark.slow

SAMPLE = 6
"""The number of addresses visited of each sort with very many."""

MAX_PAGE_BYTES = 150_000
"""The largest HTML of a page, uncompressed and with its embedded data; also the largest transfer
of a page with everything that it loads except the query editor."""

LONG_PAGES = {
    "/tensions/": 200_000,
    "/doc/id/CDMO_0000001": 220_000,
    "/doc/id/CDMO_0000300": 200_000,
}
"""Pages that may have more HTML, since they list everything of a sort: all disagreements with both
sides, the condition with its picture, *treatment* with the statements about all its kinds."""

DATA = re.compile(r"^/doc/(?P<sort>[^/]+)\b.*\.(?P<suffix>ttl|jsonld|json|nt|rdf)$")
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "use": "href"}
"""Elements that make a browser load something, with the attribute for its address."""

LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest", "prefetch"}


BROWSER = {"Accept": "text/html,*/*;q=0.8", "Accept-Encoding": "gzip"}


class Page(HTMLParser):
    """The links of an HTML page, the files it loads, and its ids."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.address = address
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.references: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the addresses, ids and references of an element."""
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids[values["id"]] += 1
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list"):
            self.references += values.get(name, "").split()
        if tag == "a" and "href" in values:
            self.links.append(urljoin(self.address, values["href"]))
        elif tag == "form":
            self.links.append(urljoin(self.address, values.get("action", "")))
        elif tag == "link" and LOADED_LINKS & set(values.get("rel", "").split()):
            self.loads.append(urljoin(self.address, values.get("href", "")))
        elif tag == "link" and "alternate" in values.get("rel", "").split():
            self.links.append(urljoin(self.address, values.get("href", "")))
        elif tag in LOADED and values.get(LOADED[tag]):
            self.loads.append(urljoin(self.address, values[LOADED[tag]]))


@dataclass
class Crawl:
    """The result of a crawl.

    :param pages: path with query to page.
    :param faults: each with its page.
    :param seconds: path to the time from request to last byte.
    :param html_bytes: path to the uncompressed size of the HTML.
    :param transferred: path to the size of the response body as sent.
    """

    pages: dict[str, Page] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    html_bytes: dict[str, int] = field(default_factory=dict)
    transferred: dict[str, int] = field(default_factory=dict)


def crawl(server: Server) -> Crawl:
    """Visit the site from its home page."""
    result = Crawl()
    origin = f"http://127.0.0.1:{server.port}"
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    seen: set[str] = {"/"}
    of_sort: Counter[str] = Counter()
    todo: deque[tuple[str, str]] = deque([("/", "/")])
    fragments: dict[str, dict[str, str]] = defaultdict(dict)
    while todo:
        path, parent = todo.popleft()
        method = "HEAD" if DATA.match(path.partition("?")[0]) else "GET"
        started = time.perf_counter()
        connection.request(method, path, headers=BROWSER)
        response = connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - started
        if response.status in (301, 302, 303, 307, 308):
            target = urlsplit(urljoin(origin + path, response.headers["Location"]))
            if f"{target.scheme}://{target.netloc}" != origin:
                result.faults.append(f"{path}: redirects to another host, {target.geturl()}")
            elif target.path not in seen:
                seen.add(target.path)
                todo.append((target.path, path))
            continue
        if response.status != 200:
            result.faults.append(f"{parent}: links to {path}, which answers {response.status}")
            continue
        result.transferred[path] = len(body)
        if response.headers.get_content_type() != "text/html":
            continue
        packed = response.headers["Content-Encoding"] == "gzip"
        text = (gzip.decompress(body) if packed else body).decode()
        page = Page(origin + path, text)
        result.pages[path], result.seconds[path] = page, seconds
        result.html_bytes[path] = len(text.encode())
        for address in (*page.links, *page.loads):
            plain, fragment = urldefrag(address)
            parts = urlsplit(plain)
            if f"{parts.scheme}://{parts.netloc}" != origin:
                if address in page.loads and parts.scheme != "data":
                    result.faults.append(f"{path}: loads {address} from another host")
                continue
            local = parts.path + (f"?{parts.query}" if parts.query else "")
            if fragment:
                fragments[local][fragment] = path
            if local in seen or ((many := sort(local)) and of_sort[many] >= SAMPLE):
                continue
            seen.add(local)
            of_sort[many or ""] += 1
            todo.append((local, path))
    connection.close()
    result.faults += _lost_fragments(result, fragments)
    return result


def sort(local: str) -> str:
    """Return the sort of an address if there are very many of that sort, else ""."""
    parts = urlsplit(local)
    if data := DATA.match(parts.path):
        return f"{data['sort']}.{data['suffix']}"
    if parts.query and not parts.path.startswith("/static/"):
        names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
        # Each part of a list is visited; filters and queries have endless combinations.
        return "" if names == ["start"] else f"{parts.path}?{'&'.join(names)}"
    if not parts.path.startswith("/doc/"):
        first = parts.path.split("/")[1]
        return f"/{first}/…" if first in {"id", "claim", "passage", "schema", "source"} else ""
    return ""


def _lost_fragments(result: Crawl, fragments: dict[str, dict[str, str]]) -> Iterator[str]:
    for local, names in fragments.items():
        page = result.pages.get(local)
        for name, parent in names.items():
            if page is not None and name not in page.ids:
                yield f"{parent}: links to {local}#{name}, which does not exist"


@pytest.fixture(scope="module")
def crawled(served: Server) -> Crawl:
    return crawl(served)


def test_no_link_is_broken_and_nothing_comes_from_another_host(crawled: Crawl) -> None:
    assert crawled.faults == []


def test_every_document_is_reached_by_links_alone(crawled: Crawl, real_release: Release) -> None:
    library = Library(open_store(real_release), Names(real_release.manifest.prefixes))
    documents = {
        library.names.document(iri)
        for iri in library.documents
        if re.search("/(id|claim|passage|source|tension|question|schema|mapping)/", iri)
    }
    assert len(documents) > 1000
    missing = sorted(path for path in documents - crawled.pages.keys() if path)
    assert missing == []


def test_ids_are_unique_and_references_to_them_resolve(crawled: Crawl) -> None:
    faults = [
        f"{path}: {name} is the id of {n} elements"
        for path, page in crawled.pages.items()
        for name, n in page.ids.items()
        if n > 1
    ]
    faults += [
        f"{path}: refers to #{name}, which does not exist"
        for path, page in crawled.pages.items()
        for name in page.references
        if name not in page.ids
    ]
    assert faults == []


def test_every_page_is_small(crawled: Crawl) -> None:
    long = {p: n for p, n in crawled.html_bytes.items() if n > LONG_PAGES.get(p, MAX_PAGE_BYTES)}
    assert long == {}
    weights = {path: weight(crawled, path) for path in crawled.pages}
    assert {p: n for p, n in weights.items() if n > MAX_PAGE_BYTES} == {}


def weight(result: Crawl, path: str) -> int:
    """Return the bytes of a first visit to a page, without the query editor."""
    loads = {urlsplit(address) for address in result.pages[path].loads}
    local = {f"{p.path}?{p.query}" if p.query else p.path for p in loads}
    own = (name for name in local if "/vendor/" not in name)
    return result.transferred[path] + sum(result.transferred.get(name, 0) for name in own)


def test_report_of_the_times_of_pages(crawled: Crawl) -> None:
    """Times are printed (``pytest -rP``) and not asserted, since they depend on the machine."""
    times = sorted(crawled.seconds.values())
    middle, p95 = (times[int(share * len(times))] * 1000 for share in (0.5, 0.95))
    lines = [f"{len(times)} pages, median {middle:.0f} ms, 95th percentile {p95:.0f} ms"]
    slowest = sorted(crawled.seconds, key=lambda p: -crawled.seconds[p])[:5]
    lines += [f"  {crawled.seconds[p] * 1000:.0f} ms  {p}" for p in slowest]
    largest = sorted(crawled.html_bytes.items(), key=lambda page: -page[1])[:3]
    lines += [
        f"  {size / 1000:.0f} kB of HTML, {weight(crawled, path) / 1000:.0f} kB sent  {path}"
        for path, size in largest
    ]
    sys.stdout.write("\n".join([*lines, ""]))
    assert times
