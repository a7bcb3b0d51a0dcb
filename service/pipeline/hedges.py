"""Hold what citations say against the hedging words of their passages.

The words stand in ``ontology/checks/hedges.ttl``: on each value of citations the phrases
(``cdmo:hedgePhrase``) that put it into words, those among them that hedge a whole clause
(``cdmo:scopePhrase``), and those between clauses (``cdmo:endOfScope``); on ``cdmo:negative``
the phrases that deny. Where one phrase contains another, the longer one counts.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from service import iris
from service.pipeline import graphs
from service.pipeline.loading import Loaded
from service.pipeline.violations import Severity
from service.rdf.terms import text as text_of

_BOUND = ("Assertion", "Frequency", "Advice")
"""The questions that their phrases answer when quoted; "to" alone tells no aim."""

_DENYING = frozenset([iris.NEGATIVE, iris.CDMO + "advisedAgainst"])

_PUNCTUATION = r"[;:.?!](?=\s|$)"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A fault of a citation, before waivers."""

    rule: str
    severity: Severity
    claim: str
    passage: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation as editors wrote it.

    :param object: an IRI, or the text of a literal.
    :param values: its values for its passage: the IRIs of assertion, frequency, advice and aim.
    :param hedge: the words that it quotes, or "".
    :param negative: whether its claim denies.
    """

    claim: str
    subject: str
    relation: str
    object: str
    passage: str
    values: frozenset[str]
    hedge: str = ""
    negative: bool = False

    def doubt(self, rule: str, message: str, hint: str, severity: Severity = "warning") -> Doubt:
        """Return a doubt about this citation."""
        return Doubt(rule, severity, self.claim, self.passage, message, hint)


class Lexicon:
    """The words of hedges, as the sources have them.

    :ivar phrases: in lower case, with the values that each puts into words.
    :ivar questions: the local name of the question that each value answers.
    :ivar weights: how much each value weighs.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.phrases: dict[str, set[str]] = defaultdict(set)
        opening, ends = set(), set()
        query = """
            SELECT ?value ?property ?phrase WHERE { ?value ?property ?phrase
              FILTER(?property IN (cdmo:hedgePhrase, cdmo:scopePhrase, cdmo:endOfScope)) }"""
        for row in graphs.select(loaded.store, query, "waivers"):
            value, name, phrase = map(text_of, row)
            phrase = phrase.casefold()
            if name == iris.CDMO + "endOfScope":
                ends.add(phrase)
                continue
            self.phrases[phrase].add(value)
            if name == iris.CDMO + "scopePhrase":
                opening.add(phrase)
        self._phrase = _any_of(self.phrases)
        self._opening = _any_of(opening)
        self._end = re.compile(f"{_PUNCTUATION}|{_any_of(ends).pattern}", re.IGNORECASE)
        self.questions: dict[str, str] = {}
        self.weights: dict[str, int] = {}
        query = """
            SELECT ?value ?question ?weight WHERE { ?value a ?question ; cdmo:weight ?weight
              FILTER(?question IN (cdmo:Assertion, cdmo:Frequency, cdmo:Advice, cdmo:Aim)) }"""
        for row in graphs.select(loaded.store, query, "ontology"):
            value, question, weight = map(text_of, row)
            self.questions[value] = question.removeprefix(iris.CDMO)
            self.weights[value] = int(weight)

    def phrases_in(self, text: str) -> dict[str, set[str]]:
        """Return the phrases in a text with the values that they put into words."""
        phrases = dict.fromkeys(match[0].casefold() for match in self._phrase.finditer(text))
        return {phrase: values for phrase in phrases if (values := self.phrases.get(phrase))}

    def clauses(self, text: str) -> Iterator[str]:
        """Yield the clauses of a text."""
        start = 0
        for match in [*self._end.finditer(text), None]:
            clause = text[start : match.start() if match else len(text)]
            if clause.strip():
                yield clause
            start = match.end() if match else len(text)

    def hedge_in(self, clause: str) -> str:
        """Return the phrase that hedges a clause or a sentence, or ""."""
        match = self._opening.search(clause)
        return match[0] if match else ""

    def denial_in(self, clause: str, *, surely: bool = False) -> str:
        """Return the phrase that denies a clause or a sentence or warns of it, or "".

        :param surely: leave out phrases that may say something else.
        """
        for phrase, values in self.phrases_in(clause).items():
            if values <= _DENYING if surely else values & _DENYING:
                return phrase
        return ""


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    words = "|".join(re.escape(p) for p in sorted(phrases, key=lambda p: (-len(p), p)))
    return re.compile(rf"\b(?:{words or '(?!)'})\b", re.IGNORECASE)


def _name(value: str) -> str:
    return value.removeprefix(iris.CDMO)


def check_quotation(citation: Citation, lexicon: Lexicon) -> Iterator[Doubt]:
    """Yield a doubt where the quoted words of a citation do not fit its values."""
    answers = {lexicon.questions.get(value, ""): value for value in citation.values}
    says = {*citation.values, iris.PLAIN, *([iris.NEGATIVE] if citation.negative else ())}
    quoted = lexicon.phrases_in(citation.hedge)
    for phrase, values in quoted.items():
        for value in sorted(values) if not values & says else ():
            question = lexicon.questions.get(value, "")
            answer = answers.get(question)
            is_firmer = (
                answer is not None
                and question == "Assertion"
                and lexicon.weights[answer] > lexicon.weights[value]
            )
            if question in _BOUND and (answer is None or is_firmer):
                wording = _name(answer) if answer else f"nothing of {question.lower()}"
                message = f'quotes "{phrase}", which is {_name(value)}, and says {wording}'
                hint = f"Say cdmo:{_name(value)}, or quote the words that bear on this claim."
                yield citation.doubt("hedge-unlike-value", message, hint, "error")
    if citation.hedge and not any(values & says for values in quoted.values()):
        message = f'quotes "{citation.hedge}", which puts none of its values into words'
        hint = "Quote the words that hedge, or add them to ontology/checks/hedges.ttl."
        yield citation.doubt("hedge-not-in-lexicon", message, hint)


def check_hedge(citation: Citation, text: str, near: str, lexicon: Lexicon) -> Iterator[Doubt]:
    """Yield a doubt where the values and the quoted words of a citation do not fit its passage.

    :param text: the text of the passage.
    :param near: the text from which the passage takes over words.
    """
    yield from check_quotation(citation, lexicon)
    known = set[str]().union(*lexicon.phrases_in(f"{near}\n{text}").values())
    for value in sorted(citation.values - known - {iris.PLAIN}):
        if value in lexicon.questions:
            message = f"says {_name(value)}, which no words of the passage say"
            hint = "Read the passage; leave out what it does not say, or say which words do."
            yield citation.doubt("value-without-words", message, hint)
