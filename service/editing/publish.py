"""Turn the sources into a version: write its number everywhere, and the IRIs that it publishes."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.pipeline import graphs
from service.pipeline.blocks import Block
from service.pipeline.integrity import RELEASED, declared_iris, released_iris
from service.problems import UsageError
from service.rdf.terms import text, triple

_NUMBER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_UNRELEASED = re.compile(r"^## (?:(\S+) \(unreleased\)|\[?[Uu]nreleased\]?)$", re.MULTILINE)
_HEAD = "# Every IRI that a release has published, one a line. It only grows."


def publish(edits: Edits, version: str, day: date) -> list[str]:
    """Change the sources and the files beside them so that they are those of a version.

    :param version: three numbers; higher than the last one that was released.
    :param day: of the release.
    :return: the IRIs that are published for the first time.
    :raises UsageError: if the version cannot follow, or the log of changes has nothing for it.
    """
    loaded = edits.loaded
    root, old = loaded.sources.root, graphs.header(loaded.store, iris.VERSION_INFO)
    path = loaded.sources.ontology / RELEASED
    log = root / "CHANGELOG.md"
    _refuse(version, old, is_unreleased=f"## {old} (unreleased)" in edits.text(log))
    released = released_iris(loaded)
    prior = old if released and old != version else ""
    earlier = {f"{iris.ONTOLOGY}/{prior}"} if prior else set()
    new = sorted((declared_iris(loaded) | earlier) - released)
    edits.texts[path] = "\n".join([_HEAD, *sorted(released | set(new)), ""])
    _change_header(edits, version, day, prior)
    for mapping_set in sorted(loaded.sources.mappings.glob("*.sssom.tsv")):
        line = rf'^(#(?:mapping_set|subject_source)_version: "?){re.escape(old)}("?)$'
        _substitute(edits, mapping_set, line, rf"\g<1>{version}\g<2>")
    _substitute(
        edits,
        root / "service" / "__init__.py",
        r'^__version__ = ".*"$',
        f'__version__ = "{version}"',
    )
    citation = root / "CITATION.cff"
    _substitute(edits, citation, r"^date-released: .*\n", "")
    dated = f"version: {version}\ndate-released: {day.isoformat()}\n"
    _substitute(edits, citation, r"^version: .*\n", dated)
    _change_log(edits, log, version, day)
    return new


def _refuse(version: str, old: str, *, is_unreleased: bool) -> None:
    """Refuse a text that is no version, or a version that cannot follow.

    The version of the sources can be released once: while the log of changes calls it unreleased.
    """
    if not _NUMBER.fullmatch(version):
        raise UsageError(f"'{version}' is no version: write three numbers, such as 0.2.0.")
    ours, theirs = (tuple(map(int, v.split("."))) for v in (version, old))
    if ours < theirs or (ours == theirs and not is_unreleased):
        raise UsageError(f"{version} is not higher than {old}, the version of the sources.")


def _change_header(edits: Edits, version: str, day: date, prior: str) -> None:
    """Give the header a version; the earlier one keeps an address that describes it.

    :param prior: the version that was released before, "" for none.
    """
    path, block = edits.block(iris.ONTOLOGY)
    today = ox.Literal(day.isoformat(), datatype=ox.NamedNode(iris.XSD_DATE))
    old = next(text(t.object) for t in block.triples if t.predicate.value == iris.VERSION_INFO)
    values: dict[str, ox.NamedNode | ox.Literal] = {
        iris.VERSION_INFO: ox.Literal(version),
        iris.VERSION_IRI: ox.NamedNode(f"{iris.ONTOLOGY}/{version}"),
        iris.MODIFIED: today,
        iris.DCTERMS + "issued": today,
    }
    triples = []
    for t in block.triples:
        value = values.get(t.predicate.value, t.object)
        if t.predicate.value == iris.CITATION_TEXT and isinstance(value, ox.Literal):
            reworded = re.sub(r"\(\d{4}\)", f"({day.year})", value.value.replace(old, version))
            value = ox.Literal(reworded, language=value.language)
        if t.predicate.value != iris.PRIOR_VERSION:
            triples.append(ox.Triple(t.subject, t.predicate, value))
    if prior:
        earlier = f"{iris.ONTOLOGY}/{prior}"
        triples.append(triple(iris.ONTOLOGY, iris.PRIOR_VERSION, earlier))
        about = path.with_name("dataset.ttl")
        edits.add(about, Block(ox.NamedNode(earlier), tuple(_earlier(earlier, prior, block))))
    edits.replace(path, block.subject, triples)


def _earlier(iri: str, version: str, header: Block) -> Iterator[ox.Triple]:
    """Yield the triples about an earlier version, from the header that it had."""
    kept = {iris.LABEL, iris.DCTERMS + "issued"}
    yield triple(iri, iris.TYPE, iris.PROV + "Entity")
    yield triple(iri, iris.DCTERMS + "isVersionOf", iris.ONTOLOGY)
    for t in header.triples:
        if t.subject == header.subject and t.predicate.value in kept:
            value = t.object
            if isinstance(value, ox.Literal) and value.language:
                value = ox.Literal(f"{value.value} {version}", language=value.language)
            yield ox.Triple(ox.NamedNode(iri), t.predicate, value)


def _substitute(edits: Edits, path: Path, pattern: str, value: str) -> None:
    """Write other lines into a file, if there is one: the sources may stand alone."""
    if path.exists():
        edits.texts[path] = re.sub(pattern, value, edits.text(path), flags=re.MULTILINE)


def _change_log(edits: Edits, path: Path, version: str, day: date) -> None:
    """Give the unreleased section of the log of changes its version and its day."""
    if not path.exists():
        return
    content = edits.text(path)
    unreleased = _UNRELEASED.search(content)
    if unreleased is None:
        raise UsageError(f"{path.name} has no heading '## Unreleased': say first what has changed.")
    if unreleased[1] not in (None, version):
        raise UsageError(
            f"{path.name} announces {unreleased[1]}: correct its heading, or the version."
        )
    heading = f"## {version} ({day.isoformat()})"
    edits.texts[path] = content[: unreleased.start()] + heading + content[unreleased.end() :]


# -- the checkout ----------------------------------------------------------------------------------


def refuse_unready(root: Path, tag: str) -> None:
    """Refuse a checkout that has changes, or has the tag already.

    :raises UsageError: if it has, or is no checkout of git.
    """
    if _git(root, "rev-parse", "--show-toplevel").strip() != str(root.resolve()):
        raise UsageError(f"{root} is not the top of a checkout: a release is made there.")
    if changed := _git(root, "status", "--porcelain").splitlines():
        some = ", ".join(line[3:] for line in changed[:3])
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise UsageError(f"The checkout has changes: commit them first ({some}{more}).")
    if _git(root, "tag", "--list", tag).strip():
        raise UsageError(f"The tag {tag} exists: that version has been released.")


def _git(root: Path, *words: str) -> str:
    program = shutil.which("git")
    if program is None:
        raise UsageError("A release needs git, which is not installed.")
    command = [program, "-C", str(root), *words]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    except subprocess.CalledProcessError as fault:
        raise UsageError(f"git cannot read {root}: {fault.stderr.strip()}") from None
