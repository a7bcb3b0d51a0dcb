"""The whole site as files, for any web server: pages, every format, search and queries.

:func:`export` asks the site's own application for each address of a plan and writes what it
answers; in pages the links alone are others.
"""

from service.export.writing import DATA, export

__all__ = ["DATA", "export"]
