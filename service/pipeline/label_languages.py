"""Check that questions ask for labels of one language.

A term may have labels in several; a query that takes them all has a row for each.
"""

import re
from collections.abc import Iterator

import pyoxigraph as ox

from service import iris
from service.pipeline.integrity import questions
from service.pipeline.loading import Loaded
from service.pipeline.turtle_tokens import bare
from service.pipeline.violations import Violation

_LABEL = re.compile(r"([^\s;.{}()]*?)\(?rdfs:label(?:\|[^\s)]*)?\)?\s+\?(\w+)")
_IN_ENGLISH_ONLY = re.compile(
    r"(cdmo:(relation|citation|chapter|section|standing|kind|tensionKind|polarity|frequency|evidence"
    r"|assertsNothing|mostCautiousCitation|firmestCitation)|owl:onProperty|owl:annotatedProperty)/$"
)
"""Steps to what is no term: words of the schema, of the document, and those that rules make."""


def labels_in_any_language(query: str) -> Iterator[tuple[int, str]]:
    r"""Yield line and variable of each label that a query takes in whatever language.

    >>> list(labels_in_any_language("SELECT ?drug {\n ?d rdfs:label ?drug }"))
    [(2, 'drug')]
    >>> query = '{ ?d rdfs:label ?drug FILTER(LANGMATCHES(LANG(?drug), "en")) }'
    >>> list(labels_in_any_language(query))
    []
    """
    plain = bare(query)
    for match in _LABEL.finditer(plain):
        steps, variable = match.groups()
        if _IN_ENGLISH_ONLY.search(steps) or re.search(rf"\bLANG\(\?{variable}\)", plain, re.I):
            continue
        yield plain.count("\n", 0, match.start(2)) + 1, variable


def check_labels(loaded: Loaded) -> Iterator[Violation]:
    """Yield a warning for each label that a question takes in whatever language."""
    for question in questions(loaded.store):
        place = loaded.place(question.iri, ox.NamedNode(iris.SH + "select"))
        for line, variable in labels_in_any_language(question.query):
            yield Violation(
                "question-label-language",
                "warning",
                place.file,
                (place.line or 1) + line - 1,
                loaded.name(question.iri),
                f"takes the label ?{variable} in whatever language",
                f'Add FILTER(LANGMATCHES(LANG(?{variable}), "en")).',
            )
