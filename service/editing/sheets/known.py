"""The identifiers, labels and kinds known when sheets are read, also new ones."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import pyoxigraph as ox

from service import iris
from service.editing.lookup import Lookup
from service.editing.sheets.layouts import Layout
from service.editing.sheets.tables import LABEL, Row, Sheet
from service.names import Names
from service.pipeline import graphs
from service.pipeline.loading import Loaded
from service.rdf.terms import Term, text


@dataclass
class Known:
    """The sources, and the additions of sheets to them.

    :param labels: IRI to its label.
    :param new_labels: labels that a sheet gives, beside those of the sources.
    :param kinds: of new terms.
    """

    loaded: Loaded
    new_labels: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, set[str]] = field(default_factory=dict)

    @property
    def names(self) -> Names:
        """The prefixes of the sources."""
        return self.loaded.names

    @cached_property
    def lookup(self) -> Lookup:
        """The sources by name."""
        return Lookup(self.loaded)

    @cached_property
    def labels(self) -> dict[str, str]:
        """IRI to its English label, or any."""
        labels = sorted(
            (t.subject.value, t.object.language != "en", t.object.value)
            for t in graphs.triples(self.loaded.store, "ontology", "claims", predicate=iris.LABEL)
            if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.Literal)
        )
        return {iri: label for iri, _, label in reversed(labels)}

    @cached_property
    def _all_labels(self) -> dict[str, set[str]]:
        labels: dict[str, set[str]] = defaultdict(set)
        for t in graphs.triples(self.loaded.store, "ontology", "claims", predicate=iris.LABEL):
            labels[text(t.subject)].add(text(t.object))
        return labels

    @cached_property
    def _subjects(self) -> set[str]:
        quads = self.loaded.store.quads_for_pattern(None, None, None, None)
        return {text(quad.subject) for quad in quads}

    def has(self, iri: str) -> bool:
        """Tell whether an IRI is in the sources, new, or of another vocabulary."""
        ours = iri.startswith(iris.BASE)
        return not ours or iri in self._subjects or iri in self.new_labels or iri in self._used

    @cached_property
    def _used(self) -> set[str]:
        return {text(q.object) for q in self.loaded.store.quads_for_pattern(None, None, None, None)}

    def names_like(self, iri: str) -> list[str]:
        """Return the CURIEs of IRIs with the same beginning as an IRI."""
        start = iri.rpartition("/")[0] + "/"
        return [self.loaded.name(known) for known in self._subjects if known.startswith(start)]

    def by_label(self, label: str) -> str:
        """Return the one term that has a label, or an empty text."""
        folded = " ".join(label.casefold().split())
        fitting = self._by_label.get(folded, set()) | {
            iri for iri, new in self.new_labels.items() if new.casefold() == folded
        }
        return next(iter(fitting)) if len(fitting) == 1 else ""

    @cached_property
    def _by_label(self) -> dict[str, set[str]]:
        index: dict[str, set[str]] = defaultdict(set)
        for iri, labels in self._all_labels.items():
            if iri.startswith((iris.TERM, iris.CDMO)):
                for label in labels:
                    index[" ".join(label.casefold().split())].add(iri)
        return index

    def unfitting(self, terms: list[Term], shown: str) -> str:
        """Return the fault of the labels beside identifiers, or an empty text."""
        labels = [label.strip() for label in shown.split("|")]
        if not terms:
            return ""
        if len(labels) != len(terms):
            return f"has {len(labels)} labels for {len(terms)} identifiers"
        for term, label in zip(terms, labels, strict=True):
            own = self._all_labels.get(text(term), set()) | {self.new_labels.get(text(term), "")}
            if label and label not in own:
                own.discard("")
                named = f"({' or '.join(sorted(own))})" if own else "(which has no label)"
                return f"'{label}' is not the label of {self.loaded.name(term)} {named}"
        return ""

    def with_identifiers(self, row: Row, layout: Layout, sheet: Sheet) -> Row:
        """Return a new row with the identifiers of resources that it names by label alone."""
        cells = dict(row.cells)
        for prop in layout.properties:
            column = prop.name + LABEL
            if not layout.shows_labels(prop) or row[prop.name].strip() or not row[column].strip():
                continue
            identified = []
            for label in row[column].split("|"):
                if iri := self.by_label(label.strip()):
                    identified.append(self.loaded.name(iri))
                else:
                    message = f"'{label.strip()}' is the label of no term, or of several"
                    hint = f"Write the identifier in {sheet.place(row, prop.name)}."
                    sheet.report(row, column, message, hint, rule="sheet-label")
            cells[prop.name] = " | ".join(identified)
        return replace(row, cells=cells)

    def kinds_of(self, parents: Iterable[str]) -> set[str]:
        """Return the kinds of a term by its parents, also new ones."""
        kinds: set[str] = set()
        for parent in parents:
            kinds |= self.kinds.get(parent) or self.lookup.kinds_of(parent)
        return kinds
