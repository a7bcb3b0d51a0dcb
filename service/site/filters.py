"""Template filters: how pages write sentences, labels and citations."""

import re
from collections.abc import Iterable
from urllib.parse import urlencode

from flask import Flask

from service.cards import Operation
from service.library import Citation, Claim, Passage, Quotation, Ref, Section, Tension
from service.names import Names
from service.site.addresses import in_format
from service.site.site import site


def sentence(words: str) -> str:
    """Return words with a full stop at their end, if they have no other mark there.

    >>> sentence("a drug that helps")
    'a drug that helps.'
    """
    return words if not words or words[-1] in ".?!…" else f"{words}."


def titled(label: str) -> str:
    """Return a label with a capital at its start; a CURIE as it is.

    >>> titled("date created"), titled("owl:inverseOf")
    ('Date created', 'owl:inverseOf')
    """
    return label if ":" in label else label[:1].upper() + label[1:]


def spaced(name: str) -> str:
    """Return the name of a variable as words.

    >>> spaced("kindOfPassage")
    'kind of passage'
    """
    return re.sub(r"(?<=[a-z])([A-Z])", r" \1", name).lower()


def by_words(claim: Claim) -> list[tuple[str, str, list[Passage]]]:
    """Return the passages of a claim, grouped by how they put it and by the words that hedge."""
    passages: dict[tuple[str, str], list[Passage]] = {}
    for citation in claim.citations:
        passages.setdefault((citation.words, citation.hedge), []).append(citation.passage)
    return [(words, hedge, group) for (words, hedge), group in passages.items()]


def anchor(name: str) -> str:
    """Return a local name or a heading as the anchor of a part of a page.

    >>> anchor("treatedBy")
    'treated-by'
    """
    return spaced(name).replace(" ", "-")


def disagreements(
    resource: Claim | Passage | str, passage: Passage | None = None
) -> list[tuple[Tension, list[Passage], bool]]:
    """Return the tensions that can mislead about a claim, a passage or any IRI.

    :param passage: where the claim is read; without it, its firmest passage counts.
    :return: each with the passages on the other side and whether it warns of the resource here;
        those that do first.
    """
    iri, here = resource if isinstance(resource, str) else resource.ref.iri, ""
    if passage:
        here = passage.ref.iri
    tensions = (t for t in site().library.tensions_about(iri) if t.kind.leading)
    marks = [(t, t.against(iri, here), t.warns_of(iri, here)) for t in tensions]
    return sorted(marks, key=lambda mark: not mark[2])


def quoted(resource: Citation | Passage, citations: Iterable[Citation] = ()) -> Quotation:
    """Return the words of a passage or of the one of a citation, if the document was given.

    :param citations: those of a passage whose hedges are marked.
    :return: the words in pieces; none without the document.
    """
    if isinstance(resource, Citation):
        return site().quotation(resource.passage, [resource])
    return site().quotation(resource, citations)


def several(one: str, many: str) -> str:
    """Return the first of two texts where the release restates one document, else the second."""
    return many if site().library.is_of_several else one


def document_of(part: Passage | Section) -> str:
    """Return the short name of the document of a passage or section; "" where there is one only."""
    library = site().library
    return library.in_short(part.source) if library.is_of_several else ""


def by_document(claim: Claim) -> list[tuple[Ref, Claim]]:
    """Return the documents that make a claim, each with the claim as it makes it.

    Of one document alone nothing is returned: there is nothing to tell apart.
    """
    library = site().library
    if not library.is_of_several:
        return []
    named = [(library.labelled(library.in_short(s), s.iri), s) for s in claim.sources]
    return [(ref, claim.said_in(source)) for ref, source in named]


def below(ref: Ref) -> str:
    """Return the address of the list of all that is directly below a term of others' data."""
    return Names.resource(ref.iri).replace("/resource?iri", "/terms?below", 1)


def example(operation: Operation) -> str:
    """Return an address that an operation answers, with the examples of its parameters."""
    path = operation.path
    for one in operation.inputs:
        if one.is_path:
            path = path.replace(f"{{{one.name}}}", one.example)
    named = (one for one in operation.inputs if one.example and not one.is_path)
    query = {one.name: one.example for one in named}
    return f"{path}?{urlencode(query)}" if query else path


def register(app: Flask) -> None:
    """Add the filters to an application's templates."""
    for template_filter in (
        sentence,
        titled,
        spaced,
        by_words,
        anchor,
        disagreements,
        quoted,
        several,
        document_of,
        by_document,
        in_format,
        below,
        example,
    ):
        app.add_template_filter(template_filter)
