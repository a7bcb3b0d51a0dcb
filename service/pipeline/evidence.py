"""Check that passages support the claims that cite them, where the document is at hand.

A passage names the subject and the object of a claim, itself or in the passages that it leans on,
and its hedging words agree with the values of the citation. Words only point at a fault: an editor
reads the passage before waiving a warning. A waiver names the passage:

``claim:0000318 cdmo:waives [ cdmo:check "…" ; cdmo:passage passage:cdct-064 ; rdfs:comment "…" ]``
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import pyoxigraph as ox

from service import iris
from service.pipeline import graphs
from service.pipeline.checks import waivers
from service.pipeline.contexts import Document, Placed, read_documents
from service.pipeline.hedges import Citation, Doubt, Lexicon, check_hedge, check_quotation
from service.pipeline.loading import Loaded
from service.pipeline.stems import stems, telling_stems
from service.pipeline.violations import Violation
from service.rdf.terms import text as text_of

RULES = frozenset(
    [
        "citation-unrelated",
        "citation-without-subject",
        "citation-without-object",
        "citation-flat",
        "citation-of-denial",
        "denial-without-words",
        "hedge-unlike-value",
        "hedge-not-in-lexicon",
        "value-without-words",
    ]
)
"""The rules that are waived for one citation of a claim, not for all of them."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

SHARE = 0.6
"""The least share of a name's words in a text: we composed many names ourselves."""

_NAMES = f"""
    SELECT ?term ?name WHERE {{
      ?term ?property ?name FILTER(ISIRI(?term) && ISLITERAL(?name))
      FILTER(?property IN (rdfs:label, {", ".join(f"<{iri}>" for iri in iris.SYNONYMS)}))
    }}"""

_NARROWER = """
    SELECT ?narrow ?wide WHERE {
      { ?narrow rdfs:subClassOf ?wide FILTER(ISIRI(?wide)) }
      UNION
      { ?claim cdmo:relation rdfs:subClassOf ; cdmo:subject ?narrow ; cdmo:object ?wide }
    }"""

_HEAD = re.compile(r"\W*([^:.\n]{1,60}):\s")
"""The name before the colon, with which an item of a list begins."""

_CITATIONS = """
    SELECT ?claim ?subject ?relation ?object ?polarity ?citation ?passage ?hedge ?value WHERE {
      ?claim cdmo:subject ?subject ; cdmo:relation ?relation ; cdmo:object ?object ;
        cdmo:citation ?citation .
      ?citation cdmo:passage ?passage ; ?property ?value .
      FILTER(?property IN (cdmo:assertion, cdmo:frequency, cdmo:advice, cdmo:aim))
      OPTIONAL { ?citation cdmo:hedge ?hedge }
      OPTIONAL { ?claim cdmo:polarity ?polarity }
    }"""


