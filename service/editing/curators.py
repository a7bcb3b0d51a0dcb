"""Who edits: the curator that new terms and mappings name."""

import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pyoxigraph as ox

from service import iris
from service.pipeline.loading import Loaded
from service.pipeline.mapping_authors import read_curators
from service.problems import UsageError
from service.rdf.terms import Term

CREATED, CONTRIBUTOR = iris.DCTERMS + "created", iris.DCTERMS + "contributor"


def curators(loaded: Loaded) -> Mapping[str, str]:
    """Return the curators of ``mappings/curators.tsv``: CURIE to name, in their order."""
    return read_curators(loaded.sources.mappings).names


def curator(loaded: Loaded, given: str | None) -> tuple[str, str]:
    """Return CURIE and name of the curator who edits.

    It is the one given, else that of ``git config user.orcid``, else the only one of the list.
    Nobody else is ever named: whoever is not in the list has to be added to it first.

    :raises UsageError: if it cannot be told.
    """
    known = curators(loaded)
    asked = given or _orcid_of_git(loaded)
    if not asked:
        if len(known) == 1:
            return next(iter(known.items()))
        raise UsageError(f"Name the curator by --contributor: {', '.join(known) or 'none known'}")
    local = asked.rpartition("/")[2]
    for curie, name in known.items():
        if asked.casefold() in (curie.casefold(), name.casefold()) or curie.endswith(f":{local}"):
            return curie, name
    raise UsageError(f"{asked} is not in mappings/curators.tsv. Add a line with CURIE and name.")


def signature(loaded: Loaded, given: Iterable[str]) -> list[tuple[str, Term]]:
    """Return the contributor and the date of a new term, each unless it is given.

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


def _orcid_of_git(loaded: Loaded) -> str:
    command = ["git", "config", "user.orcid"]
    try:
        result = subprocess.run(  # noqa: S603
            command, cwd=loaded.sources.ontology, capture_output=True, text=True, check=False
        )
    except OSError:  # there is no git
        return ""
    return result.stdout.strip()
