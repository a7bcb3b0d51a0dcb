"""The entries that a search looks through, and the hits that it finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """A name by which an entry is found.

    :param why: whose name it is: "synonym" (the article's or ours), "code", "mapped" (another
        vocabulary's for the same), "near" (another vocabulary's for something near), "word" (one
        that readers try), "keyword".
    :param where: the vocabularies that use the name.
    :param exact: whether it means just the same.
    """

    text: str
    why: str
    where: tuple[str, ...] = ()
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource that a search can find.

    :param kind: the name of its kind, in words.
    :param path: the site path of its document.
    :param names: its names apart from its label.
    :param definition: its definition.
    :param text: more words, which are searched, like the definition, after all names.
    :param group: the sort of hits among which it is shown, such as "term".
    :param sentence: whether the label is a sentence, in which a word is found anywhere alike.
    :param weight: decides between entries that fit alike; the higher comes first.
    :param loss: points taken off its scores, so that others come first.
    :param note: a note for a list of hits, such as how firmly a statement is put.
    :param retired: whether it is no longer used.
    """

    iri: str
    label: str
    kind: str
    path: str
    names: tuple[Name, ...] = ()
    definition: str = ""
    text: str = ""
    group: str = "term"
    sentence: bool = False
    weight: int = 0
    loss: int = 0
    note: str = ""
    retired: bool = False

    @property
    def synonyms(self) -> list[str]:
        """Its other names, without those of other vocabularies."""
        return [name.text for name in self.names if name.why == "synonym"]


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that fits a search.

    :param score: higher is better; only the order means anything.
    :param why: the sort of match: "name", a sort of :class:`Name`, "initials", "spelling", "text"
        or "some".
    :param matched: the text that matched, if it is not the label.
    :param where: the vocabularies that call the entry so.
    :param sure: how certainly it is meant: 3 for its own name, 2 for another that means the same,
        1 for their words in another order, 0 for anything else.
    """

    entry: Entry
    score: float
    why: str
    matched: str = ""
    where: tuple[str, ...] = ()
    sure: int = 0


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of a search, the best first.

    :param partial: whether nothing has all of the words, so that these hits have some of them.
    :param unknown: the typed words that nothing has.
    :param accepted: the hit that a careful curator would accept unseen.
    """

    hits: tuple[Hit, ...] = ()
    partial: bool = False
    unknown: tuple[str, ...] = ()
    accepted: Hit | None = None
