"""Resources of the sources by the names that an editor types."""

from service import iris
from service.editing.prose import Wording
from service.pipeline.loading import Loaded
from service.pipeline.violations import did_you_mean
from service.problems import UsageError
from service.rdf.terms import text

_NAMES = frozenset({iris.LABEL, iris.EXACT_SYNONYM})


def labels(loaded: Loaded) -> dict[str, str]:
    """Return the English label of each resource that has one, by IRI."""
    return {
        text(t.subject): text(t.object)
        for d in loaded.documents
        for t in d.triples
        if t.predicate.value == iris.LABEL and getattr(t.object, "language", None) == "en"
    }


def names_of_terms(loaded: Loaded) -> dict[str, set[str]]:
    """Return the label and the exact synonyms of each term, by IRI."""
    named: dict[str, set[str]] = {}
    for document in loaded.documents:
        for t in document.triples:
            subject, is_name = text(t.subject), t.predicate.value in _NAMES
            if is_name and subject.startswith(iris.TERM):
                named.setdefault(subject, set()).add(text(t.object))
    return named


def wording_of(loaded: Loaded, iri: str, new: str) -> Wording:
    """Return a wording that replaces the label of a term, with all other names beside it."""
    others = {n for other, those in names_of_terms(loaded).items() if other != iri for n in those}
    return Wording(labels(loaded)[iri], new, frozenset(others))


def find(loaded: Loaded, name: str) -> str:
    """Return the IRI of a resource of ours: by IRI, CURIE, local name or label.

    :raises UsageError: if nothing has the name, or several have.
    """
    if name in loaded.places or (loaded.names.iri(name) or "") in loaded.places:
        return name if name in loaded.places else str(loaded.names.iri(name))
    by_local = {iri.removeprefix(iris.BASE).partition("/")[2]: iri for iri in loaded.places}
    if name in by_local and by_local[name].startswith(iris.BASE):
        return by_local[name]
    by_label: dict[str, list[str]] = {}
    for iri, label in labels(loaded).items():
        if iri.startswith(iris.BASE):
            by_label.setdefault(label, []).append(iri)
    match by_label.get(name, []):
        case [iri]:
            return iri
        case []:
            curies = [loaded.name(iri) for iri in loaded.places if iri.startswith(iris.BASE)]
            near = did_you_mean(name, [*by_label, *curies])
            raise UsageError(f"Nothing in the sources is called '{name}'. {near}".strip())
        case several:
            names = ", ".join(sorted(map(loaded.name, several)))
            raise UsageError(f"Several are called '{name}': {names}. Give one of these.")


def find_term(loaded: Loaded, name: str) -> str:
    """Return the IRI of a term that has a label.

    :raises UsageError: if nothing has the name, or only a resource that is no such term.
    """
    iri = find(loaded, name)
    if not iri.startswith(iris.TERM) or iri not in labels(loaded):
        raise UsageError(f"{loaded.name(iri)} is no term with a label.")
    return iri
