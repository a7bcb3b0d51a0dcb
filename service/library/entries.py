"""What a search can find in a release."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from service.library.data import Ref
from service.library.library import Library
from service.library.search import Entry


def search_entries(library: Library) -> Iterator[Entry]:
    """Yield an entry for every term, relation, modality, section, question and tension."""
    synonyms: dict[str, list[str]] = defaultdict(list)
    for row in library.select("synonyms"):
        synonyms[row["term"]].append(row["synonym"])
    for iri, term in library.terms.items():
        kind = library.kinds[term.kinds[0]].ref.label if term.kinds else "term"
        kind = "obsolete term" if term.obsolete else kind
        codes = [match.target.curie or match.target.iri for match in library.matches.get(iri, ())]
        yield from _entry(term.ref, kind, term.definition, synonyms[iri], codes)
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
    synonyms: Iterable[str] = (),
    codes: Iterable[str] = (),
) -> Iterator[Entry]:
    """Yield the entry of a resource, if it has a document."""
    if ref.path:
        codes, synonyms = (ref.curie or "", *codes), tuple(dict.fromkeys(synonyms))
        yield Entry(ref.iri, ref.label, kind, ref.path, synonyms, definition, codes)
