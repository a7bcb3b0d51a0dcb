"""Redirects from permanent IRIs to an export, as https://w3id.org takes them: an ``.htaccess``.

A static host does not negotiate, so the redirect does: it leads with 303 from an IRI to the file
in the requested format. If a client accepts several formats, the first of ours wins, since Apache's
rules compare no weights; browsers name none of them.
"""

import re
from collections.abc import Mapping, Sequence

from service.cards import SPACES
from service.formats import CSV, HTML, TSV, Format
from service.site.linked_data import SUFFIXES

_SPACES = "|".join(SPACES)


def htaccess(public: str, chosen: Sequence[Format], lists: Mapping[str, str]) -> str:
    """Return the text of the ``.htaccess`` file.

    :param public: the address of the export, with a slash at its end.
    :param chosen: the formats of documents, apart from pages, in our order of preference.
    :param lists: the list of the resources of each namespace, by the first part of IRI paths.
    """
    lines = [
        f"# Redirects to {public}, for https://w3id.org/cdmo/",
        "RewriteEngine on",
        "",
        "# An IRI with a suffix leads to the file in that format.",
    ]
    suffixes = sorted({*(f.extension for f in (*chosen, HTML, CSV, TSV))})
    for suffix, meant in sorted(SUFFIXES.items()):
        if suffix not in suffixes and meant in chosen:
            lines += _rule(
                rf"({_SPACES}|ontology)(/.+)?\.{suffix}", f"{public}doc/$1$2.{meant.extension}"
            )
    lines += _rule(
        rf"((?:{_SPACES}|ontology)(?:/.+)?\.(?:{'|'.join(suffixes)}))", f"{public}doc/$1"
    )
    lines += ["", "# Every other IRI leads to its document in the format that is asked for."]
    for fmt in chosen:
        lines.append(f"RewriteCond %{{HTTP_ACCEPT}} {re.escape(fmt.media_type)}")
        lines += _document(public, fmt)
    pages = [re.escape(media_type) for media_type in (HTML.media_type, *HTML.aliases)]
    lines.append(f"RewriteCond %{{HTTP_ACCEPT}} {'|'.join(pages)}")
    lines += _document(public, HTML)
    lines += _document(public, chosen[0] if chosen else HTML)
    lines += ["", "# The beginning of IRIs leads to their list."]
    for space, address in lists.items():
        lines += _rule(f"{space}/?", f"{public}{address}")
    lines += ["", "# Everything else has its own address there."]
    lines.append(f"RewriteRule ^(.*)$ {public}$1 [R=302,L,NE]")
    return "\n".join(lines) + "\n"


def _document(public: str, fmt: Format) -> list[str]:
    return _rule(rf"((?:{_SPACES})/.+|ontology(?:/.+)?)", f"{public}doc/$1.{fmt.extension}")


def _rule(pattern: str, target: str) -> list[str]:
    return [f"RewriteRule ^{pattern}$ {target} [R=303,L,NE]"]
