"""The verbs of ``cdmo new`` that state: claims, citations and tensions."""

import argparse
from contextlib import suppress
from typing import TYPE_CHECKING

from service.cli.edit_steps import (
    Missing,
    add_documents,
    add_dry_run,
    begin,
    complete,
    conclude,
    passages_of,
    show_passage,
)
from service.cli.verbs import Verbs, say
from service.problems import EditRefused, UsageError

if TYPE_CHECKING:
    from service.editing.edits import Edits
    from service.editing.lookup import Lookup
    from service.editing.new_claim import Citation
    from service.editing.passage_finder import Passages

ASSERTIONS = ("plain", "possible", "believed", "underResearch")


def add_forms(forms: Verbs) -> None:
    """Add these forms to those of ``cdmo new``."""
    _add_claims(forms)
    _add_tension(forms)


def _add_claims(forms: Verbs) -> None:
    claim = forms.add(
        "claim",
        _claim,
        "write a claim with its citation; without --relation list those that fit",
        "  cdmo new claim --subject nifedipine --object pain\n"
        "  cdmo new claim --subject nifedipine --relation manages --object pain \\\n"
        "      --passage 'eases the pain' --source article.txt --assertion possible --hedge may\n",
    )
    add_dry_run(claim)
    claim.add_argument("--subject", help="a term: label, synonym, CURIE or number")
    claim.add_argument("--relation", help="label or local name, such as treats")
    claim.add_argument("--object", help="a term, or the text of a relation such as website")
    claim.add_argument("--negative", action="store_true", help="it is said not to be so")
    claim.add_argument(
        "--qualifier",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="such as inContext=calcinosis; may be repeated",
    )
    _add_citation(claim)
    citation = forms.add(
        "citation",
        _citation,
        "add to a claim a passage that makes it too",
        "  cdmo new citation claim:0000644 --passage 127 --assertion possible --hedge may\n",
    )
    add_dry_run(citation)
    citation.add_argument("claim", help="the claim: a CURIE, a number, or the words above it")
    _add_citation(citation)


def _add_citation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--passage", help="number or name of a passage, or words of its text")
    add_documents(parser)
    parser.add_argument("--assertion", choices=ASSERTIONS, help="how the passage puts it")
    parser.add_argument("--frequency", default="", help="usual, someCases, severeCases, asExample")
    parser.add_argument("--advice", default="", help="needed, recommended, advisedAgainst")
    parser.add_argument("--intended", action="store_true", help="only meant to be reached")
    parser.add_argument("--collective", action="store_true", help="said of several together")
    parser.add_argument("--hedge", default="", help="the one to four words on which that rests")


def _add_tension(forms: Verbs) -> None:
    tension = forms.add(
        "tension",
        _tension,
        "write a place where a document disagrees with itself or another",
        "  cdmo new tension --kind Contradiction --label 'Usual, or for some' \\\n"
        "      --concerns claim:0000643 --concerns passage:cdct-121 --other-side 127 \\\n"
        "      --description '…' --decision '…'\n",
    )
    add_dry_run(tension)
    tension.add_argument("--kind", help="such as Contradiction, LostHedge, Overreach")
    tension.add_argument("--label", help="in few words what is at odds")
    tension.add_argument(
        "--concerns", action="append", default=[], help="a claim, passage, term or list"
    )
    tension.add_argument(
        "--other-side", action="append", default=[], help="a passage with the caution or the limit"
    )
    tension.add_argument("--description", help="for a reader: what is at odds")
    tension.add_argument("--decision", help="for a reader: what the dataset does about it")
    add_documents(tension)


# -- the verbs -------------------------------------------------------------------------------------


