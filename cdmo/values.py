"""Terms and claims as plain frozen values; IRIs of ours as CURIEs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the ontology.

    :param label: in English.
    :param labels: all labels with their languages.
    :param kinds: its kinds, for example ``("intervention",)``.
    :param synonyms: other names, of any scope and in any language.
    :param parents: CURIEs of the terms directly above it, asserted and inferred.
    """

    id: str
    iri: str
    label: str
    labels: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    definition: str
    synonyms: tuple[str, ...]
    parents: tuple[str, ...]
    is_obsolete: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that makes a claim.

    :param passage: its CURIE.
    :param source: the CURIE of its document.
    :param section: the section of the document that contains it.
    :param words: how firmly it states the claim, in words.
    :param hedge: the words of the passage that show this, or "".
    :param firmness: the same as a number; 0 is the least.
    """

    passage: str
    source: str
    section: str
    standing: str
    words: str
    hedge: str
    firmness: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim.

    :param label: what it states, in English.
    :param subject: a CURIE, as is ``relation``.
    :param object: a CURIE, or a text.
    :param polarity: "positive" or "negative".
    :param standing: "stated", "qualified", "hedged" or "prospective".
    :param firmness: the firmness over all its citations.
    :param qualifiers: qualifier to its value, a CURIE or a text.
    """

    id: str
    iri: str
    label: str
    subject: str
    relation: str
    object: str
    polarity: str
    standing: str
    firmness: int
    qualifiers: tuple[tuple[str, str], ...]
    citations: tuple[Citation, ...]
