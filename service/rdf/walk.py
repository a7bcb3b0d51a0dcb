"""Walk a graph one step function at a time; cycles are walked once."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def closure(start: Node, step: Callable[[Node], Iterable[Node]]) -> Iterator[Node]:
    """Yield everything that steps lead to from ``start``, nearest first, each once.

    ``start`` itself is yielded only if a cycle leads back to it.

    >>> parents = {"excision": ["surgery"], "surgery": ["intervention"]}
    >>> list(closure("excision", lambda term: parents.get(term, ())))
    ['surgery', 'intervention']
    """
    seen: set[Node] = set()
    todo = deque([start])
    while todo:
        for node in step(todo.popleft()):
            if node not in seen:
                seen.add(node)
                todo.append(node)
                yield node
