"""Recognize the source of a file: by its digest, else by the passages that stand in it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from service.pipeline import graphs
from service.pipeline.loading import Loaded
from service.pipeline.passages import digest
from service.pipeline.verification import Recorded, Verification, recorded, status, verify
from service.pipeline.violations import Violation, error
from service.rdf.terms import text as text_of


@dataclass(frozen=True, slots=True)
class Recognition:
    """The source that a file is a copy of, or that it most resembles.

    :param source: the IRI of the source; "" if there is none.
    :param name: the same for messages.
    :param is_same: whether it is the very file whose digest the source has.
    :param verification: of the passages of that source in the file.
    """

    source: str
    name: str
    is_same: bool
    verification: Verification

    def summary(self) -> str:
        """Return in words which source it is, and how its passages were found."""
        if self.is_unknown:
            return "is of no source: none of their passages stands in it"
        words = "is" if self.is_same else "another edition of"
        return f"{words} {self.name}, {self.verification.summary()}"

    @property
    def is_unknown(self) -> bool:
        """Whether the sources know nothing of the file."""
        return not self.is_same and not self.standing

    def violations(self) -> Iterator[Violation]:
        """Yield the violations, without file and line."""
        if self.is_unknown:
            message = "a document at hand is of no source: none of their passages stands in it"
            hint = "Was the right document given? A new one begins with: cdmo segment FILE"
            yield error("document-unknown", None, None, message, hint)
        else:
            yield from self.verification.violations()

    @property
    def standing(self) -> int:
        """How many passages stand somewhere in the file."""
        places = self.verification.places.items()
        return sum(status(passage, at) != "changed" for passage, at in places)


def recognize(loaded: Loaded, text: str) -> Recognition:
    """Recognize a file among the sources, and verify the passages of its source in it.

    :param text: the whole file, nothing stripped.
    """
    query = """
        SELECT ?source ?sha256
        WHERE { ?source a cdmo:Source OPTIONAL { ?source cdmo:sha256 ?sha256 } }"""
    rows = graphs.select(loaded.store, query, "claims")
    digests = {text_of(source): text_of(sha256) for source, sha256 in rows}
    passages: dict[str, list[Recorded]] = defaultdict(list)
    for passage in recorded(loaded):
        passages[passage.source].append(passage)
    file_digest = digest(text)
    same = [source for source in sorted(digests) if digests[source] == file_digest]
    candidates = [
        Recognition(
            source, loaded.name(source), source in same, verify(text, passages.get(source, ()))
        )
        for source in same[:1] or sorted({*digests, *passages})
    ]
    none = Recognition("", "", False, verify(text, ()))
    return max(candidates, key=lambda candidate: candidate.standing, default=none)
