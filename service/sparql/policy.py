"""The policy: queries may use the graphs of this dataset, and call the endpoints it allows."""

from dataclasses import dataclass

from service.problems import GraphRefused, MalformedQuery, ServiceRefused, UpdateRefused
from service.sparql.references import MAX_DEPTH, References

MAX_NAMED = 100
"""The most graphs that a refusal lists."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The graphs and endpoints that queries may use.

    :param graphs: IRIs of the dataset's named graphs; no other graph is ever fetched.
    :param services: IRIs of the endpoints that ``SERVICE`` may call, as they are written.
    """

    graphs: frozenset[str]
    services: frozenset[str]

    def check(self, references: References, protocol_graphs: tuple[str, ...]) -> None:
        """Check that the policy allows a query.

        :param protocol_graphs: the graphs that the request's parameters name.
        :raises UpdateRefused, ServiceRefused, GraphRefused: for an update, a call, a graph.
        :raises MalformedQuery: if the query nests too deeply.
        """
        if references.update:
            raise UpdateRefused(
                f"{references.update} is an update; this endpoint answers queries only.",
                token=references.update,
            )
        if references.depth > MAX_DEPTH:
            raise MalformedQuery(
                f"The query nests its brackets more than {MAX_DEPTH} deep.", limit=MAX_DEPTH
            )
        for service in references.services:
            if service not in self.services:
                advice = "Ask that endpoint yourself and join the answers."
                if service.startswith("<"):  # an IRI that may be read in two ways
                    advice = "If it does not, write that IRI as a name with a prefix."
                raise ServiceRefused(
                    f"This endpoint does not call others; the query asks SERVICE of {service}. "
                    f"{advice}",
                    service=service,
                )
        for graph in (*references.default_graphs, *references.named_graphs, *protocol_graphs):
            if graph not in self.graphs:
                raise GraphRefused(
                    f"There is no graph <{graph}> here, and none is ever fetched.",
                    graph=graph,
                    graphs=sorted(self.graphs)[:MAX_NAMED],
                )
