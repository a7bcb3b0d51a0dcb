"""Retire a resource: its address stays, says so, and leads to what replaces it."""

from collections.abc import Iterable, Sequence

from service import iris
from service.editing import expected
from service.editing.edits import Edits
from service.editing.naming import find
from service.editing.tombstones import (
    FILES,
    IN_TENSIONS,
    REASONS,
    Retirement,
    Tombstones,
    space_of,
)
from service.editing.unite import give_citations
from service.editing.uses import Use, uses
from service.problems import UsageError


def retire(
    edits: Edits,
    name: str,
    reasons: Sequence[str],
    *,
    successor: str | None = None,
    consider: Iterable[str] = (),
    move_claims: bool = False,
    retire_claims: bool = False,
    keeps_synonyms: bool = True,
) -> list[str]:
    """Change the sources so that a resource is retired.

    :param name: a term, a claim, a passage, a tension, a question or a list.
    :param reasons: why: words of :data:`REASONS`, or prose.
    :param successor: the resource that replaces it.
    :param consider: resources that may fit in its place.
    :param move_claims: blocks that name it name its successor from now on, which gets the
        citations of a claim; equal claims are united.
    :param retire_claims: the claims about it are retired with it.
    :param keeps_synonyms: whether its other names stay with it.
    :return: lines that name the other changes.
    :raises UsageError: if it cannot be retired so.
    :raises SourceError: with violations, if a check would not pass afterwards.
    """
    loaded, tombstones = edits.loaded, Tombstones(edits)
    iri = find(loaded, name)
    retirement = Retirement(
        reasons,
        [find(loaded, successor)] if successor else [],
        [find(loaded, other) for other in consider],
        keeps_synonyms,
    )
    _refuse(tombstones, iri, retirement)
    named = [u for u in uses(edits, iri) if u.predicate not in _MAY_NAME]
    if move_claims:
        if not retirement.successors:
            raise UsageError("Claims can be moved to a successor only: give --successor.")
        if iri.startswith(iris.CLAIM):
            give_citations(edits, iri, retirement.successors[0])
        tombstones.replace_by(iri, retirement.successors[0])
    elif retire_claims:
        for claim in dict.fromkeys(u.subject for u in named if u.subject.startswith(iris.CLAIM)):
            tombstones.leave_tensions(claim)
            tombstones.entomb(claim, Retirement([f"{loaded.name(iri)} is retired."]))
            tombstones.notes.append(f"{loaded.name(claim)} is retired")
    elif named:
        raise UsageError(_in_use(tombstones, iri, named))
    tombstones.leave_tensions(iri)
    tombstones.entomb(iri, retirement)
    return [*tombstones.notes, *expected.follow(edits)]


_MAY_NAME = IN_TENSIONS | {iris.REPLACED_BY, iris.CONSIDER}


def _refuse(tombstones: Tombstones, iri: str, retirement: Retirement) -> None:
    """Refuse a resource that cannot be retired, and a successor that cannot follow."""
    loaded, space = tombstones.edits.loaded, space_of(iri)
    if space not in FILES or (space == "source" and "-list-" not in iri):
        raise UsageError(
            f"{loaded.name(iri)} cannot be retired: terms, claims, passages, tensions, questions "
            "and lists can."
        )
    if iri in tombstones.retired:
        raise UsageError(f"{loaded.name(iri)} is retired already.")
    for other in (*retirement.successors, *retirement.candidates):
        if other == iri or other in tombstones.retired or space_of(other) != space:
            raise UsageError(
                f"{loaded.name(other)} cannot replace {loaded.name(iri)}: give one of its sort "
                "that is in use."
            )
    has_prose = any(reason not in REASONS for reason in retirement.reasons)
    if not (has_prose or retirement.successors or retirement.candidates):
        raise UsageError("Say what replaces it (--successor, --consider), or why nothing does.")


def _in_use(tombstones: Tombstones, iri: str, named: Iterable[Use]) -> str:
    """Return why a resource in use cannot simply be retired, with all its uses."""
    loaded, words = tombstones.edits.loaded, tombstones.words
    lines = []
    for use in dict.fromkeys(named):
        name = loaded.name(use.subject) if use.subject.startswith(iris.BASE) else "a part"
        label = f" ({words[name]})" if name in words else ""
        path = use.path.relative_to(loaded.sources.root)
        lines.append(f"  {path}: {name}{label}, {loaded.name(use.predicate)}")
    return (
        f"{loaded.name(iri)} is in use; give --successor with --move-claims, or --retire-claims, "
        "or change these first:\n" + "\n".join(sorted(set(lines)))
    )
