"""A release in Python: the public module. Everything outside it may change.

.. code-block:: python

    import cdmo

    release = cdmo.release()

Then ``release.dataset()`` is an rdflib ``Dataset``, ``release.world()`` an owlready2 world,
``release.terms`` and ``release.claims`` are typed values, and ``release.frame("claims")`` is a
pandas ``DataFrame``.
"""

from argparse import Namespace
from os import PathLike
from pathlib import Path

from cdmo.opened import Opened
from cdmo.values import Citation, Claim, Term
from service import __version__
from service.cli.verbs import release_of
from service.release import open_release

__all__ = ["Citation", "Claim", "Opened", "Term", "__version__", "release"]


def release(path: str | PathLike[str] | None = None) -> Opened:
    """Open a release.

    :param path: its folder; by default our own release, built first if the sources have changed.
    :raises service.problems.ReleaseError: if there is no complete release in the folder.
    """
    if path is not None:
        return Opened(open_release(Path(path)))
    return Opened(release_of(Namespace(release=None, dist=None)))
