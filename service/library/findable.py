"""The entries of a release that a search can find, with their names."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from service import iris
from service.library.data import Ref
from service.library.document import Claim
from service.library.entries import Entry, Name
from service.library.library import Library, Match
from service.library.words import fold

SAME = frozenset({iris.EXACT_MATCH, iris.CLOSE_MATCH, iris.EQUIVALENT_CLASS})
"""Mapping predicates by which the name of a target is also a name of our term."""

JUST_THE_SAME = SAME - {iris.CLOSE_MATCH}
"""Mapping predicates by which a curator would accept the target unseen."""

BEHIND = 300
"""Points taken off the scores of sections and relations, so that terms come first."""

AHEAD = -30
"""The same for questions, which answer at once where statements give single facts."""

NOT_SAID = ("the article does not say", "the documents do not say")
"""The note of a hit for a question without an answer."""


def search_entries(library: Library) -> Iterator[Entry]:
    """Yield an entry for each resource to search, terms first, words of the schema last."""
    names = _names_of_terms(library)
    for iri, term in library.terms.items():
        kind = library.kinds[term.kinds[0]].ref.label if term.kinds else "term"
        kind = "obsolete term" if term.obsolete else kind
        yield from _entry(
            term.ref, kind, names[iri], definition=term.definition, retired=term.obsolete
        )
    for claim in library.claims.values():
        yield from _entry(
            claim.ref,
            "statement",
            group="statement",
            text=_words_around(library, claim, names),
            sentence=True,
            weight=claim.firmness,
            note=claim.all_words,
        )
    for question in library.questions:
        yield from _entry(
            question.ref,
            "question",
            [
                *(Name(word, "keyword") for word in question.keywords),
                *(Name(word, "word") for word in other_words(library, question.ref.iri)),
            ],
            group="question",
            text=question.comment,
            sentence=True,
            weight=int(question.group == "readers"),
            loss=AHEAD,
            note=NOT_SAID[library.is_of_several] if question.group == "not said" else "",
        )
    for tension in library.tensions.values():
        words = f"{tension.description} {' '.join(ref.label for ref in tension.concerns)}"
        yield from _entry(
            tension.ref,
            "disagreement",
            group="tension",
            text=words,
            sentence=True,
            note=tension.kind.words,
        )
    for section in library.sections.values():
        note = library.in_short(section.source) if library.is_of_several else ""
        yield from _entry(section.ref, "section", group="section", loss=BEHIND, note=note)
    for relation in library.relations.values():
        yield from _entry(
            relation.ref, "relation", definition=relation.definition, group="model", loss=BEHIND
        )
    for standing in library.standings.values():
        yield from _entry(
            standing.ref, "standing", definition=standing.definition, group="model", loss=BEHIND
        )


def _entry(ref: Ref, kind: str, names: Iterable[Name] = (), **rest: Any) -> Iterator[Entry]:
    """Yield the entry of a resource, if it has a document."""
    if ref.path:
        code = [Name(ref.curie, "code", exact=True)] if ref.curie else []
        yield Entry(ref.iri, ref.label, kind, ref.path, (*code, *names), **rest)


def _names_of_terms(library: Library) -> dict[str, list[Name]]:
    """Return the other names of each term: its own, those of other vocabularies, their codes."""
    names: dict[str, list[Name]] = defaultdict(list)
    for row in library.select("synonyms"):
        exact = row["property"] == iris.EXACT_SYNONYM
        names[row["term"]].append(Name(row["synonym"], "synonym", exact=exact))
    for iri in library.terms:
        names[iri] += [Name(word, "word") for word in other_words(library, iri)]
        known = {fold(library.ref(iri).label), *(fold(name.text) for name in names[iri])}
        mapped: dict[str, list[Match]] = defaultdict(list)
        for match in library.matches.get(iri, ()):
            exact = match.predicate.iri in JUST_THE_SAME
            codes = {match.target.iri, match.target.curie or match.target.iri}
            names[iri] += [Name(code, "code", exact=exact) for code in sorted(codes)]
            if (name := fold(match.target.label)) not in known:
                mapped[name].append(match)
        for first, *others in mapped.values():
            prefixes = {(m.target.curie or "").partition(":")[0] for m in (first, *others)}
            where = tuple(sorted(library.vocabulary_name(p) for p in prefixes if p))
            why = "mapped" if first.predicate.iri in SAME else "near"
            exact = first.predicate.iri in JUST_THE_SAME
            names[iri].append(Name(first.target.label, why, where, exact))
    return names


def other_words(library: Library, iri: str) -> list[str]:
    """Return words for a resource that readers may type and the article does not use."""
    return list(library.displayed.get(iri, {}).get(iris.HIDDEN_LABEL, ()))


def _words_around(library: Library, claim: Claim, names: dict[str, list[Name]]) -> str:
    """Return words that a statement is also found by: other names of its terms and its relation."""
    words = [word for relation in claim.relation.wider for word in other_words(library, relation)]
    for end in (claim.subject.iri, claim.object.iri):
        words += [n.text for n in names.get(end, ()) if n.why in {"synonym", "word", "mapped"}]
    return " ".join((claim.relation.inverse_words, *words))
