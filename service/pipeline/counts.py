"""Complete the description of the dataset: counts, the service, the building software.

Editors write most of it in ``dataset.ttl``, and rules take more from the header. No clock is read:
days come from the header, so that the same sources make the same release.
"""

import pyoxigraph as ox

from service import __version__, iris
from service.pipeline import graphs
from service.rdf.service_description import partitions, service_description
from service.rdf.terms import integer, triple
from service.release import GRAPHS, graph_iri


def add_counts(store: ox.Store) -> None:
    """Add to the graph ``about`` the counts of all graphs, itself too.

    Uses of classes and properties are counted in the other graphs alone.
    """
    software = ox.Literal(f"cdmo {__version__}")
    content = [graph_iri(name) for name in GRAPHS if name != "about"]
    graphs.add(store, "about", [triple(f"{iris.DATASET}-software", iris.LABEL, software)])
    graphs.add(store, "about", partitions(store, iris.DATASET, content))
    sizes = graphs.sizes(store)
    counts = {graph_iri(name): sizes.get(graph_iri(name), 0) for name in GRAPHS}
    # Each count is one triple whatever its value, so this graph can count itself.
    about = {*graphs.triples(store, "about"), *_counts(store, counts)}
    counts[graph_iri("about")] = len(about)
    graphs.add(store, "about", _counts(store, counts))


def _counts(store: ox.Store, counts: dict[str, int]) -> list[ox.Triple]:
    title = next(iter(graphs.values(store, ox.NamedNode(iris.ONTOLOGY), iris.TITLE)), None)
    title = title if isinstance(title, ox.Literal) else ox.Literal("")
    return [
        *service_description(iris.ENDPOINT, counts, title),
        triple(iris.DATASET, iris.VOID + "triples", integer(sum(counts.values()))),
    ]
