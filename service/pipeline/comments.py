"""Derive the comments that put opaque identifiers of Turtle into words.

``cdmo:subject CDMO:0000306 ;  #: medication``, as OBO files have ``! medication``. The mark ``#:``
tells them from comments of people: `cdmo format` rewrites these and never touches those.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

import pyoxigraph as ox

from service import iris
from service.names import Names
from service.pipeline import graphs
from service.pipeline.loading import Loaded
from service.pipeline.memory import NOTHING, Memory
from service.pipeline.queries import read_queries
from service.pipeline.rules import OPTIONS
from service.pipeline.turtle_reader import Document
from service.pipeline.turtle_tokens import TOKEN
from service.pipeline.violations import Violation, error
from service.rdf.terms import text as text_of
from service.rdf.turtle import BETWEEN, MARK, WIDTH_WITH_COMMENT
from service.sources import Sources

_OPAQUE = re.compile(r".*[/#:](?:[A-Za-z]+_|[A-Za-z])?[0-9][0-9.-]*", re.DOTALL)
"""IRIs that end in a number, perhaps after a prefix as in ``HP_0000118`` and ``D003882``."""


def names_in_words(
    documents: Iterable[Document], prefixes: Mapping[str, str], sources: Sources | None
) -> Mapping[str, str]:
    """Return the opaque identifiers that documents label, as Turtle has them, and their words.

    The words of a claim are its label in the release. A claim about something without a label
    has none.

    :param sources: the project, whose rule makes the labels of claims.
    :raises SourceError: with violations, if rules cannot be read.
    """
    store = ox.Store()
    for document in documents:
        graphs.add(store, "claims", document.triples)
    words = _labels(graphs.triples(store, "claims", predicate=iris.LABEL))
    labelled = {*words, iris.SUBCLASS, iris.TYPE}
    unclear = {
        text_of(t.subject)
        for predicate in (iris.SUBJECT, iris.RELATION, iris.OBJECT)
        for t in graphs.triples(store, "claims", predicate=predicate)
        if isinstance(t.object, ox.NamedNode) and t.object.value not in labelled
    }
    for claim, label in _claim_labels(store, prefixes, sources).items():
        if claim not in unclear:
            words.setdefault(claim, label)
    names = Names(prefixes)
    return {
        name: comment
        for iri, label in words.items()
        if _OPAQUE.fullmatch(iri) and (comment := " ".join(label.replace("#", "＃").split()))
        for name in (f"<{iri}>", names.curie(iri))
        if name
    }


def _claim_labels(
    store: ox.Store, prefixes: Mapping[str, str], sources: Sources | None
) -> dict[str, str]:
    if sources is None:
        return {}
    for rule in read_queries(sources.ontology / "rules", OPTIONS, prefixes):
        if rule.path.stem == "claim-label":
            labels = graphs.query(store, rule.text, prefixes, ["claims"], [])
            assert isinstance(labels, ox.QueryTriples)
            return _labels(labels)
    return {}


def _labels(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """Return a label for each IRI: the first English one, else the first."""
    labels = sorted(
        (t.subject.value, t.object.language != "en", t.object.value)
        for t in triples
        if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.Literal)
    )
    return {iri: label for iri, _, label in reversed(labels)}


def without_derived(text: str) -> str:
    """Return Turtle without its derived comments."""
    if MARK not in text:
        return text
    return TOKEN.sub(lambda token: "" if token["derived"] else token[0], text)


def with_derived(text: str, names: Mapping[str, str]) -> str:
    """Return Turtle in the house's order with derived comments.

    The words of an object stand at the end of its line, or above it if they do not fit. The words
    of a subject stand above its block, unless the block has its label.

    :param text: without derived comments.
    """
    if not names:
        return text
    scan = _Scan.of(text, names)
    lines = text.split("\n")
    above = defaultdict(list, scan.subjects)
    for number, words in scan.objects.items():
        comment = f"  {MARK}{BETWEEN.join(words)}"
        line = lines[number - 1] + comment
        if len(line) <= WIDTH_WITH_COMMENT and number + 1 not in scan.inside_strings:
            lines[number - 1] = line
        else:
            above[number].append(BETWEEN.join(words))
    for number in sorted(above, reverse=True):
        line = lines[number - 1]
        start = " " * (len(line) - len(line.lstrip(" "))) + MARK
        lines[number - 1 : number - 1] = [
            comment
            for words in above[number]
            for comment in wrap(
                words,
                WIDTH_WITH_COMMENT,
                initial_indent=start,
                subsequent_indent=start,
                break_long_words=False,
                break_on_hyphens=False,
            )
        ]
    return "\n".join(lines)


def stale_lines(text: str, names: Mapping[str, str]) -> dict[int, str]:
    """Return the right words for lines whose derived comments are missing or not true.

    :return: the words by line, counted from 1: that of the comment, or of the identifier that
        lacks one; an empty text where no comment should be.
    """
    scan = _Scan.of(text, names)
    return {
        scan.above.get(line, line): words
        for line in sorted({*scan.subjects, *scan.objects, *scan.derived})
        if (words := scan.expected(line)) != " ".join(scan.derived.get(line, ()))
    }


def check_comments(loaded: Loaded, memory: Memory = NOTHING) -> Iterator[Violation]:
    """Yield a violation for each file with derived comments that are missing or not true.

    :param memory: remembers the results for the same texts and names.
    """
    names = names_in_words(loaded.documents, loaded.names.prefixes, loaded.sources)
    for document in loaded.documents:
        if stale := _remembered_stale_lines(document.text, names, memory):
            line, words = stale[0]
            count = f"{len(stale)} lines" if len(stale) > 1 else "1 line"
            expected = MARK + words if words else "none"
            message = f"derived comments of {count} are missing or not true; expected: {expected}"
            yield error("comment-stale", document.path, line, message, "Run: cdmo format")


def _remembered_stale_lines(
    text: str, names: Mapping[str, str], memory: Memory
) -> Sequence[tuple[int, str]]:
    """Return stale lines, remembered by their inputs: a text and the words of its names."""

    def compute() -> list[tuple[int, str]]:
        return [*stale_lines(text, names).items()]

    if memory.is_nothing:
        return compute()
    data = text.encode()

    def words() -> bytes:
        texts = {token[0] for token in TOKEN.finditer(text) if token["name"]}
        return json.dumps(sorted({*texts, *(word.rstrip(".") for word in texts)})).encode()

    listed = json.loads(memory.value("names in a text", [data], words))
    of_names = repr([(word, names[word]) for word in listed if word in names]).encode()
    stale = memory.value("comments", [data, of_names], lambda: json.dumps(compute()).encode())
    return [(line, words_of_line) for line, words_of_line in json.loads(stale)]


@dataclass
class _Scan:
    """The identifiers of a text that have words, by their line, and its derived comments.

    A string over several lines continues the line that it begins on.

    :param subjects: words of the subjects whose block has no label.
    :param derived: the derived comments by the line that they explain.
    :param inside_strings: the lines that begin inside a string.
    :param above: the line of the comment above a line.
    """

    subjects: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    objects: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    derived: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    inside_strings: set[int] = field(default_factory=set)
    above: dict[int, int] = field(default_factory=dict)

    def expected(self, line: int) -> str:
        """Return the derived comment that a line should have."""
        objects = BETWEEN.join(self.objects.get(line, ()))
        return " ".join([*self.subjects.get(line, ()), *([objects] if objects else [])])

    @classmethod
    def of(cls, text: str, names: Mapping[str, str]) -> "_Scan":
        """Scan a text. Its blocks begin at the start of a line, as ``cdmo format`` writes them."""
        scan = cls()
        line, at, number = 1, 0, 1
        pending: list[str] = []
        above = 0
        subject = 0  # the line of the subject if it is in `subjects`
        before = ""
        for token in TOKEN.finditer(text):
            kind, word, start = token.lastgroup, token[0], token.start()
            number, at = number + text.count("\n", at, start), start
            line = line if number in scan.inside_strings else number
            starts_line = start == 0 or text[start - 1] == "\n"
            if kind == "comment":
                continue
            if kind == "derived":
                comment = word.strip().removeprefix(MARK)
                (pending if starts_line else scan.derived[line]).append(comment)
                above = number if starts_line and len(pending) == 1 else above
                continue
            if pending:
                scan.derived[line] += pending
                scan.above[line] = above
                pending = []
            if kind == "string":
                scan.inside_strings.update(range(number + 1, number + word.count("\n") + 1))
            word = word if word in names else word.rstrip(".")
            if starts_line and (kind == "name" or word == "["):
                subject = line if word in names else 0
                if subject:
                    scan.subjects[line].append(names[word])
                word = ";"  # a predicate follows
            elif subject and word == "rdfs:label":
                del scan.subjects[subject]
                subject = 0
            elif word in names and before not in (";", "["):
                scan.objects[line].append(names[word])
            before = word
        if pending:
            scan.derived[line] += pending
        return scan
