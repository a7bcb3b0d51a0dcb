"""A name in prose and in queries: where it stands for its term, and how another takes its place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

_COMMENT = re.compile(r"(?<![<\w/])#(?=\s).*")
_SAID_AS_VOWEL = re.compile(r"[AEFHILMNORSX](?![a-z])|[aeio]|u(?!ni|s[aeiu]|t[ei])", re.ASCII)
_SAID_AS_VOWEL_CAPITAL = re.compile(r"[AEIO][a-z]|U(?!ni|s[aeiu]|t[ei])[a-z]")


def article(name: str) -> str:
    """Return "a" or "an", by how a name begins.

    >>> article("X-ray"), article("use of steroids"), article("ultrasound"), article("MRI")
    ('an', 'a', 'an', 'an')
    """
    vowel = _SAID_AS_VOWEL.match(name) or _SAID_AS_VOWEL_CAPITAL.match(name)
    return "an" if vowel else "a"


def plural(name: str) -> str:
    """Return the regular plural of a name.

    >>> plural("biopsy"), plural("rash"), plural("X-ray")
    ('biopsies', 'rashes', 'X-rays')
    """
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies"
    return name + ("es" if re.search(r"(s|x|z|ch|sh)$", name) else "s")


@dataclass(frozen=True)
class Wording:
    """An old name and the new one that takes its place.

    The old name stands as that of its term where it is a word of its own, in the singular or the
    regular plural, and no part of a longer name.

    :param names: the names of all other things.
    """

    old: str
    new: str
    names: Iterable[str] = field(default=(), repr=False)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        old = self.old.lower()
        longer = {n for n in self.names if old in n.lower() and len(n) > len(self.old)}
        forms = [form for n in sorted(longer, key=len, reverse=True) for form in (plural(n), n)]
        others = "|".join(map(re.escape, forms)) or "(?!)"
        return re.compile(
            rf"(?<![\w?$-])(?:(?P<longer>{others})|(?P<article>an? )?(?!(?:{others})(?![\w-]))"
            rf"(?:(?P<many>{re.escape(plural(self.old))})|(?P<one>{re.escape(self.old)})))(?![\w-])",
            re.IGNORECASE,
        )

    def is_in(self, text: str) -> bool:
        """Tell whether a text has the old name."""
        return any(not match["longer"] for match in self._pattern.finditer(text))

    def replaced(self, text: str) -> str:
        """Return a text with the new name, with the article and the capital that it needs there."""
        return self._pattern.sub(self._replacement, text)

    def begun(self, definition: str) -> str:
        """Return a definition that begins with the new name where it began with the old one."""
        match = self._pattern.match(definition)
        if not match or not match["article"] or match["many"]:
            return definition
        return self._replacement(match) + definition[match.end() :]

    def _replacement(self, match: re.Match[str]) -> str:
        if match["longer"]:
            return match[0]
        word = match["many"] or match["one"]
        new = plural(self.new) if match["many"] else self.new
        if word[0].isupper() and self.old[0].islower():
            new = new[0].upper() + new[1:]
        before = match["article"] or ""
        if before:
            before = ("A" if before[0] == "A" else "a") + article(self.new)[1:] + " "
        return before + new


def names_curie(query: str, curie: str) -> bool:
    """Tell whether a query names a term by its CURIE."""
    return re.search(rf"{re.escape(curie)}(?!\w)", query) is not None


def relabelled(query: str, wording: Wording, curie: str) -> str:
    """Return a query with a new label: as a string of its own, in comments if it has the term."""
    if names_curie(query, curie):
        query = _COMMENT.sub(lambda match: wording.replaced(match[0]), query)
    return query.replace(f'"{wording.old}"', f'"{wording.new}"')


def repointed_query(query: str, old: str, new: str) -> str:
    """Return a query with another CURIE in the place of one."""
    return re.sub(rf"{re.escape(old)}(?!\w)", new, query)
