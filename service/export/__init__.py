"""The whole site as files, for any web server: pages, every format, search and queries.

:func:`export` asks the site's own application for each address of a plan and writes the
responses; in pages, only the links differ.
"""

from service.export.writing import DATA, export

__all__ = ["DATA", "export"]