class Evidence:
    """The claims of the sources, held against the documents at hand.

    :param texts: the whole text of each document, by the IRI of its source.
    """

    def __init__(self, loaded: Loaded, texts: Mapping[str, str]) -> None:
        self._loaded = loaded
        self.documents = read_documents(loaded, texts)
        self.lexicon = Lexicon(loaded)
        self.citations = _citations(loaded)
        self._names: dict[str, list[frozenset[str]]] = defaultdict(list)
        for row in graphs.select(loaded.store, _NAMES, "ontology", "about"):
            self._names[text_of(row[0])].append(telling_stems(text_of(row[1])))
        self._narrower: dict[str, set[str]] = defaultdict(set)
        for row in graphs.select(loaded.store, _NARROWER, "ontology", "claims"):
            self._narrower[text_of(row[1])].add(text_of(row[0]))
        self._stems: dict[str, frozenset[str]] = {}

    @cached_property
    def _document_of(self) -> Mapping[str, Document]:
        return {p.iri: document for document in self.documents for p in document.passages}

    def findings(self, citations: Iterable[Citation] | None = None) -> list[Doubt]:
        """Return the doubts about citations: those given, or all of the sources.

        Passages that are not at their recorded place in a document at hand are left out.
        """
        return [
            finding
            for citation in (self.citations if citations is None else citations)
            if (document := self._document_of.get(citation.passage))
            for finding in self._check(citation, document)
        ]

    def _check(self, citation: Citation, document: Document) -> Iterator[Doubt]:
        passage = document.passages[document.places[citation.passage]]
        near = document.near(citation.passage)
        around = [passage, *near, *document.above(citation.passage)]
        yield from self._check_names(citation, around)
        words = " ".join(p.text for p in near)
        yield from check_hedge(citation, passage.text, words, self.lexicon)
        openings = [p.text for p in near if p.text.endswith(":")]
        stating = self._stating(citation, passage.text, openings) or [passage.text]
        if citation.hedge:  # the quoted words are the item's own
            own = [text for text in stating if text not in openings] or [passage.text]
            yield from self._check_scope(citation, own, [])
        else:
            heads = openings if self._is_item_on(citation, passage.text) else []
            yield from self._check_scope(citation, stating, heads)
        yield from self._check_polarity(citation, stating, f"{words}\n{passage.text}")

    def _check_names(self, citation: Citation, around: list[Placed]) -> Iterator[Doubt]:
        """Yield a doubt for the subject or the object that a passage does not name."""
        words = frozenset[str]().union(*(self._stems_of(p.text) for p in around))
        absent = {
            role: term
            for role, term in (("subject", citation.subject), ("object", citation.object))
            if not self.names(term, words)
        }
        if len(absent) == 2:
            message = "names neither the subject nor the object of the claim"
            hint = "Cite the passage that makes it."
            yield citation.doubt("citation-unrelated", message, hint, "error")
        else:
            hint = "Cite another passage, add a synonym that this one uses, or waive it."
            for role, term in absent.items():
                message = f"does not name the {role}, {self._label(term)}"
                yield citation.doubt(f"citation-without-{role}", message, hint)

    def _stating(self, citation: Citation, text: str, openings: list[str]) -> list[str]:
        """Return the clauses of a passage that name both ends of a claim, or else sentences.

        Without such sentences, one end is enough. The opening of its list counts too if the
        passage itself does not name the object.
        """
        for texts in ([text], [text, *openings]):
            clauses = [c for t in texts for c in self.lexicon.clauses(t)]
            sentences = [s for t in texts for s in _SENTENCE_END.split(t)]
            stating = (
                [c for c in clauses if self._ends_in(citation, c) == (True, True)]
                or [s for s in sentences if self._ends_in(citation, s) == (True, True)]
                or [s for s in sentences if any(self._ends_in(citation, s))]
            )
            if any(self._ends_in(citation, s)[1] for s in stating):
                break
        return stating

    def _ends_in(self, citation: Citation, text: str) -> tuple[bool, bool]:
        words = self._stems_of(text)
        return self.names(citation.subject, words), self.names(citation.object, words)

    def _is_item_on(self, citation: Citation, text: str) -> bool:
        """Tell whether a passage is a list item on the subject of a claim that it is a treatment.

        The opening of the list states this claim, not the item.
        """
        head = _HEAD.match(text)
        is_named = head is not None and self.names(citation.subject, self._stems_of(head[1]))
        return is_named and citation.relation == iris.CDMO + "treats"

    def _check_scope(
        self, citation: Citation, stating: list[str], heads: list[str]
    ) -> Iterator[Doubt]:
        """Yield a doubt if every text that states a claim is hedged, and the citation is not.

        If one text names the subject and another the object, one of them hedges for both. Hedged
        clauses may state without a hedge that a term is a kind of another.

        :param heads: the openings of lists, if they alone state the claim about the items.
        """
        hedges = [self.lexicon.hedge_in(s) for s in stating]
        ends = {self._ends_in(citation, s) for s in stating}
        is_of_two = (True, True) not in ends and ends >= {(True, False), (False, True)}
        is_hedged = any(hedges) if is_of_two else all(hedges)
        above = [hedge for head in heads if (hedge := self.lexicon.hedge_in(head))]
        is_fact = iris.PLAIN in citation.values and citation.relation != iris.SUBCLASS
        if is_fact and (above or is_hedged):
            message = f'says flatly what stands beside "{next(filter(None, [*above, *hedges]))}"'
            hint = "Say cdmo:possible (or what the word says) and quote it, or waive this."
            yield citation.doubt("citation-flat", message, hint)

    def _check_polarity(
        self, citation: Citation, stating: list[str], words: str
    ) -> Iterator[Doubt]:
        """Yield a doubt if a claim denies and its passage does not, or the other way round.

        :param words: the text of the passage and of the passages that it leans on.
        """
        denials = [self.lexicon.denial_in(s, surely=True) for s in stating]
        if citation.negative and not self.lexicon.denial_in(words):
            message = "has no word that denies the claim or warns of it"
            hint = "Remove cdmo:polarity if the passage says that it is so, or waive this."
            yield citation.doubt("denial-without-words", message, hint)
        elif not citation.negative and all(denials):
            message = f'says that it is so, beside "{denials[0]}"'
            hint = "Say cdmo:polarity cdmo:negative if the passage denies it, or waive this."
            yield citation.doubt("citation-of-denial", message, hint)

    def names(self, term: str, words: frozenset[str]) -> bool:
        """Tell whether a text with these stems names a term or a narrower one."""
        if not (names := self._names.get(term)):  # a literal
            return telling_stems(term) <= words
        if any(len(name & words) >= SHARE * len(name) for name in names):
            return True
        return any(name <= words for t in self._below(term) for name in self._names.get(t, ()))

    def _below(self, term: str) -> set[str]:
        below: set[str] = set()
        ahead = [term]
        while ahead:
            new = self._narrower[ahead.pop()] - below
            below |= new
            ahead += new
        return below

    def _stems_of(self, text: str) -> frozenset[str]:
        if text not in self._stems:
            self._stems[text] = frozenset(stems(text))
        return self._stems[text]

    def _label(self, term: str) -> str:
        if term not in self._names:
            return term
        labels = graphs.values(self._loaded.store, ox.NamedNode(term), iris.LABEL)
        english = [t for t in labels if isinstance(t, ox.Literal) and t.language == "en"]
        return text_of((english or labels)[0])


