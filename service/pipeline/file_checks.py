"""Check the files of the sources as files: their names and places, their lines and characters.

Turtle, SPARQL and SSSOM are read elsewhere. These checks come before, and find faults that a
reader cannot see: a file that nothing reads, marks of a merge, invisible characters, letters that
look like others.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from service.pipeline.files import lines, read_text
from service.pipeline.violations import Severity, Violation
from service.problems import SourceError
from service.sources import Sources

_ONTOLOGY_FILES = (
    r"(ontology|prefixes|display|dataset)\.ttl",
    r"(modules|imports|claims|questions|shapes|checks)/[a-z0-9]+(-[a-z0-9]+)*\.ttl",
    r"imports/[a-z0-9]+_terms\.txt",
    r"checks/[a-z0-9]+(-[a-z0-9]+)*-violation\.rq",
    r"rules/[a-z0-9]+(-[a-z0-9]+)*(?<!-violation)\.rq",
    r"released-iris\.txt",
    r"[A-Za-z-]+\.md",
)
_MAPPING_FILES = (
    r"(candidates/)?[a-z0-9]+(-[a-z0-9]+)*\.sssom\.tsv",
    r"curators\.tsv",
    r"accessions\.tsv",
    r"terms/[a-z0-9]+(-[a-z0-9]+)*\.tsv",
    r"[A-Za-z-]+\.md",
)
"""The files of the two folders that the pipeline or an editor reads."""

_SOURCE = re.compile(r"\.(ttl|rq|tsv|owl|rdf|csv)$", re.IGNORECASE)
_CONFLICT = re.compile(r"(<{7}|\|{7}|={7}|>{7})( .*)?")
_SUSPECT = re.compile(r"^[<>=|]{7}|\\u|\x00|\x7f", re.IGNORECASE | re.MULTILINE)
"""The faults that a line of ASCII can have."""
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_WORD = re.compile(r"[^\W\d_]+")
_LOOKALIKES = frozenset(
    "авеѕіјкмнорстухѵԁԛԝАВЕЅІЈКМНОРСТУХ"  # Cyrillic
    "οΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"  # Greek; the other small ones are in use, as in TNF-α
)
"""Letters of other scripts that look like Latin ones (Unicode TR39)."""


def check_files(sources: Sources) -> Iterator[Violation]:
    """Yield the violations in the files of both folders."""
    for root, known in ((sources.ontology, _ONTOLOGY_FILES), (sources.mappings, _MAPPING_FILES)):
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            if path.name.startswith("."):
                continue
            yield from _check_name(path, path.relative_to(root).as_posix(), known)
            try:
                text = read_text(path)
            except SourceError as fault:
                yield from fault.extras["violations"]
                continue
            yield from _check_lines(path, text)


def _check_name(path: Path, name: str, known: tuple[str, ...]) -> Iterator[Violation]:
    if not any(re.fullmatch(pattern, name) for pattern in known):
        # A stray note does no harm; the author of a file like a source expects it to be read.
        severity: Severity = "error" if _SOURCE.search(name) else "warning"
        hint = "Give it a name and a place as the others have, or remove it."
        message = "is not read: no file of this name belongs here"
        yield Violation("file-ignored", severity, path, 1, "", message, hint)


def _check_lines(path: Path, text: str) -> Iterator[Violation]:
    if "\r" in text:
        number = text.count("\n", 0, text.index("\r")) + 1
        message = "ends with a carriage return, as lines do on Windows"
        hint = "Save the file with line ends of Unix."
        yield Violation("line-end", "warning", path, number, "", message, hint)
    if text.isascii() and not _SUSPECT.search(text):
        return
    in_conflict = False
    for number, line in enumerate(lines(text), 1):
        if _CONFLICT.fullmatch(line) and (in_conflict or line.startswith("<")):
            if not in_conflict:
                message, hint = "is a mark of a merge conflict", "Decide between the two sides."
                yield Violation("merge-conflict", "error", path, number, "", message, hint)
            in_conflict = not line.startswith(">")
        if not line.isascii() or "\\u" in line or "\\U" in line:
            yield from _check_characters(path, number, line)


def _check_characters(path: Path, number: int, line: str) -> Iterator[Violation]:
    shown = _ESCAPE.sub(lambda m: _character(m[1] or m[2]), line)
    for rule, sign, message, hint in _faults(shown):
        code = ", ".join(
            f"U+{ord(c):04X} {unicodedata.name(c, 'without a name')}" for c in dict.fromkeys(sign)
        )
        yield Violation(rule, "error", path, number, "", f"{message}: {code}", hint)


def _character(digits: str) -> str:
    code = int(digits, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def _faults(line: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield rule, characters, message and hint of each fault of a line."""
    if signs := "".join(c for c in line if _is_invisible(c)):
        yield "character-invisible", signs, "has characters that nobody sees", "Remove them."
    if signs := "".join(c for c in line if _is_compatible(c)):
        message = "has characters that are a way to draw others"
        yield "character-compatibility", signs, message, "Write the plain letters or digits."
    if unicodedata.normalize("NFC", line) != line:
        signs = "".join(c for c in line if unicodedata.combining(c))
        message = "has an accent as a character of its own, which searches tell from the letter"
        yield "character-combining", signs, message, "Write the letter with its accent as one."
    for word in _WORD.findall(line):
        foreign = "".join(c for c in word if not c.isascii() and _script(c) != "LATIN")
        is_mixed = foreign and len({_script(c) for c in word}) > 1
        if is_mixed or (foreign and _LOOKALIKES.issuperset(word)):
            message = f"has letters of another script in the place of Latin ones, in '{word}'"
            yield "character-confusable", foreign, message, "Type the word again."


def _is_invisible(character: str) -> bool:
    category = unicodedata.category(character)
    is_space = category == "Zs" and character != " "
    return is_space or category in ("Cf", "Co", "Cn", "Zl", "Zp") or character in "\x00\x7f\x85"


def _is_compatible(character: str) -> bool:
    plain = unicodedata.normalize("NFKC", character)
    return plain != character and plain.isalnum()


def _script(letter: str) -> str:
    """Return the script of a letter, which is the first word of its name."""
    return unicodedata.name(letter, "").partition(" ")[0]
