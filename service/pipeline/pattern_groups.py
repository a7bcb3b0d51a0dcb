"""A group of patterns of a query, and the names that its predicate variables can stand for."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field


class NotUnderstoodError(Exception):
    """The query has a part that this module does not know."""


@dataclass
class Group:
    """The patterns that are joined between two brackets, and those of the groups around them.

    A path of no step leads from each node of the graph to itself, even from a node in no pattern.
    If one of its ends is also in another pattern of the group, only nodes of that pattern count.

    :param anchored: variables in patterns that match triples alone.
    :param loose: the two ends of each path that may have no step.
    :param named: the IRIs that VALUES gives variables, and predicates of :data:`LINKS` whose
        triples name what the variables stand for.
    :param steps: the two ends of a path that may have no step, with its link between them.
    :param predicates: variables in the place of a predicate.
    :param is_apart: whether it is matched in another graph than the groups around it.
    """

    anchored: set[str] = field(default_factory=set)
    loose: list[tuple[str, str]] = field(default_factory=list)
    within: list["Group"] = field(default_factory=list)
    named: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    steps: list[tuple[str, str, str]] = field(default_factory=list)
    predicates: set[str] = field(default_factory=set)
    is_apart: bool = False

    def check(
        self, around: frozenset[str] = frozenset(), known: Mapping[str, set[str]] | None = None
    ) -> set[str]:
        """Return the IRIs and links that name the predicates of variables, here and within.

        :raises NotUnderstoodError: if nothing names one, or a path has an end neither here nor
            around.
        """
        anchored = self.anchored if self.is_apart else self.anchored | around
        loose = self.loose
        while anchored_now := [ends for ends in loose if not anchored.isdisjoint(ends)]:
            anchored.update(*anchored_now)
            loose = [ends for ends in loose if ends not in anchored_now]
        if loose:
            raise NotUnderstoodError
        named = dict(known or {}) | self.named
        for ends in self.steps * len(self.steps):
            for start, link, end in (ends, ends[::-1]):
                if start in named:
                    named.setdefault(end, {*named[start], link})
        if not self.predicates <= named.keys():
            raise NotUnderstoodError
        names = {name for variable in self.predicates for name in named[variable]}
        return names.union(*(group.check(frozenset(anchored), named) for group in self.within))
