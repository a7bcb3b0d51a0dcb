"""CDMO: one medical article as an ontology of claims, built, released and served.

Two wings and a wall: :mod:`service.pipeline` turns sources into an immutable release,
:mod:`service.site` opens a release read-only and answers. They meet only at
:mod:`service.release`.
"""

__version__ = "0.1.0"