def _citations(loaded: Loaded) -> list[Citation]:
    """Return the citations of all claims, in the order of claims and passages."""
    values: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in graphs.select(loaded.store, _CITATIONS, "claims"):
        claim, subject, relation, object_, polarity, node, passage, hedge, value = map(text_of, row)
        values[claim, passage, subject, relation, object_, hedge, polarity, node].add(value)
    return [
        Citation(
            *(claim, subject, relation, object_, passage, frozenset(group), hedge),
            negative=polarity == iris.NEGATIVE,
        )
        for (claim, passage, subject, relation, object_, hedge, polarity, _), group in sorted(
            values.items()
        )
    ]


def check_quotations(loaded: Loaded) -> list[Violation]:
    """Return violations of citations by themselves, whether a document is at hand or not."""
    lexicon, waived = Lexicon(loaded), _waived(loaded)
    doubts = [d for c in _citations(loaded) for d in check_quotation(c, lexicon)]
    return [_violation(d, loaded) for d in doubts if (d.claim, d.rule, d.passage) not in waived]


def _violation(doubt: Doubt, loaded: Loaded) -> Violation:
    message = f"{loaded.name(doubt.passage)} {doubt.message}"
    return loaded.violation(
        doubt.rule,
        doubt.claim,
        message,
        doubt.hint,
        doubt.severity,
        predicate=ox.NamedNode(iris.PASSAGE),
        value=ox.NamedNode(doubt.passage),
    )


def check_evidence(loaded: Loaded, texts: Mapping[str, str]) -> list[Violation]:
    """Return violations of citations of the documents at hand, except waived ones.

    :param texts: the whole text of each document, by the IRI of its source.
    """
    evidence = Evidence(loaded, texts)
    waived = _waived(loaded)
    findings = evidence.findings()
    violations = [
        _violation(f, loaded) for f in findings if (f.claim, f.rule, f.passage) not in waived
    ]
    read = {p.iri for document in evidence.documents for p in document.passages}
    used = {(f.claim, f.rule, f.passage) for f in findings}
    for claim, rule, passage in sorted(waived - used):
        if passage in read:
            message = f"waives {rule} of {loaded.name(passage)}, where there is nothing to waive"
            hint = "Remove the waiver."
            violations.append(loaded.violation("waiver-unused", claim, message, hint, "warning"))
    return violations


def _waived(loaded: Loaded) -> set[tuple[str, str, str]]:
    """Return the claim, the rule and the passage of each waiver of a citation."""
    return {waiver for waiver in waivers(loaded) if waiver[2]}
