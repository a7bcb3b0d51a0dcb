"""Divide the belongings of a term among the new terms, completely, as an editor says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.editing.belongings import Belonging
from service.pipeline.files import lines
from service.pipeline.violations import did_you_mean
from service.problems import UsageError

LEFT = "-"
"""Stands for the term that is split: belongings left with it retire with it."""

_SHARED = frozenset({"claim", "label", "mapping", "property", "file"})
"""Sorts of belongings that several of the new terms may get."""

_MAY_BE_LEFT = _SHARED | {"question", "synonym", "tension"}
"""Sorts that may stay with the term or no longer concern it; the others would still name it."""

_COLUMNS = ("to", "what", "sort", "words", "place")


@dataclass(frozen=True)
class Division:
    """The new owners of each belonging.

    :param parts: the labels of the new terms.
    :param to: key of each belonging to the labels of its new owners; to none, if it is left with
        the term that is split.
    """

    parts: Sequence[str]
    to: Mapping[str, Sequence[str]]

    def missing(self, belongings: Iterable[Belonging]) -> list[Belonging]:
        """Return the belongings without a new owner."""
        return [b for b in belongings if b.key not in self.to]


def divide(
    parts: Sequence[str],
    belongings: Sequence[Belonging],
    given: Iterable[Sequence[str]],
    plan: str = "",
    rest: Sequence[str] = (),
    *,
    called: Mapping[str, str] | None = None,
) -> Division:
    """Return the division that options and a plan describe.

    :param given: a new term, or :data:`LEFT`, and the keys of its belongings.
    :param plan: lines as :func:`listing` writes them; options win.
    :param rest: the new terms that get all belongings not mentioned.
    :param called: other names of parts to their labels: the CURIEs of terms that are there already.
    :raises UsageError: if a name is not known, or something cannot go there.
    """
    sorts, to = {b.key: b.sort for b in belongings}, dict[str, list[str]]()
    for part, *keys in given:
        for key in keys:
            to.setdefault(key, []).append(part)
    for number, line in enumerate(lines(plan), 1):
        cells = line.split("\t")
        if line.startswith("#") or cells[0].strip() in ("", _COLUMNS[0]):
            continue
        if len(cells) < len(_COLUMNS[:2]):
            raise UsageError(f"Line {number} of the plan has no tab: {line}")
        to.setdefault(cells[1].strip(), [name.strip() for name in cells[0].split("|")])
    if rest:
        to |= {b.key: list(rest) for b in belongings if b.key not in to}
    to = {key: [(called or {}).get(name, name) for name in names] for key, names in to.items()}
    for key, names in to.items():
        if key not in sorts:
            raise UsageError(f"The term has no '{key}'. {did_you_mean(key, sorts)}".strip())
        _refuse(parts, key, sorts[key], names)
    return Division(parts, {key: [n for n in names if n != LEFT] for key, names in to.items()})


def _refuse(parts: Sequence[str], key: str, sort: str, names: Sequence[str]) -> None:
    for name in names:
        if name not in (*parts, LEFT):
            listed = ", ".join(f"'{part}'" for part in parts)
            raise UsageError(f"'{name}' is none of the new terms, which are {listed}.")
    if len(names) > 1 and (sort not in _SHARED or LEFT in names):
        raise UsageError(f"{key} (a {sort}) goes to one term only: {' | '.join(names)}.")
    if LEFT in names and sort not in _MAY_BE_LEFT:
        raise UsageError(f"{key} (a {sort}) has to go to a term: it stays in use.")


def listing(division: Division, belongings: Iterable[Belonging], root: Path) -> str:
    """Return a plan to fill in: tab-separated, a line for each belonging."""
    head = [
        "# Write into the first column which of the new terms gets what: "
        + ", ".join(division.parts),
        f"# Several stand between bars, a | b; '{LEFT}' leaves it with the term that is split.",
        "\t".join(_COLUMNS),
    ]
    rows = []
    for b in belongings:
        to = " | ".join(division.to[b.key]) or LEFT if b.key in division.to else ""
        words = " ".join(b.words.split())
        rows.append("\t".join([to, b.key, b.sort, words, f"{b.path.relative_to(root)}:{b.line}"]))
    return "\n".join([*head, *rows, ""])


def refusal(division: Division, missing: Sequence[Belonging], name: str, root: Path) -> UsageError:
    """Return why a term cannot be split yet: belongings without owners, places and options."""
    example = f"--give '{division.parts[0]}' {_quoted(missing[0].key)}"
    rows = [
        f"  {b.path.relative_to(root)}:{b.line}: {b.sort} {_quoted(b.key)}"
        + (f" ({' '.join(b.words.split())})" if b.words else "")
        for b in missing
    ]
    return UsageError(
        f"Say where {len(missing)} things of {name} go: {example}; --leave for what retires with "
        "it; --rest for all others; or write them into a list, which --dry-run prints, and give "
        "it by --plan:\n" + "\n".join(rows)
    )


def _quoted(key: str) -> str:
    return f"'{key}'" if " " in key else key
