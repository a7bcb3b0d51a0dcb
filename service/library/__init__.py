"""IRI to :class:`Description`: what there is to say of a resource.

:class:`Library` is the opened release; :func:`describe` gathers one resource's triples from it.
"""

from service.library.description import Description, describe, is_version
from service.library.library import Library, Ref

__all__ = ["Description", "Library", "Ref", "describe", "is_version"]
