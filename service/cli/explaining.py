"""The verbs that explain why a statement holds, and why not."""

import argparse
import json
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.cli.verbs import Verbs, add_dist, release_of, say, text_of

if TYPE_CHECKING:
    from service.library import Citation, Claim, Library, Premise, Reasons

TENSIONS, ELSEWHERE = 3, 5
"""The most of each that are shown."""

_NAMES = """
A term, a relation or a claim is named by its label, a synonym, its CURIE or its IRI.
"""


def add_verbs(verbs: Verbs) -> None:
    """Add the verbs of this family."""
    why = verbs.add(
        "why",
        _why,
        "explain why a statement holds: claims, passages, axioms",
        "  cdmo why nifedipine manages pain\n"
        "  cdmo why 'physical therapy' subClassOf exercise --source article.txt\n"
        "  cdmo why CDMO:0000307 cdmo:treats CDMO:0000001 --format json\n",
    )
    why.add_argument("subject", help="a term")
    why.add_argument("relation", help="a relation, or subClassOf")
    why.add_argument("object", help="a term, a kind, or a text")
    why_not = verbs.add(
        "why-not",
        _why_not,
        "explain why a statement does not hold, or why a claim is no axiom",
        "  cdmo why-not corticosteroid treats 'muscle weakness'\n  cdmo why-not claim:0000645\n",
    )
    why_not.add_argument("subject", help="a term, or a claim alone")
    why_not.add_argument("relation", nargs="?", help="a relation, or subClassOf")
    why_not.add_argument("object", nargs="?", help="a term, a kind, or a text")
    for verb in (why, why_not):
        verb.add_argument("--format", default="text", choices=["text", "json"], help="default text")
        verb.add_argument(
            "--source",
            type=Path,
            action="append",
            default=[],
            help="a source document, to show the text of passages (may be given several times)",
        )
        verb.add_argument("--release", type=Path, help="ask this release folder")
        add_dist(verb)


