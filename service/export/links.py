"""The links of a page in an export: to files, relative to the page."""

import posixpath
import re
from collections.abc import Callable
from html import escape, unescape

from service.export.plan import SCRIPTED
from service.site.errors import PAGE_POLICY

_TAG = re.compile(r"<(a|button|form|img|link|script)\b([^<>]*)>")
_TARGET = re.compile(r'\s(href|src|action|formaction)="(/[^"]*)"')
_HEAD = '<meta charset="utf-8">\n'

POLICY = PAGE_POLICY.replace("; frame-ancestors 'none'", "")
"""The content policy of a page: that of the site, without directives barred in ``meta``."""

ENGINE_POLICY = f"{POLICY}; script-src 'self' 'wasm-unsafe-eval'"
"""The same where WebAssembly runs."""

Resolve = Callable[[str], str | None]
"""Returns the file that an address of the served site leads to, or None if there is none."""


def rewritten(
    html: str, file: str, resolve: Resolve, *, base: str = "", engine: bool = False
) -> str:
    """Return a page with its links to files, its content policy, and the script of exports.

    A link without a file stays as its text. A form that narrows a list leads to the search.

    :param file: where the page will stand.
    :param base: the beginning of links instead, for a page that is shown at any address.
    :param engine: whether WebAssembly runs on the page.
    """

    def link_to(address: str) -> str | None:
        target = resolve(address)
        return None if target is None else _link(target, file, base)

    def of_tag(match: re.Match[str]) -> str:
        name, attributes = match[1], match[2]
        target = _TARGET.search(attributes)
        if target is None:
            return match[0]
        address = unescape(target[2])
        if name == "form" and address not in SCRIPTED:
            address = SCRIPTED[0]
        link = link_to(address)
        if link is not None:
            begin, end = target.span(2)
            return f"<{name}{attributes[:begin]}{escape(link)}{attributes[end:]}>"
        if name == "link":
            return ""
        rest = attributes[: target.start()] + attributes[target.end() :]
        return f"<{name}{rest}>"

    begin, head, rest = html.partition(_HEAD)
    assert head, "a page names its encoding"
    policy = ENGINE_POLICY if engine else POLICY
    script = link_to("/static/exported/answers.js")
    added = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<script type="module" src="{script}"></script>\n'
    )
    return begin + head + added + _TAG.sub(of_tag, rest)


def _link(target: str, file: str, base: str) -> str:
    """Return the link of a page to a file, relative to the page or to a base."""
    path = re.split("[?#]", target, maxsplit=1)[0]
    # A server sends the index file of a folder for the folder.
    shown = path.removesuffix("index.html")
    if base:
        return base + shown + target[len(path) :]
    relative = posixpath.relpath(shown or ".", posixpath.dirname(file) or ".")
    return relative + ("" if shown == path else "/") + target[len(path) :]
