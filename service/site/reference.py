"""The reference: the page of the ontology, with its schema in lists and diagrams."""

from collections import Counter
from typing import Any

from service import iris
from service.library import Description
from service.site import diagram
from service.site.ellipse import WIDTH
from service.site.site import Site


def ontology(d: Description, site: Site) -> dict[str, Any]:
    """Return what the reference shows."""
    library = d.library
    used = Counter(c.relation.ref.iri for c in library.claims.values())
    meanings = library.definitions
    listed = {*library.kinds, *library.relations, *library.modalities, *library.qualifiers}
    return {
        "description": d.text(iris.DESCRIPTION) or d.definition,
        "kinds": [(kind, len(library.terms_of(iri))) for iri, kind in library.kinds.items()],
        "diagrams": {"kinds": diagram.kinds(library), "model": diagram.model(library)},
        "size": (WIDTH, diagram.ELLIPSE.height),
        "relations": [(relation, used[iri]) for iri, relation in library.relations.items()],
        "modalities": list(library.modalities.values()),
        "qualifiers": [(ref, meanings.get(iri, "")) for iri, ref in library.qualifiers.items()],
        "vocabulary": sorted(
            (library.ref(iri), meaning) for iri, meaning in meanings.items() if iri not in listed
        ),
        "prefixes": sorted(library.names.prefixes.items()),
        "header": [p for p in d.properties if p.ref.iri != iris.DECLARE],
    }