def _claim(arguments: argparse.Namespace) -> None:
    from service.editing import new_claim

    edits, lookup = begin(arguments)
    complete(arguments, Missing("subject", "the subject"), Missing("object", "the object"))
    if not arguments.relation:
        _show_relations(lookup, arguments.subject, arguments.object)
    complete(arguments, Missing("relation", "the relation, one of those above"))
    pairs = [pair.partition("=") for pair in arguments.qualifier]
    statement = new_claim.read_statement(
        lookup,
        arguments.subject,
        arguments.relation,
        arguments.object,
        negative=arguments.negative,
        qualifiers=[(name, value) for name, _, value in pairs],
    )
    for claim in new_claim.claims_between(lookup, statement.subject, statement.value):
        say(f"There is {lookup.words(claim)}")
    passages, citation = _cited(edits, arguments)
    claim = new_claim.add_claim(edits, lookup, passages, statement, citation)
    then = "read the words above the claim beside the passage, then cdmo check"
    conclude(edits, arguments, claim, then)


def _show_relations(lookup: "Lookup", subject: str, value: str) -> None:
    about = lookup.term(subject)
    try:
        end = lookup.term(value)
    except UsageError:
        end = None
        if not lookup.fitting(about, None):
            raise
    say(f"Relations from {lookup.words(about)} to {lookup.words(end) if end else value}:")
    for relation in lookup.fitting(about, end):
        words = f"{lookup.label(relation)}: {_holds(lookup, relation)}"
        say(f"  {lookup.loaded.name(relation):28} {words}")


def _holds(lookup: "Lookup", relation: str) -> str:
    """Return when a relation holds; for one that is not ours, its definition."""
    definition = lookup.definition(relation)
    return definition.partition("that holds when ")[2] or definition or "the first is a kind of it"


def _citation(arguments: argparse.Namespace) -> None:
    from service.editing import new_claim

    edits, lookup = begin(arguments)
    _, citation = _cited(edits, arguments)
    claim = new_claim.add_citation(edits, lookup, arguments.claim, citation)
    conclude(edits, arguments, claim, "cdmo check")


def _cited(edits: "Edits", arguments: argparse.Namespace) -> "tuple[Passages, Citation]":
    from service.editing.new_claim import Citation

    passages = passages_of(edits, arguments)
    complete(
        arguments,
        Missing("passage", "the passage: its number, or words of it"),
        Missing("assertion", "how the passage puts it", ASSERTIONS),
    )
    passage = show_passage(edits, passages, arguments.passage)
    return passages, Citation(
        passage,
        arguments.assertion,
        arguments.frequency,
        arguments.advice,
        arguments.intended,
        arguments.collective,
        arguments.hedge,
    )


def _tension(arguments: argparse.Namespace) -> None:
    from service.editing.new_claim import add_tension

    edits, lookup = begin(arguments)
    complete(
        arguments,
        Missing("kind", "its kind"),
        Missing("label", "in few words what is at odds"),
        Missing("concerns", "a claim, passage, term or list"),
        Missing("description", "for a reader: what is at odds"),
        Missing("decision", "for a reader: what the dataset does about it"),
    )
    passages = passages_of(edits, arguments)
    tension = add_tension(
        edits,
        lookup,
        kind=arguments.kind,
        label=arguments.label,
        concerns=[_party(lookup, passages, name) for name in arguments.concerns],
        other_side=[passages.find(name).iri for name in arguments.other_side],
        description=arguments.description,
        decision=arguments.decision,
    )
    conclude(edits, arguments, tension, "cdmo check")


def _party(lookup: "Lookup", passages: "Passages", name: str) -> str:
    """Return the IRI of a participant in a tension.

    :param name: its CURIE, the name of a term, the sentence of a claim, or words of a passage.
    """
    iri = lookup.loaded.names.iri(name)
    if iri and lookup.loaded.place(iri)[0]:
        return iri
    if iri:
        raise EditRefused(f"{name} is declared nowhere.")
    with suppress(UsageError):
        return lookup.term(name)
    if not name.isdecimal():
        with suppress(UsageError):
            return lookup.claim(name)
    return passages.find(name).iri
