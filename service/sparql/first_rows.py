"""Rewrite queries by which people page through data: the first rows of all triples, sorted.

The engine sorts every row before it applies LIMIT. Subjects are far fewer than triples, and IRIs
have a total order: so the new query finds the first subjects, and sorts only their triples.
"""

import re

_VARIABLE = r"[?$]\w+"
_TRIPLE = rf"(?P<s>{_VARIABLE}) \s+ (?P<p>{_VARIABLE}) \s+ (?P<o>{_VARIABLE})"
_KEY = rf"(?:(?:ASC|DESC)\s*\(\s*{_VARIABLE}\s*\)|{_VARIABLE})"
_PAGE = re.compile(
    rf"""\bSELECT (?:\s+{_VARIABLE})+ \s* (?:WHERE\s*)?
    (?P<pattern>\{{ \s* {_TRIPLE} \s*\.?\s* \}})
    \s* ORDER \s+ BY \s+ (?P<key>{_KEY}) (?:\s+{_KEY})*
    \s+ LIMIT \s+ (?P<first>\d+) (?:\s+OFFSET\s+(?P<skipped>\d+))? \s* \Z""",
    re.VERBOSE | re.IGNORECASE,
)


def first_rows(text: str) -> str:
    """Return a query with the same rows as a query for the first triples; any other as it is.

    >>> first_rows("SELECT ?s ?o { ?s ?p ?o } ORDER BY ?s LIMIT 10 OFFSET 5")[:87]
    'SELECT ?s ?o { { SELECT ?s { { SELECT DISTINCT ?s { ?s ?p ?o } } } ORDER BY ?s LIMIT 15'
    """
    page = _PAGE.search(text)
    if page is None:
        return text
    names = {page[group][1:] for group in "spo"}
    if len(names) < 3 or re.findall(_VARIABLE, page["key"])[0][1:] != page["s"][1:]:
        return text
    most = int(page["first"]) + int(page["skipped"] or 0)
    subjects = f"SELECT {page['s']} {{ {{ SELECT DISTINCT {page['s']} {page['pattern']} }} }}"
    begin = page.start("pattern") + 1
    cut = f"{{ {subjects} ORDER BY {page['key']} LIMIT {most} }}"
    return f"{text[:begin]} {cut} {text[begin:].lstrip()}"
