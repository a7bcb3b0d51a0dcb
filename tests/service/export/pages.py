"""Follow the links of an export's pages in its folder."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import lxml.html

HOST = "http://host"

OF_RDF = "dataset"
"""A fragment that names a resource of a document, not a part of its page."""


def targets(page: Path, root: Path, base: str = "/") -> Iterator[tuple[str, str, str]]:
    """Yield tag, link and absolute address of everything that a page links to or loads."""
    address = f"{HOST}{base}{page.relative_to(root).as_posix()}"
    for element in lxml.html.fromstring(page.read_bytes()).iter("*"):
        for name in ("href", "src", "action", "formaction"):
            if link := element.get(name):
                yield str(element.tag), link, urljoin(address, link)


def dead_links(root: Path, base: str = "/") -> list[str]:
    """Return the links of all pages to missing files or missing parts of files."""
    dead = []
    anchors: dict[Path, set[str]] = {}
    for page in sorted(root.rglob("*.html")):
        for tag, link, target in targets(page, root, base):
            parts = urlsplit(target)
            if f"{parts.scheme}://{parts.netloc}" != HOST:
                continue
            file = root / unquote(parts.path.removeprefix(base))
            file = file / "index.html" if parts.path.endswith("/") else file
            if not parts.path.startswith(base) or not file.is_file():
                dead.append(f"{page.relative_to(root)}: <{tag}> {link}")
            elif parts.fragment and file.suffix == ".html":
                if file not in anchors:
                    ids = re.findall(r'\sid="([^"]+)"', file.read_text("utf-8"))
                    anchors[file] = set(ids)
                if unquote(parts.fragment) not in {*anchors[file], OF_RDF}:
                    dead.append(f"{page.relative_to(root)}: <{tag}> {link} names no part")
    return dead
