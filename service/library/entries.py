"""What a search can find in a release."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from service.library.data import Ref
from service.library.library import Library
from service.library.search import Entry
from service.rdf.terms import text


def search_entries(library: Library) -> Iterator[Entry]:
    """Yield an entry for every term, relation, modality, section, question and tension."""
    synonyms: dict[str, list[str]] = defaultdict(list)
    codes: dict[str, list[str]] = defaultdict(list)
    for row in library.select("search_names"):
        iri, value = text(row["resource"]), row["value"]
        if isinstance(value, ox.NamedNode):
            codes[iri].append(library.names.curie(value.value) or value.value)
        else:
            synonyms[iri].append(text(value))
    for iri, term in library.terms.items():
        kind = library.kinds[term.kinds[0]].ref.label if term.kinds else "term"
        kind = "obsolete term" if term.deprecated else kind
        names = tuple(dict.fromkeys(synonyms[iri]))
        yield from _entry(term.ref, kind, term.definition, names, dict.fromkeys(codes[iri]))
    for relation in library.relations.values():
        yield from _entry(relation.ref, "relation", relation.definition)
    for modality in library.modalities.values():
        yield from _entry(modality.ref, "modality", modality.definition)
    for section in library.sections.values():
        yield from _entry(section.ref, "section")
    for question in library.questions:
        yield from _entry(question.ref, "question")
    for tension in library.tensions.values():
        yield from _entry(tension.ref, "tension")


def _entry(
    ref: Ref,
    kind: str,
    definition: str = "",
    synonyms: tuple[str, ...] = (),
    codes: Iterable[str] = (),
) -> Iterator[Entry]:
    """Yield the entry of a resource, if it has a document."""
    if ref.path:
        all_codes = (ref.curie or "", *codes)
        yield Entry(ref.iri, ref.label, kind, ref.path, synonyms, definition, all_codes)
