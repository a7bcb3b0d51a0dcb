"""Write new claims and citations, tensions among them, into the files where they belong."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.edits import Edits
from service.editing.identifiers import next_claim, next_tension
from service.editing.lookup import Lookup
from service.editing.passage_finder import Passages, Recorded, give_voice
from service.pipeline import graphs
from service.pipeline.blocks import Block
from service.problems import EditRefused, UsageError
from service.rdf.terms import Term, text, triple

TWO_SIDED = ("Contradiction", "LostHedge", "Overreach")


@dataclass(frozen=True)
class Citation:
    """How one passage makes a claim: names of values, as an editor gives them.

    :param hedge: the words on which the values rest.
    """

    passage: Recorded
    assertion: str
    frequency: str = ""
    advice: str = ""
    intended: bool = False
    collective: bool = False
    hedge: str = ""

    def triples(self, lookup: Lookup, claim: str) -> list[ox.Triple]:
        """Return the triples of the citation of a claim.

        :raises UsageError: if a value is unknown, or the hedge is not in the passage.
        """
        node = ox.BlankNode()
        words = self.passage.words
        if self.hedge and words and self.hedge not in words:
            raise UsageError(f"'{self.hedge}' does not stand in the passage: {words}")
        given = [triple(node, iris.PASSAGE, self.passage.iri)]
        for of_class, value in (
            (iris.ASSERTION, self.assertion),
            (iris.FREQUENCY, self.frequency),
            (iris.CDMO + "Advice", self.advice),
        ):
            if value:
                local = of_class.removeprefix(iris.CDMO)
                name = iris.CDMO + local[0].lower() + local[1:]
                given.append(triple(node, name, lookup.value(value, of_class)))
        if self.intended:
            given.append(triple(node, iris.CDMO + "aim", iris.CDMO + "intended"))
        if self.collective:
            given.append(triple(node, iris.COLLECTIVE, ox.Literal(True)))
        if self.hedge:
            given.append(triple(node, iris.CDMO + "hedge", ox.Literal(self.hedge)))
        return [triple(claim, iris.CITATION, node), *given]


@dataclass(frozen=True)
class Statement:
    """The content of a claim, without its citations.

    :param value: a term or a literal.
    :param qualifiers: qualifier to value.
    """

    subject: str
    relation: str
    value: Term
    negative: bool = False
    qualifiers: Mapping[str, Term] = field(default_factory=dict)

    def triples(self, claim: str) -> list[ox.Triple]:
        """Return the triples of the claim, without its citations."""
        triples = [
            triple(claim, iris.TYPE, iris.CDMO + "Claim"),
            triple(claim, iris.SUBJECT, self.subject),
            triple(claim, iris.RELATION, self.relation),
            triple(claim, iris.OBJECT, self.value),
            *(triple(claim, name, value) for name, value in self.qualifiers.items()),
        ]
        if self.negative:
            triples.append(triple(claim, iris.CDMO + "polarity", iris.NEGATIVE))
        return triples


def read_statement(
    lookup: Lookup,
    subject: str,
    relation: str,
    value: str,
    *,
    negative: bool = False,
    qualifiers: Sequence[tuple[str, str]] = (),
) -> Statement:
    """Return the statement that names mean.

    :param value: the name of the object, or for a relation such as ``website`` its text.
    :param qualifiers: names of qualifiers and their values.
    :raises UsageError: if a name is not known, or the relation does not fit the two terms; then
        it names those that do.
    """
    about = lookup.term(subject)
    of = lookup.relation(relation)
    literal = lookup.takes_literal(of)
    end = None if literal else lookup.term(value)
    if not lookup.fits(of, about, end):
        fitting = [lookup.loaded.name(r) for r in lookup.fitting(about, end)]
        kinds = " to ".join(_kinds(lookup, iri) for iri in (about, end) if iri)
        raise UsageError(
            f"{lookup.loaded.name(of)} is not made for {kinds}. "
            f"These are: {', '.join(fitting) or 'none'}."
        )
    values = {
        lookup.qualifier(q): _qualifying(lookup, lookup.qualifier(q), v) for q, v in qualifiers
    }
    node: Term = ox.NamedNode(end) if end else ox.Literal(value)
    return Statement(about, of, node, negative, values)


def _kinds(lookup: Lookup, iri: str) -> str:
    kinds = sorted(map(lookup.label, lookup.kinds_of(iri)))
    return f"{lookup.words(iri)}, {' and '.join(kinds) or 'of no kind'},"


def _qualifying(lookup: Lookup, qualifier: str, value: str) -> Term:
    """Return the value of a qualifier: true, words of ours, or a term, as claims have it."""
    if value in ("true", "false"):
        return ox.Literal(value, datatype=ox.NamedNode(iris.XSD_BOOLEAN))
    examples = graphs.triples(lookup.loaded.store, "claims", predicate=qualifier)
    if isinstance(next(examples, _NONE).object, ox.Literal):
        return ox.Literal(value, language="en")
    return ox.NamedNode(lookup.term(value))


_NONE = triple(iris.CLAIM, iris.TYPE, iris.CLAIM)


def claims_between(lookup: Lookup, subject: str, value: Term) -> dict[str, Statement]:
    """Return the claims about two terms, whichever is the subject."""
    query = """
        SELECT ?claim ?s ?r ?o ?polarity WHERE {
          ?claim cdmo:subject ?s ; cdmo:relation ?r ; cdmo:object ?o .
          OPTIONAL { ?claim cdmo:polarity ?polarity }
        }"""
    pair = {(subject, text(value)), (text(value), subject)}
    store, claims = lookup.loaded.store, {}
    for row in graphs.select(store, query, "claims"):
        claim, about, relation = (text(row[n]) for n in ("claim", "s", "r"))
        if (about, text(row["o"])) in pair:
            narrowing = {
                q: values[0]
                for q in lookup.qualifiers
                if (values := graphs.values(store, ox.NamedNode(claim), q))
            }
            negative = text(row["polarity"]) == iris.NEGATIVE
            claims[claim] = Statement(about, relation, row["o"], negative, narrowing)
    return dict(sorted(claims.items()))


def add_claim(
    edits: Edits, lookup: Lookup, passages: Passages, statement: Statement, citation: Citation
) -> str:
    """Add a claim with its first citation to the file of the passage's section.

    :return: its IRI.
    :raises EditRefused: if there is such a claim already.
    """
    for claim, known in claims_between(lookup, statement.subject, statement.value).items():
        if known == statement:
            name = edits.loaded.name(claim)
            raise EditRefused(
                f"{lookup.words(claim)} says the same. Add a citation to it:\n"
                f"  cdmo new citation {name} --passage {_local(citation.passage.iri)} …"
            )
    path = file_of(edits, passages, citation.passage)
    claim = next_claim(edits.loaded, path)
    triples = [*statement.triples(claim), *citation.triples(lookup, claim)]
    edits.add_in_order(path, Block(ox.NamedNode(claim), tuple(triples)))
    give_voice(edits, citation.passage)
    return claim


def add_citation(edits: Edits, lookup: Lookup, claim: str, citation: Citation) -> str:
    """Add a citation to a claim.

    :param claim: its CURIE, IRI or number, or its words.
    :return: its IRI.
    :raises UsageError: if there is no such claim.
    :raises EditRefused: if it cites the passage already.
    """
    iri = lookup.claim(claim)
    path, block = edits.block(iri)
    cited = {text(t.object) for t in block.triples if t.predicate.value == iris.PASSAGE}
    if citation.passage.iri in cited:
        name = edits.loaded.name(citation.passage.iri)
        raise EditRefused(f"{lookup.words(iri)} cites {name} already.")
    edits.replace(path, block.subject, [*block.triples, *citation.triples(lookup, iri)])
    give_voice(edits, citation.passage)
    return iri


def file_of(edits: Edits, passages: Passages, passage: Recorded) -> Path:
    """Return the file of the claims of a passage's chapter, or else of its source."""
    loaded = edits.loaded
    cited: dict[Path, list[Recorded]] = {}
    query = "SELECT ?claim ?passage WHERE { ?claim cdmo:citation/cdmo:passage ?passage }"
    for row in graphs.select(loaded.store, query, "claims"):
        path = loaded.place(text(row["claim"]))[0]
        recorded = passages.recorded.get(text(row["passage"]))
        if path and recorded:
            cited.setdefault(path, []).append(recorded)
    chapters: Counter[Path] = Counter()
    for path, known in cited.items():
        [(source, _)] = Counter(p.source for p in known).most_common(1)
        if source == passage.source:
            chapters[path] = sum(p.chapter == passage.chapter for p in known)
    if chapters and (chapters.most_common(1)[0][1] or len(chapters) == 1):
        return chapters.most_common(1)[0][0]
    return loaded.sources.ontology / "claims" / f"{_local(passage.source)}.ttl"