class _Asked:
    """A release, the names in it and the documents at hand."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        from service.cards import NamedValues
        from service.library import Library
        from service.names import Names
        from service.release import open_store

        release = release_of(arguments)
        self.library = Library(open_store(release), Names(release.manifest.prefixes))
        self.values: NamedValues = NamedValues(self.library)
        self.texts = [text_of(path) for path in arguments.source]

    def triple(self, arguments: argparse.Namespace) -> tuple[str, str, str]:
        """Return the IRIs that the command line names."""
        subject = self.read(arguments.subject, "term", "kind")
        relation = self.read(arguments.relation, "relation")
        return subject, relation, self.read(arguments.object, "term", "kind", "object")

    def read(self, value: str, *sorts: Any) -> str:
        """Return the IRI of the resource that a text names.

        :raises UsageError: with the names that are nearest.
        """
        from service import iris
        from service.problems import BadRequest, UsageError

        if sorts == ("relation",) and value in ("a", "rdf:type", "type", iris.TYPE):
            return iris.TYPE
        known: list[str] = []
        for sort in sorts:
            try:
                return self.values.read(sort, sort, value)
            except BadRequest as fault:
                known += fault.extras["known"]
        nearest = ", ".join(dict.fromkeys(get_close_matches(value, known, 3, 0)))
        raise UsageError(f"No {sorts[0]} is called {value!r}. Did you mean one of: {nearest}?")

    def text(self, citation: "Citation") -> str:
        """Return the text of a passage, if a document at hand has it where it is recorded."""
        from hashlib import sha256

        passage = citation.passage
        for document in self.texts:
            text = document[passage.start or 0 : passage.end or 0]
            if text and sha256(text.encode()).hexdigest() == passage.digest:
                return text
        return ""


def _why(arguments: argparse.Namespace) -> int:
    from service.library import reasons

    asked = _Asked(arguments)
    answer = reasons(asked.library, *asked.triple(arguments))
    if answer.is_unexplained:
        answer = _by_reasoner(asked.library, answer)
    if arguments.format == "json":
        _print_json(
            {
                **_triple_object(answer),
                "holds": answer.holds,
                "graphs": list(answer.graphs),
                "claims": [_claim_object(asked, claim) for claim in answer.claims],
                "axiom": answer.is_axiom,
                "premises": [
                    {**_triple_object(p), "claims": [_thing(claim) for claim in p.claims]}
                    for p in answer.premises
                ],
            }
        )
    else:
        for line in _lines_of(asked, answer):
            print(line)
    return 0 if answer.holds else 1


def _by_reasoner(library: "Library", answer: "Reasons") -> "Reasons":
    """Return the answer with the least axioms from which HermiT infers it."""
    import pyoxigraph as ox

    from service.library import premise_of
    from service.pipeline.justification import justify
    from service.pipeline.reasoning import entails
    from service.release import graph_iri

    ends = answer.subject.iri, answer.value.iri
    graph = ox.NamedNode(graph_iri("ontology"))
    ontology = [q.triple for q in library.store.quads_for_pattern(None, None, None, graph)]
    axioms = justify(ontology, ends, lambda triples: entails(triples, *ends), say)
    return answer.following([premise_of(library, axiom.head) for axiom in axioms or ()])


def _lines_of(asked: _Asked, answer: "Reasons") -> Iterator[str]:
    words = f"{answer.subject.label} {asked.library.in_sentence(answer.relation)} "
    words += answer.value.label
    if answer.holds:
        graphs = ", ".join(f"graph:{name}" for name in answer.graphs)
        yield f"{words}: {graphs or 'it follows'}"
    else:
        only = "only as below" if answer.claims else "nothing says so"
        yield f"{words}: {only}. Ask: cdmo why-not {' '.join(_quoted(answer))}"
    for claim in answer.claims:
        yield ""
        yield from _claim_lines(asked, claim)
    if answer.premises:
        every = "It is an axiom" if len(answer.premises) == 1 else "It follows, as an axiom, from"
        yield ""
        yield f"{every if answer.is_axiom else 'The triple follows from'}:"
        for number, premise in enumerate(answer.premises, 1):
            yield f"  {number}. {_premise_words(premise)}"
        shown = {claim.ref.iri for claim in answer.claims}
        underlying = dict.fromkeys(ref.iri for premise in answer.premises for ref in premise.claims)
        for iri in [iri for iri in underlying if iri not in shown and iri in asked.library.claims]:
            yield ""
            yield from _claim_lines(asked, asked.library.claims[iri])
    elif "inferred" in answer.graphs and not answer.claims:
        yield "The reasoner infers it; no short explanation was found."


def _quoted(answer: "Reasons") -> list[str]:
    from shlex import quote

    refs = (answer.subject, answer.relation, answer.value)
    return [quote(ref.curie or ref.label) for ref in refs]


def _claim_lines(asked: _Asked, claim: "Claim") -> Iterator[str]:
    yield f"{claim.ref.curie}  {claim.ref.label}"
    yield f"  {claim.standing.name}, firmness {claim.firmness}"
    for citation in claim.citations:
        section = citation.passage.section
        place = f"{citation.passage.ref.label}, {section.trail}" if section else ""
        quoted = f' ("{citation.hedge}")' if citation.hedge else ""
        yield f"  {place}: {citation.words}{quoted}"
        if text := asked.text(citation):
            yield f"    | {text}"


def _premise_words(premise: "Premise") -> str:
    claims = ", ".join(claim.curie or claim.label for claim in premise.claims)
    words = f"{premise.subject.label} {premise.relation.label} {premise.value.label}"
    return f"{words}  [{claims or 'by the editors'}]"


def _why_not(arguments: argparse.Namespace) -> None:
    asked = _Asked(arguments)
    if arguments.relation is None:
        _why_no_axiom(asked, arguments)
        return
    from service.library import reasons, why_not
    from service.problems import UsageError

    if arguments.object is None:
        raise UsageError("Name subject, relation and object, or a claim alone.")
    triple = asked.triple(arguments)
    holds, denial = reasons(asked.library, *triple), why_not(asked.library, *triple)
    if arguments.format == "json":
        _print_json(
            {
                **_triple_object(holds),
                "holds": holds.holds,
                "graphs": list(holds.graphs),
                "near": [
                    {
                        "claim": _claim_object(asked, claim),
                        "obstacles": [o.words for o in obstacles],
                    }
                    for claim, obstacles in denial.near
                ],
                "elsewhere": [_claim_object(asked, claim) for claim in denial.elsewhere],
                "notes": list(denial.notes),
            }
        )
        return
    if holds.holds:
        graphs = ", ".join(f"graph:{g}" for g in holds.graphs) or "by its premises"
        print(f"It does hold ({graphs}); ask: cdmo why {' '.join(_quoted(holds))}")
    elif not denial.near:
        print("No claim says anything of the two together.")
    for note in denial.notes:
        print(f"- {note}")
    for claim, obstacles in denial.near:
        print()
        for line in _claim_lines(asked, claim):
            print(line)
        _print_obstacles([o.words for o in obstacles])
    if denial.elsewhere:
        print("\nWider or narrower things are said:")
        for claim in denial.elsewhere[:ELSEWHERE]:
            print(f"  {claim.ref.curie}  {claim.ref.label} ({claim.standing.name})")
        if (more := len(denial.elsewhere) - ELSEWHERE) > 0:
            print(f"  and {more} more")


def _why_no_axiom(asked: _Asked, arguments: argparse.Namespace) -> None:
    """Explain why one claim is no axiom."""
    from service.library import axioms_of, why_no_axiom
    from service.problems import UsageError

    library = asked.library
    iri = library.names.iri(arguments.subject) or arguments.subject
    claim = library.claims.get(iri)
    if claim is None:
        names = [c.ref.curie or "" for c in library.claims.values()]
        near = ", ".join(get_close_matches(arguments.subject, names, 3, 0))
        raise UsageError(f"There is no claim {arguments.subject!r}. Did you mean: {near}?")
    obstacles = why_no_axiom(library, claim)
    if arguments.format == "json":
        words = [{"kind": o.kind, "words": o.words} for o in obstacles]
        object_ = _claim_object(asked, claim)
        _print_json({"claim": object_, "axiom": not obstacles, "obstacles": words})
        return
    for line in _claim_lines(asked, claim):
        print(line)
    if not obstacles:
        about = ", ".join(ref.label for ref in axioms_of(library, iri))
        print(f"It is an axiom, of {about}.")
    _print_obstacles([o.words for o in obstacles])
    tensions = [t for t in library.tensions.values() if iri in {ref.iri for ref in t.concerns}]
    for tension in tensions[:TENSIONS]:
        print(f"  The article is at odds about it: {tension.description}")


def _print_obstacles(words: list[str]) -> None:
    if words:
        print("  It is no axiom:")
        for line in dict.fromkeys(words):
            print(f"  - {line}")


def _print_json(value: object) -> None:
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    print()


def _triple_object(triple: "Reasons | Premise") -> dict[str, Any]:
    refs = {"subject": triple.subject, "relation": triple.relation, "object": triple.value}
    return {key: _thing(ref) for key, ref in refs.items()}


def _thing(ref: Any) -> dict[str, str] | str:
    return {"id": ref.iri, "label": ref.label} if "://" in ref.iri else ref.label


def _claim_object(asked: _Asked, claim: "Claim") -> dict[str, Any]:
    """Return a claim as its card, with the text of its passages if a document is at hand."""
    from service.cards import card

    texts = {c.passage.ref.iri: text for c in claim.citations if (text := asked.text(c))}
    object_ = card(asked.library, claim.ref.iri)
    return {**object_, "texts": texts} if texts else object_
