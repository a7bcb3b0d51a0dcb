"""What the values of parameters stand for: IRIs, CURIEs, local names and labels of a release."""

from collections import defaultdict
from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from service import iris
from service.cards.value_names import VALUES, Takes, local_name
from service.library import Library, fold
from service.problems import BadRequest

MAX_KNOWN = 60
"""Values that a problem names; of more, those that are spelled most alike."""

CLOSE = 5


class Called(NamedTuple):
    """The values that a parameter may have.

    :param exact: value by IRI, CURIE, local name or the value itself.
    :param folded: values by label, without case, accents and punctuation.
    :param shown: a name for each value.
    """

    exact: Mapping[str, str]
    folded: Mapping[str, frozenset[str]]
    shown: Mapping[str, str]


class NamedValues:
    """Reads the values of parameters as resources of a release.

    A value is an IRI, a CURIE, a local name, or a label or an exact synonym that fits one only.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self._called: dict[Takes, Called] = {}

    def read(self, parameter: str, takes: Takes, value: str) -> str:
        """Return the IRI that a value stands for, or the value itself if it has none.

        :raises BadRequest: with extras ``field`` and ``known``, if it stands for nothing here
            or for several things.
        """
        if takes == "words":
            return value
        called = self.called(takes)
        if exact := called.exact.get(value) or called.exact.get(self._iri(value)):
            return exact
        fitting = called.folded.get(fold(value), frozenset())
        if len(fitting) == 1:
            return next(iter(fitting))
        known = sorted(map(self.short, fitting)) or self._known(called, value)
        what = "stands for several things" if fitting else "is no value that this release has"
        message = f"In {parameter}, {value[:100]!r} {what}. Among those that it has: "
        raise BadRequest(message + f"{', '.join(known)}.", field=parameter, known=known)

    def _iri(self, value: str) -> str:
        return self.library.names.iri(value) or value

    def _known(self, called: Called, value: str) -> list[str]:
        if len(called.shown) <= MAX_KNOWN:
            return list(called.shown.values())
        names = {name: next(iter(values)) for name, values in called.folded.items()}
        close = get_close_matches(fold(value[:100]), names, CLOSE, 0.4) or list(names)[:CLOSE]
        return list(dict.fromkeys(called.shown[names[name]] for name in close))

    def short(self, value: str) -> str:
        """Return a value as an address writes it: a local name of ours, a CURIE, or as it is."""
        if value.startswith(iris.BASE):
            return local_name(value)
        return self.library.names.curie(value) or value

    def called(self, takes: Takes) -> Called:
        """Return the values of a sort, by all their names."""
        if takes not in self._called:
            exact: dict[str, str] = {}
            folded: dict[str, set[str]] = defaultdict(set)
            shown: dict[str, str] = {}
            for value, names in VALUES[takes](self.library):
                exact |= {value: value, self.short(value): value}
                exact.setdefault(local_name(value) if "://" in value else value, value)
                shown[value] = next(iter(names), value)
                for name in (self.short(value), *names):
                    folded[fold(name)].add(value)
            sets = {name: frozenset(values) for name, values in folded.items()}
            self._called[takes] = Called(exact, sets, shown)
        return self._called[takes]
