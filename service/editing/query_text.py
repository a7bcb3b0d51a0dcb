"""The text of a question's query, when a term gets another name or another takes its place."""

import re

from service.editing.prose import Wording

_COMMENT = re.compile(r"(?<![<\w/])#(?=\s).*")


def names_curie(query: str, curie: str) -> bool:
    """Tell whether a query names a term by its CURIE."""
    return re.search(rf"{re.escape(curie)}(?!\w)", query) is not None


def relabelled(query: str, wording: Wording, curie: str) -> str:
    """Return a query with a new label: as a string of its own, in comments if it has the term."""
    if names_curie(query, curie):
        query = _COMMENT.sub(lambda match: wording.replaced(match[0]), query)
    return query.replace(f'"{wording.old}"', f'"{wording.new}"')


def repointed(query: str, old: str, new: str) -> str:
    """Return a query with another CURIE in the place of one."""
    return re.sub(rf"{re.escape(old)}(?!\w)", new, query)
