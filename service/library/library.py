"""The opened release: its dataset, and the small parts of it that every page needs.

A release never changes, so what is read here once (schema, terms, sections, passages, claims)
stays true for as long as the release is open.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import pyoxigraph as ox

from service import iris
from service.iris import BASE
from service.library.words import JUSTIFICATION_WORDS, MAPPING_PREDICATES, PLAIN_WORDS
from service.names import Names
from service.rdf.terms import Term as RdfTerm
from service.rdf.terms import text


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """Something that a page names and links to.

    :param label: what a reader sees.
    :param iri: the published IRI.
    :param curie: its CURIE, if a declared prefix fits.
    :param path: the site path of its document, or None for things of others.
    """

    label: str
    iri: str
    curie: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Modality:
    """How sure the document is: the lower the strength, the more cautious (0 to 100)."""

    ref: Ref
    name: str
    strength: int
    words: str
    definition: str = ""

    @property
    def gloss(self) -> str:
        """What it means, without the words that every definition of a modality begins with."""
        return self.definition.removeprefix("a modality in which a passage ")

    @property
    def level(self) -> int:
        """How full a meter of four stands: 4 for flat statements, 0 for warnings against."""
        return sum(self.strength >= least for least in (10, 40, 65, 85))


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation between terms.

    :param words: how it reads in a sentence, from its subject to its object.
    :param inverse_words: how it reads from its object's side.
    """

    ref: Ref
    inverse: Ref | None
    words: str
    inverse_words: str
    order: int
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of term, such as condition; pillars are the first four."""

    ref: Ref
    name: str
    plural: str
    order: int
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the source document."""

    ref: Ref
    parent: str | None
    order: int
    heading: str | None
    top: str
    trail: str

    @property
    def depth(self) -> int:
        """How deep it lies; a section of the document itself lies at 0."""
        return self.trail.count(" › ")


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage: where it stands, never what it says.

    :param start: first code point, counted from 0 at the start of the UTF-8 file.
    :param end: the code point after the last (half-open).
    """

    ref: Ref
    order: int
    kind: Ref
    section: Section | None
    start: int | None
    end: int | None
    digest: str
    reason: Ref | None


@dataclass(frozen=True, slots=True)
class Term:
    """A term, with the kinds it falls under."""

    ref: Ref
    definition: str
    kinds: tuple[str, ...]
    deprecated: bool


@dataclass(frozen=True, slots=True)
class Citation:
    """One citation of a claim: the passage, and how sure it is there.

    :param hedge: the few words of the document that hedge, or "".
    """

    passage: Passage
    modality: Modality
    hedge: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with its citations, in the order of the document, without its qualifiers."""

    ref: Ref
    subject: Ref
    relation: Relation
    object: Ref
    negative: bool
    modality: Modality
    citations: tuple[Citation, ...]

    @property
    def surest(self) -> Modality:
        """The surest of its citations, where ``modality`` is the most cautious."""
        stated = (s.modality for s in self.citations)
        return max(stated, key=lambda m: m.strength, default=self.modality)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A match of a term in another vocabulary: SKOS predicate, target, justification."""

    predicate: str
    target: Ref
    justification: Ref | None


@dataclass(frozen=True, slots=True)
class Question:
    """A competency question.

    :param name: its local name.
    :param comment: what it asks, in plain words.
    :param query: SPARQL.
    :param rows: how many rows are expected; None if that is not recorded.
    """

    ref: Ref
    name: str
    comment: str
    query: str
    keywords: tuple[str, ...]
    rows: int | None


DOWNLOADS = BASE + "downloads/"
"""Where the IRIs of files begin."""

PILLARS = ("Condition", "Manifestation", "Test", "Intervention")
SUPPORTING = (
    "BodySite",
    "Analyte",
    "Mechanism",
    "RiskFactor",
    "Outcome",
    "Role",
    "ResearchTopic",
    "Characteristic",
    "Material",
    "Route",
    "Organization",
)
"""The kinds of term that stand beside the four pillars, in the order of pages."""


MAX_REFS = 6000
"""How many names are kept once they are looked up; a release of one article has some thousands."""


@cache
def query_text(name: str) -> str:
    """Return the text of ``service/queries/<name>.rq``."""
    return (files("service") / "queries" / f"{name}.rq").read_text(encoding="utf-8")


class Library:
    """An opened release, read-only.

    :param store: the store of the release.
    :param names: its prefixes.
    """

    def __init__(self, store: ox.Store, names: Names) -> None:
        self.store = store
        self.names = names

    def select(
        self, query: str, **bindings: ox.NamedNode | ox.Literal
    ) -> Iterator[dict[str, RdfTerm]]:
        """Run ``service/queries/<query>.rq``, a SELECT, and yield its solutions.

        :param bindings: values for variables of the query; they enter as values, never as text.
        """
        solutions = self.store.query(
            query_text(query),
            prefixes=dict(self.names.prefixes),
            use_default_graph_as_union=True,
            substitutions={ox.Variable(k): value for k, value in bindings.items()},
        )
        assert isinstance(solutions, ox.QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        for solution in solutions:
            yield {
                name: value
                for name, value in zip(names, solution, strict=True)
                if value is not None
            }

    def values(self, iri: str, predicate: str) -> list[RdfTerm]:
        """Return the objects of ``iri predicate ?`` in any graph, each once, sorted."""
        found = self.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), None, None)
        return sorted({quad.object for quad in found}, key=str)

    def knows(self, iri: str) -> bool:
        """Tell whether the release says anything of ``iri``."""
        if any(True for _ in self.store.quads_for_pattern(ox.NamedNode(iri), None, None, None)):
            return True
        return ox.NamedNode(iri) in set(self.store.named_graphs())

    def ref(self, iri: str) -> Ref:
        """Return how to name and link ``iri``: its English label, else its CURIE, else the IRI."""
        if (known := self._refs.get(iri)) is None:
            known = self._ref(iri)
            if len(self._refs) < MAX_REFS:
                self._refs[iri] = known
        return known

    @cached_property
    def _refs(self) -> dict[str, Ref]:
        return {}

    def _ref(self, iri: str) -> Ref:
        curie = self.names.curie(iri)
        labels = [t for t in self.values(iri, iris.LABEL) if isinstance(t, ox.Literal)]
        labels.sort(key=lambda t: (t.language != "en", t.value))
        label = labels[0].value if labels else (curie or iri)
        path = self.names.document(iri)
        # What stands at the top of our addresses is the site itself; a file is no document.
        if iri == BASE or iri.startswith(DOWNLOADS):
            path = self.names.path(iri)
        return Ref(label, iri, curie, path)

    # -- the schema ---------------------------------------------------------------------------

    @cached_property
    def _schema(self) -> Mapping[str, list[dict[str, RdfTerm]]]:
        rows: dict[str, list[dict[str, RdfTerm]]] = defaultdict(list)
        for row in self.select("describe_schema"):
            rows[text(row["thing"])].append(row)
        return rows

    @cached_property
    def _display(self) -> Mapping[tuple[str, str], str]:
        return {
            (text(r["thing"]), text(r["property"]).removeprefix(iris.CDMO)): text(r["value"])
            for r in self.select("describe_display")
        }

    def _order(self, iri: str, default: int) -> int:
        return int(self._display.get((iri, "displayOrder"), default))

    def _typed(self, kind: str) -> Iterator[tuple[str, dict[str, RdfTerm]]]:
        for iri, rows in self._schema.items():
            if any(text(r["type"]) == kind for r in rows):
                yield iri, {k: value for row in rows for k, value in row.items()}

    @cached_property
    def modalities(self) -> Mapping[str, Modality]:
        """Every modality by IRI, surest first."""
        found = [
            Modality(
                self.ref(iri),
                name := iri.removeprefix(iris.CDMO),
                int(text(row.get("strength")) or 50),
                PLAIN_WORDS.get(name, text(row.get("label"))),
                text(row.get("definition")),
            )
            for iri, row in self._typed(iris.CDMO + "Modality")
        ]
        return {m.ref.iri: m for m in sorted(found, key=lambda m: -m.strength)}

    @cached_property
    def relations(self) -> Mapping[str, Relation]:
        """Every relation that claims state, by IRI, in the order of pages."""
        found = []
        for property_type in ("ObjectProperty", "DatatypeProperty"):
            for iri, row in self._typed(iris.OWL + property_type):
                ref, inverse = self.ref(iri), text(row.get("inverse"))
                other = self.ref(inverse) if inverse else None
                symmetric = any(
                    text(r["type"]) == iris.SYMMETRIC_PROPERTY for r in self._schema[iri]
                )
                words = self.in_sentence(ref)
                backwards = (
                    self._display.get((inverse, "sentenceLabel"))
                    or self._display.get((iri, "inverseLabel"))
                    or (other.label if other else words if symmetric else f"{words} (of)")
                )
                order = self._order(iri, self._order(inverse, 500) if inverse else 500)
                definition = text(row.get("definition"))
                found.append(Relation(ref, other, words, backwards, order, definition))
        is_a = Ref("is a kind of", iris.SUBCLASS, "rdfs:subClassOf")
        definition = "every one of these is one of those"
        found.append(Relation(is_a, None, is_a.label, "has kinds", 0, definition))
        return {r.ref.iri: r for r in sorted(found, key=lambda r: (r.order, r.ref.label))}

    def relation(self, iri: str) -> Relation:
        """Return the relation ``iri``; one that the schema does not declare reads as its name."""
        ref = self.ref(iri)
        backwards = f"{ref.label} (of)"
        return self.relations.get(iri) or Relation(ref, None, ref.label, backwards, 900)

    def in_sentence(self, ref: Ref) -> str:
        """Return how a relation or a qualifier reads in a sentence: by its label, if it can."""
        return self._display.get((ref.iri, "sentenceLabel"), ref.label)

    @cached_property
    def qualifiers(self) -> Mapping[str, Ref]:
        """Every qualifier by IRI."""
        return {
            iri: self.ref(iri)
            for iri, rows in sorted(self._schema.items())
            if any(text(r.get("parent")) == iris.QUALIFIER for r in rows)
        }

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Every kind of term by IRI, the four pillars first."""
        found = []
        for number, name in enumerate((*PILLARS, *SUPPORTING)):
            iri = iris.CDMO + name
            if iri in self._schema:
                ref = self.ref(iri)
                plural = self._display.get((iri, "pluralLabel")) or f"{ref.label}s"
                definition = text(self._schema[iri][0].get("definition"))
                found.append(Kind(ref, name, plural, self._order(iri, number), definition))
        return {k.ref.iri: k for k in found}

    @property
    def pillars(self) -> list[Kind]:
        """The four pillars."""
        return [k for k in self.kinds.values() if k.name in PILLARS]

    # -- terms, sections, passages, claims ------------------------------------------------------

    @cached_property
    def terms(self) -> Mapping[str, Term]:
        """Every term by IRI, in the order of labels."""
        rows: dict[str, list[dict[str, RdfTerm]]] = defaultdict(list)
        for row in self.select("describe_terms"):
            rows[text(row["term"])].append(row)
        found = [
            Term(
                self.ref(iri),
                text(mine[0].get("definition")),
                tuple(k for k in self.kinds if any(text(r.get("kind")) == k for r in mine)),
                text(mine[0].get("deprecated")) == "true",
            )
            for iri, mine in rows.items()
        ]
        return {t.ref.iri: t for t in sorted(found, key=lambda t: (t.ref.label.lower(), t.ref.iri))}

    @cached_property
    def parents(self) -> Mapping[str, dict[str, bool]]:
        """The direct parents of each class; the value tells whether only the reasoner says so.

        A parent that is also an ancestor through another parent is left out.
        """
        steps: dict[str, dict[str, bool]] = defaultdict(dict)
        for row in self.select("describe_hierarchy"):
            mine, parent = steps[text(row["child"])], text(row["parent"])
            mine[parent] = mine.get(parent, True) and text(row["graph"]) == iris.GRAPH + "inferred"

        return _direct(steps)

    @cached_property
    def places(self) -> Mapping[str, dict[str, bool]]:
        """The parents below which a page shows each class: like ``parents``, but asserted ones.

        A class that the reasoner alone places, such as a defined one, keeps what it found.
        """
        asserted: dict[str, dict[str, bool]] = defaultdict(dict)
        for row in self.select("describe_hierarchy"):
            if text(row["graph"]) != iris.GRAPH + "inferred":
                asserted[text(row["child"])][text(row["parent"])] = False
        return {**self.parents, **_direct(asserted)}

    @cached_property
    def children(self) -> Mapping[str, dict[str, bool]]:
        """The direct children of each class, in the order of labels, marked as parents are."""
        found: dict[str, dict[str, bool]] = defaultdict(dict)
        for steps in (self.parents, self.places):
            for child, mine in steps.items():
                for parent, inferred in mine.items():
                    found[parent][child] = inferred
        return {
            parent: dict(sorted(mine.items(), key=lambda c: self.ref(c[0]).label.lower()))
            for parent, mine in found.items()
        }

    @cached_property
    def mapped(self) -> Mapping[str, list[Mapped]]:
        """The mappings of each term, strongest first."""
        found: dict[str, set[Mapped]] = defaultdict(set)
        for row in self.select("describe_mapped"):
            target = self.ref(text(row["target"]))
            label = text(row.get("label")) or target.label
            reason = text(row.get("justification"))
            found[text(row["term"])].add(
                Mapped(
                    text(row["predicate"]),
                    Ref(label, target.iri, target.curie),
                    self.justification(reason) if reason else None,
                )
            )
        order = list(MAPPING_PREDICATES)
        return {
            iri: sorted(mine, key=lambda m: (order.index(m.predicate), m.target))
            for iri, mine in sorted(found.items())
        }

    def justification(self, iri: str) -> Ref:
        """Return how to name a mapping justification: in plain words if we have them."""
        known = self.ref(iri)
        words = JUSTIFICATION_WORDS.get((known.curie or "").partition(":")[2], known.label)
        return Ref(words, iri, known.curie, known.path)

    @cached_property
    def mapping_sets(self) -> list[str]:
        """The IRIs of the mapping sets."""
        found = self.store.quads_for_pattern(
            None, ox.NamedNode(iris.TYPE), ox.NamedNode(iris.MAPPING_SET), None
        )
        return sorted({text(quad.subject) for quad in found})

    @cached_property
    def questions(self) -> list[Question]:
        """Every competency question."""
        found = []
        for row in self.select("describe_questions"):
            ref, expected = self.ref(text(row["question"])), text(row.get("expected")).strip()
            found.append(
                Question(
                    ref,
                    ref.iri.rpartition("/")[2],
                    text(row.get("comment")),
                    text(row["select"]).strip(),
                    tuple(text(k) for k in self.values(ref.iri, iris.KEYWORDS)),
                    len(expected.splitlines()) - 1 if expected else None,
                )
            )
        return found

    @cached_property
    def documents(self) -> list[str]:
        """The IRIs of everything that has a document: each subject of ours, without fragments.

        A file that the release describes is there to be downloaded and has none.
        """
        found = {
            iri
            for row in self.select("describe_documents")
            if "#" not in (iri := text(row["thing"])) and not iri.startswith(DOWNLOADS)
        }
        return sorted(found)

    @cached_property
    def schema_definitions(self) -> Mapping[str, str]:
        """The definition of everything that the schema declares."""
        return {
            iri: next((text(r["definition"]) for r in rows if "definition" in r), "")
            for iri, rows in sorted(self._schema.items())
        }

    def terms_of(self, kind: str) -> list[Term]:
        """Return the terms of a kind, without the obsolete ones."""
        return [t for t in self.terms.values() if kind in t.kinds and not t.deprecated]

    @cached_property
    def sections(self) -> Mapping[str, Section]:
        """Every section by IRI, in the order of the document."""
        found: dict[str, Section] = {}
        for row in self.select("describe_sections"):
            iri, parent = text(row["section"]), text(row.get("parent")) or None
            ref, above = self.ref(iri), found.get(parent or "")
            found[iri] = Section(
                ref,
                parent,
                int(text(row["order"])),
                text(row.get("heading")) or None,
                above.top if above else iri,
                f"{above.trail} › {ref.label}" if above else ref.label,
            )
        return found

    @cached_property
    def passages(self) -> Mapping[str, Passage]:
        """Every passage by IRI, in the order of the document."""
        found: dict[str, Passage] = {}
        for row in self.select("describe_passages"):
            iri, order = text(row["passage"]), int(text(row["order"]))
            reason = text(row.get("reason"))
            found[iri] = Passage(
                Ref(f"passage {order}", iri, self.names.curie(iri), self.names.document(iri)),
                order,
                self.ref(text(row["kind"])),
                self.sections.get(text(row["section"])),
                int(text(row["start"])) if "start" in row else None,
                int(text(row["end"])) if "end" in row else None,
                text(row.get("digest")),
                self.ref(reason) if reason else None,
            )
        return found

    @cached_property
    def claims(self) -> Mapping[str, Claim]:
        """Every claim by IRI, in the order in which the document first makes them."""
        rows: dict[str, list[dict[str, RdfTerm]]] = defaultdict(list)
        for row in self.select("describe_claims"):
            rows[text(row["claim"])].append(row)
        found = []
        for iri, mine in rows.items():
            first = mine[0]
            stated = {
                Citation(passage, modality, text(row.get("hedge")))
                for row in mine
                if (passage := self.passages.get(text(row.get("passage"))))
                and (modality := self.modalities.get(text(row.get("stated"))))
            }
            citations = tuple(sorted(stated, key=lambda s: (s.passage.order, s.hedge)))
            cautious = min((s.modality for s in citations), key=lambda m: m.strength, default=None)
            modality = self.modalities.get(text(first.get("modality"))) or cautious
            found.append(
                Claim(
                    Ref(
                        text(first.get("label")) or iri.removeprefix(BASE),
                        iri,
                        self.names.curie(iri),
                        self.names.document(iri),
                    ),
                    self.ref(text(first["subject"])),
                    self.relation(text(first["relation"])),
                    self.thing(first["object"]),
                    text(first.get("polarity")) == iris.NEGATIVE,
                    modality or UNKNOWN_MODALITY,
                    citations,
                )
            )
        found.sort(key=lambda c: (c.citations[0].passage.order if c.citations else 9999, c.ref.iri))
        return {c.ref.iri: c for c in found}

    @cached_property
    def claims_of_passage(self) -> Mapping[str, list[Claim]]:
        """The claims that each passage makes."""
        found: dict[str, list[Claim]] = defaultdict(list)
        for claim in self.claims.values():
            for iri in dict.fromkeys(s.passage.ref.iri for s in claim.citations):
                found[iri].append(claim)
        return found

    def narrowed_by(self, iri: str) -> Mapping[str, list[Ref]]:
        """Return the IRIs of the claims that ``iri`` qualifies, with the qualifiers it is."""
        found: dict[str, list[Ref]] = defaultdict(list)
        for quad in self.store.quads_for_pattern(None, None, ox.NamedNode(iri), None):
            if qualifier := self.qualifiers.get(quad.predicate.value):
                found[text(quad.subject)].append(qualifier)
        return found

    @cached_property
    def claims_of_term(self) -> Mapping[str, list[Claim]]:
        """The claims that have each term as subject or object."""
        found: dict[str, list[Claim]] = defaultdict(list)
        for claim in self.claims.values():
            for iri in dict.fromkeys((claim.subject.iri, claim.object.iri)):
                found[iri].append(claim)
        return found

    def search_entries(self) -> Iterator[dict[str, Any]]:
        """Yield the fields of a search entry for every term, question, tension and relation."""
        names: dict[str, list[str]] = defaultdict(list)
        codes: dict[str, list[str]] = defaultdict(list)
        for row in self.select("search_names"):
            iri, value = text(row["thing"]), row["value"]
            if isinstance(value, ox.NamedNode):
                codes[iri].append(self.names.curie(value.value) or value.value)
            else:
                names[iri].append(text(value))
        for term in self.terms.values():
            kind = self.kinds[term.kinds[0]].ref.label if term.kinds else "term"
            yield {
                "iri": term.ref.iri,
                "label": term.ref.label,
                "kind": "obsolete term" if term.deprecated else kind,
                "path": term.ref.path,
                "synonyms": tuple(dict.fromkeys(names[term.ref.iri])),
                "definition": term.definition,
                "codes": (term.ref.curie or "", *dict.fromkeys(codes[term.ref.iri])),
            }
        others = [
            *((r.ref, "relation", r.definition) for r in self.relations.values()),
            *((m.ref, "modality", m.definition) for m in self.modalities.values()),
            *((s.ref, "section", "") for s in self.sections.values()),
            *((self.ref(i), "question", "") for i in self.instances("Question")),
            *((self.ref(i), "tension", "") for i in self.instances("Tension")),
        ]
        for ref, kind, definition in others:
            if ref.path:
                yield {
                    "iri": ref.iri,
                    "label": ref.label,
                    "kind": kind,
                    "path": ref.path,
                    "definition": definition,
                    "codes": (ref.curie or "",),
                }

    def instances(self, name: str) -> list[str]:
        """Return the IRIs of everything of the type ``cdmo:<name>``, sorted."""
        found = self.store.quads_for_pattern(
            None, ox.NamedNode(iris.TYPE), ox.NamedNode(iris.CDMO + name), None
        )
        return sorted({text(quad.subject) for quad in found})

    def thing(self, value: RdfTerm) -> Ref:
        """Return how to name any RDF term; literals have no IRI."""
        if isinstance(value, ox.NamedNode):
            return self.ref(value.value)
        return Ref(text(value), "")


def _direct(steps: Mapping[str, Mapping[str, bool]]) -> dict[str, dict[str, bool]]:
    """Return the steps from child to parent without those that others of the child imply."""

    @cache
    def ancestors(iri: str) -> frozenset[str]:
        found: set[str] = set()
        todo = list(steps.get(iri, ()))
        while todo:
            if (parent := todo.pop()) not in found:
                found.add(parent)
                todo.extend(steps.get(parent, ()))
        return frozenset(found)

    return {
        child: {
            parent: inferred
            for parent, inferred in mine.items()
            if not any(
                parent in ancestors(other) and other not in ancestors(parent)
                for other in mine
                if other != parent
            )
        }
        for child, mine in steps.items()
    }


UNKNOWN_MODALITY = Modality(Ref("not recorded", ""), "unknown", 0, "not recorded")
