"""Write an export, file by file, from the responses of the application."""

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape, unescape
from pathlib import Path
from urllib.parse import urlsplit

from service import formats
from service.endpoint import Endpoint
from service.engine.pool import Pool
from service.export.destination import destination
from service.export.links import rewritten
from service.export.plan import Plan
from service.export.w3id import htaccess
from service.formats import Format
from service.problems import ReleaseError, UsageError
from service.release import Release
from service.settings import Settings
from service.site.exported import STATIC, Exported
from service.site.linked_data import PARENTS
from service.site.query.vendor import editor_installed, engine_installed

HTML = formats.HTML.media_type
DATA = tuple(f for f in formats.DOCUMENTS if f is not formats.HTML)
"""The formats that documents of an export can have, apart from pages."""

EVERY = 1000
"""Files between two lines of progress."""

Report = Callable[[str], None]


def export(
    release: Release,
    target: Path,
    report: Report,
    *,
    chosen: Sequence[Format] = DATA,
    public: str = "",
    source_files: tuple[Path, ...] = (),
) -> int:
    """Write the site of a release into a folder, and return how many files it has.

    :param target: a new or empty folder, or that of an earlier export.
    :param report: called with lines of progress.
    :param chosen: the formats of documents, apart from pages.
    :param public: the public address of the export; "" if it is not known: then files that must
        name it are left out.
    :param source_files: source documents whose text is shown.
    :raises UsageError: if the folder holds something else, or the address is invalid.
    """
    settings = Settings(source_files=source_files)
    base = replace(settings, public_url=public).base_path + "/"
    public = public and public.rstrip("/") + "/"
    manifest = release.manifest
    about = {
        "title": manifest.title,
        "version": manifest.version,
        "release": manifest.digest,
        "formats": [fmt.extension for fmt in chosen],
        "public": public,
    }
    source = Exported(settings, release, Endpoint(release, Pool(release, settings)))
    if not source.site.source:
        raise UsageError("This release holds other people's data; only ours can be exported.")
    if not (editor_installed() and engine_installed()):
        report(
            "The query page will say that it has no engine: npm could not be reached (make editor)"
        )
    with destination(target, about) as folder:
        writing = _Writing(source, Plan(source, chosen), folder, report, chosen, public, base)
        writing.write()
    return writing.count


@dataclass
class _Writing:
    """One export on its way into a folder; see :func:`export`.

    :ivar count: how many files it has.
    """

    source: Exported
    plan: Plan
    folder: Path
    report: Report
    chosen: Sequence[Format]
    public: str
    base: str
    count: int = 0

    def write(self) -> None:
        """Write all files: data first, since pages link only to files that exist."""
        shutil.copytree(STATIC, self.folder / "static")
        self.count += sum(path.is_file() for path in (self.folder / "static").rglob("*"))
        (self.folder / ".nojekyll").touch()  # GitHub Pages leaves out .well-known without it
        self.report(f"{len(self.plan.files)} addresses, and the pages of narrowed lists")
        for address in self.plan.data:
            status, body = self.source.get(address)
            if status == 406:  # the format cannot hold one of its terms
                self.plan.drop(address)
                continue
            self._write(self.plan.files[address], _checked(address, status, body))
        for address in self.plan.take_pages():
            page = _checked(address, *self.source.get(address, HTML))
            self._write_page(self.plan.files[address], page.decode())
        _, missing = self.source.get("/404.html", HTML)
        self._write_page("404.html", missing.decode(), self.base)
        if self.public:
            self._write_absolute()

    def _write(self, file: str, body: bytes) -> None:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        self.count += 1
        if self.count % EVERY == 0:
            self.report(f"{self.count} files")

    def _write_page(self, file: str, html: str, base: str = "") -> None:
        engine = file == "query.html"
        page = rewritten(html, file, self._resolve, base=base, engine=engine)
        self._write(file, page.encode())

    def _resolve(self, address: str) -> str | None:
        if address == "/opensearch.xml":
            return "opensearch.xml" if self.public else None
        return self.plan.resolve(address)

    def _write_absolute(self) -> None:
        """Write the files that name the address of the site itself."""
        host = urlsplit(self.public)._replace(path="/").geturl()

        def absolute(address: str) -> str:
            file = self._resolve(address.removeprefix(host.rstrip("/"))) or ""
            return self.public + file.removesuffix("index.html")

        def answer(path: str) -> str:
            return _checked(path, *self.source.get(path, host=host)).decode()

        def location(match: re.Match[str]) -> str:
            return f"<loc>{escape(absolute(unescape(match[1])))}</loc>"

        sitemap = re.sub("<loc>([^<]*)</loc>", location, answer("/sitemap.xml"))
        search = answer("/opensearch.xml").replace(f"{host}search", f"{self.public}search.html")
        routes = dict(self.source.routes())
        lists = {space: routes[name][1:] for space, name in PARENTS.items()}
        robots = f"User-agent: *\nDisallow:\nSitemap: {self.public}sitemap.xml\n"
        for file, text in (
            ("sitemap.xml", sitemap),
            ("opensearch.xml", search),
            ("robots.txt", robots),
            ("w3id/.htaccess", htaccess(self.public, self.chosen, lists)),
        ):
            self._write(file, text.encode())


def _checked(address: str, status: int, body: bytes) -> bytes:
    """Return the body of a response.

    :raises ReleaseError: if the response is a problem.
    """
    if status != 200:
        raise ReleaseError(f"The site answers {status} for {address}.")
    return body
