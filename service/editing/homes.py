"""Where a new term stands, and who signs it."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.curators import curator
from service.pipeline.loading import Loaded
from service.rdf.terms import Term, text

CREATED, CONTRIBUTOR = iris.DCTERMS + "created", iris.DCTERMS + "contributor"


def module_of(loaded: Loaded, kinds: Iterable[str]) -> Path | None:
    """Return the file in which most terms directly below some kinds stand, or None."""
    asked = {ox.NamedNode(kind) for kind in kinds}
    files: Counter[Path] = Counter()
    for document in loaded.documents:
        if document.path.parent.name == "modules":
            files[document.path] += sum(
                text(t.subject).startswith(iris.TERM)
                and t.predicate.value == iris.SUBCLASS
                and t.object in asked
                for t in document.triples
            )
    best = files.most_common(1)
    return best[0][0] if best and best[0][1] else None


def signature(loaded: Loaded, given: Iterable[str]) -> list[tuple[str, Term]]:
    """Return contributor and date of a new term, as far as it has none.

    :param given: the properties that it has.
    :raises UsageError: if the contributor cannot be told.
    """
    values: list[tuple[str, Term]] = []
    given = set(given)
    if CONTRIBUTOR not in given:
        curie, _ = curator(loaded, None)
        values.append((CONTRIBUTOR, ox.NamedNode(loaded.names.iri(curie) or curie)))
    if CREATED not in given:
        today = datetime.now(UTC).date().isoformat()
        values.append((CREATED, ox.Literal(today, datatype=ox.NamedNode(iris.XSD + "date"))))
    return values