def add_tension(
    edits: Edits,
    lookup: Lookup,
    *,
    kind: str,
    label: str,
    concerns: Sequence[str],
    other_side: Sequence[str],
    description: str,
    decision: str,
) -> str:
    """Add a tension.

    :param concerns: IRIs of claims, passages, terms and lists.
    :param other_side: IRIs of passages.
    :return: its IRI.
    :raises UsageError: if a tension with two sides has only one.
    """
    of_kind = lookup.value(kind, iris.CDMO + "TensionKind")
    if of_kind.removeprefix(iris.CDMO) in TWO_SIDED and not other_side:
        message = "has two sides: name by --other-side the passages with the caution or the limit"
        raise UsageError(f"A tension of kind {lookup.label(of_kind)} {message}.")
    tension = next_tension(edits.loaded)
    path = edits.loaded.sources.ontology / "claims" / "tensions.ttl"
    triples = [
        triple(tension, iris.TYPE, iris.CDMO + "Tension"),
        triple(tension, iris.LABEL, ox.Literal(label, language="en")),
        triple(tension, iris.TENSION_KIND, of_kind),
        *(triple(tension, iris.CONCERNS, iri) for iri in concerns),
        *(triple(tension, iris.OTHER_SIDE, iri) for iri in other_side),
        triple(tension, iris.TENSION_DESCRIPTION, ox.Literal(description, language="en")),
        triple(tension, iris.DECISION, ox.Literal(decision, language="en")),
    ]
    edits.add_in_order(path, Block(ox.NamedNode(tension), tuple(triples)))
    return tension


def _local(iri: str) -> str:
    return iri.rpartition("/")[2]
