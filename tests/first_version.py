"""Reset copies of the real sources to their state before the first release.

Releases change the header, the versions of mapping sets and the list of released IRIs. With this,
tests that edit these as text, or compare versions, work after any release.
"""

import re
from pathlib import Path

from service.sources import Sources

VERSION = b"0.1.0"
DAY = b"2026-11-22"
HEAD = "# Every IRI that a release has published, one a line. It only grows. No release has been made yet."  # fmt: skip  # noqa: E501


def before_any_release(sources: Sources) -> Sources:
    """Reset sources to the first version and its day, with no IRI released."""
    first_header(sources.ontology)
    for path in sources.mapping_files:
        line = rb'(?m)^(#(?:mapping_set|subject_source)_version: )"[^"]*"$'
        path.write_bytes(re.sub(line, rb'\g<1>"%s"' % VERSION, path.read_bytes()))
    (sources.ontology / "released-iris.txt").write_text(f"{HEAD}\n", "utf-8")
    return sources


def first_header(ontology: Path) -> None:
    """Reset the header to the first version and its day, with no version before it."""
    header, about = ontology / "ontology.ttl", ontology / "dataset.ttl"
    text = header.read_bytes()
    for pattern, value in (
        (rb"    owl:priorVersion .*\n", b""),
        (rb'(?<=owl:versionInfo ")[^"]*', VERSION),
        (rb"(?<=/ontology/)\d+\.\d+\.\d+", VERSION),
        (rb"(?<=, version )\d+\.\d+\.\d+", VERSION),
        (rb"\(\d{4}\)(?=\. )", b"(%s)" % DAY[:4]),
        (rb'(?<=dcterms:issued ")[^"]*', DAY),
        (rb'(?<=dcterms:modified ")[^"]*', DAY),
    ):
        text = re.sub(pattern, value, text)
    header.write_bytes(text)
    earlier = rb"\n<https://w3id.org/cdmo/ontology/\d(?s:.*?) \.\n"
    text = re.sub(earlier, b"", about.read_bytes())
    unused = text.count(b"xsd:") == 1  # only the removed block used it
    about.write_bytes(re.sub(rb"@prefix xsd: .*\n", b"", text) if unused else text)
