"""An opened release, in the forms of rdflib, owlready2, Python and pandas."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import pyoxigraph as ox

from cdmo.values import Citation, Claim, Term
from service import iris, library
from service.names import Names
from service.rdf.terms import text
from service.release import Manifest, Release, graph_iri, open_store

if TYPE_CHECKING:
    import owlready2
    import pandas as pd
    from rdflib import Dataset

Table = Literal["terms", "claims", "citations", "mappings"]


class Opened:
    """A release, read-only.

    :param folder: the release on disk.
    """

    def __init__(self, folder: Release) -> None:
        self.folder = folder
        self._names = Names(folder.manifest.prefixes)

    @property
    def manifest(self) -> Manifest:
        """The contents of the release: version, day, digest, prefixes, sizes of graphs."""
        return self.folder.manifest

    def dataset(self) -> "Dataset":
        """Return the release as a read-only rdflib dataset; its default graph is the union.

        Queries may use the prefixes of the release without declaring them.
        """
        dataset = self.folder.dataset()
        for prefix, namespace in self.manifest.prefixes.items():
            dataset.bind(prefix, namespace)
        return dataset

    def world(self, *, inferred: bool = True) -> "owlready2.World":
        """Return the ontology as an owlready2 world of its own.

        :param inferred: whether to add the parents that HermiT inferred; no reasoner runs.
        """
        import owlready2  # noqa: PLC0415 - only who wants a world needs it

        names = ["ontology", "inferred"] if inferred else ["ontology"]
        triples = [
            quad.triple
            for name in names
            for quad in self._store.quads_for_pattern(None, None, None, _graph(name))
        ]
        data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
        world = owlready2.World()
        world.get_ontology(f"{iris.ONTOLOGY}#").load(fileobj=BytesIO(data), only_local=True)
        return world

    @cached_property
    def terms(self) -> Mapping[str, Term]:
        """Every term by CURIE, in the order of labels."""
        return {t.id: t for t in map(self._term, self._library.terms.values())}

    @cached_property
    def claims(self) -> Mapping[str, Claim]:
        """Every claim by CURIE, in the order of the document."""
        return {c.id: c for c in map(self._claim, self._library.claims.values())}

    def frame(self, table: Table) -> "pd.DataFrame":
        """Return a table as a pandas DataFrame indexed by CURIE; needs the extra ``frames``.

        :param table: "terms", "claims", "citations" (of claims, one a row) or "mappings".
        """
        import pandas as pd  # noqa: PLC0415 - an extra

        rows: list[dict[str, Any]]
        if table == "terms":
            rows = [asdict(term) for term in self.terms.values()]
        elif table == "claims":
            rows = [{**asdict(c), "citations": len(c.citations)} for c in self.claims.values()]
        elif table == "citations":
            rows = [
                {"id": claim.id, "claim": claim.label, **asdict(citation)}
                for claim in self.claims.values()
                for citation in claim.citations
            ]
        elif table == "mappings":
            rows = [self._mapping(row) for row in self._library.mapping_rows if row.match]
        else:
            raise ValueError(f"There is no table {table!r}: terms, claims, citations, mappings.")
        return pd.DataFrame(rows, columns=None if rows else ["id"]).set_index("id")

    # -- how the values are made ---------------------------------------------------------------

    @cached_property
    def _store(self) -> ox.Store:
        return open_store(self.folder)

    @cached_property
    def _library(self) -> library.Library:
        return library.Library(self._store, self._names)

    def _id(self, iri: str) -> str:
        return self._names.curie(iri) or iri

    def _texts(self, iri: str, *predicates: str) -> list[ox.Literal]:
        values = (v for p in predicates for v in self._library.values(iri, p))
        return [value for value in values if isinstance(value, ox.Literal)]

    def _term(self, term: library.Term) -> Term:
        iri = term.ref.iri
        names = self._texts(iri, iris.LABEL)
        return Term(
            self._id(iri),
            iri,
            term.ref.label,
            tuple((name.language or "", name.value) for name in names),
            tuple(self._library.ref(kind).label for kind in term.kinds),
            term.definition,
            tuple(name.value for name in self._texts(iri, *iris.SYNONYMS[:-1])),
            tuple(map(self._id, self._library.hierarchy.parents.get(iri, ()))),
            term.obsolete,
        )

    def _claim(self, claim: library.Claim) -> Claim:
        return Claim(
            self._id(claim.ref.iri),
            claim.ref.iri,
            claim.ref.label,
            self._id(claim.subject.iri),
            self._id(claim.relation.ref.iri),
            self._value(claim.object),
            "negative" if claim.negative else "positive",
            claim.standing.name,
            claim.firmness,
            tuple((self._id(q.qualifier.iri), self._value(q.value)) for q in claim.qualifiers),
            tuple(map(self._citation, claim.citations)),
        )

    def _value(self, value: library.Ref) -> str:
        return self._id(value.iri) if value.iri else value.label

    def _citation(self, citation: library.Citation) -> Citation:
        passage = citation.passage
        source = next(map(text, self._library.values(passage.ref.iri, iris.HAS_SOURCE)), "")
        return Citation(
            self._id(passage.ref.iri),
            self._id(source),
            passage.section.trail if passage.section else "",
            citation.standing.name,
            citation.words,
            citation.hedge,
            citation.firmness,
        )

    def _mapping(self, row: library.MappingRow) -> dict[str, Any]:
        assert row.match
        return {
            "id": self._id(row.term.iri),
            "label": row.term.label,
            "predicate": self._id(row.match.predicate.iri),
            "target": self._id(row.match.target.iri),
            "targetLabel": row.match.target.label,
            "isDenied": row.match.negative,
        }


def _graph(name: str) -> ox.NamedNode:
    return ox.NamedNode(graph_iri(name))
