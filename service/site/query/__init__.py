"""The query room: the page on which a person writes a query, its editor, and queries as code."""
