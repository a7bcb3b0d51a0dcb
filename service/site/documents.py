"""A description to its page: one small view for each sort of resource.

A view computes everything that its template shows, so that a template asks no query.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from flask import render_template

from service import formats, iris
from service.cards import card_of, in_page
from service.library import Description, placement
from service.site import diagram
from service.site.disagreements import disagreements
from service.site.reading import passage, section, source
from service.site.schema_org import schema_org
from service.site.site import Site
from service.site.term_page import term

SHOWN_ELSEWHERE = frozenset(
    {iris.LABEL, iris.DEFINITION, iris.DISPLAY_ORDER, iris.DISPLAY_GROUP, iris.GLOSS}
    | {iris.SENTENCE_LABEL, iris.INVERSE_LABEL, iris.PLURAL_LABEL, iris.SHORT_LABEL}
    | {iris.SCHEMA_ORG_TYPE, iris.SCHEMA_ORG_MEMBER_TYPE}
    | {iris.SECTOR_LABEL, iris.SECTOR_ORDER, iris.IN_BRIEF, iris.NEGATIVE_LABEL}
)
"""Properties that the page of a part of the schema does not list: they stand at its top, or only
say how other pages write it."""

MAX_USES = 60
"""Claims with a relation or a standing that its page lists."""

Context = dict[str, Any]
"""What a template shows, by the names that it uses."""


def page(d: Description, site: Site) -> str:
    """Return the page of a description, with its card inside as JSON-LD."""
    template, view = VIEWS.get(d.type if _is_complete(d) else "", ("resource.html", resource))
    context: Context = {
        "ref": d.ref,
        "sort": d.type,
        "definition": d.definition,
        "data": in_page(card_of(d)),
        "schema_org": schema_org(d, site.release.manifest),
        **view(d, site),
    }
    return render_template(template, **context)


def _is_complete(d: Description) -> bool:
    """Tell whether a resource has all that the page of its sort needs.

    In other people's data it may lack a type or its place in the document.
    """
    library = d.library
    sorts = {"passage": library.passages, "section": library.sections, "tension": library.tensions}
    sorts["list"] = library.lists
    return d.iri in sorts.get(d.type, {d.iri})


def claim(d: Description, site: Site) -> Context:
    """Return what the page of a claim shows: how sure it is, and its citations."""
    return {
        "claim": d.library.claims.get(d.iri),
        "evidence": d.refs(iris.EVIDENCE),
        "at_odds": disagreements(d.library, d.iri),
    }


def tension(d: Description, site: Site) -> Context:
    """Return what the page of a tension shows."""
    return {"tension": d.library.tensions[d.iri]}


def enumeration(d: Description, site: Site) -> Context:
    """Return what the page of a list shows: its entries beside those of lists of the same topic."""
    shown = d.library.lists[d.iri]
    alike = [x for x in d.library.lists.values() if x.topic == shown.topic]
    terms = dict.fromkeys(term for one in (shown, *alike) for term, _ in one.entries)
    named = [dict(one.entries) for one in alike]
    return {
        "list": shown,
        "alike": alike,
        "rows": [(term, [passages.get(term) for passages in named]) for term in terms],
        "at_odds": disagreements(d.library, d.iri),
    }


def question(d: Description, site: Site) -> Context:
    """Return what the page of a question shows: its query, and its answer if that is known."""
    query = d.text(iris.SELECT).strip()
    answer = site.answers.read(query, d.text(iris.EXPECTED))
    return {
        "query": query,
        "keywords": sorted(d.texts(iris.KEYWORDS)),
        "table": formats.CSV,
        "table_label": "The answer as CSV",
        "answer": answer,
        "claims": d.library.claims,
        "with_statements": any(answer.statements),
        "group": d.library.display(d.iri, iris.DISPLAY_GROUP),
    }


def mapping(d: Description, site: Site) -> Context:
    """Return what the page of a mapping set shows: its rows, and our terms without a match."""
    hidden = {iris.SSSOM + "mappings", iris.SSSOM + "mapping_set_title"}
    rows = [row for row in d.library.mapping_rows if row.mapping_set.iri == d.iri]
    rows.sort(key=lambda row: (row.match.rank[:2] if row.match else (), row.term.label.lower()))
    return {
        "described": d.text(iris.DESCRIPTION) or d.definition,
        "table": formats.TSV,
        "table_label": "SSSOM (TSV)",
        "rows": [(row.term, row.match) for row in rows if row.match],
        "unmatched": [row.term for row in rows if not row.match],
        "properties": [p for p in d.properties if p.ref.iri not in hidden],
    }


def schema(d: Description, site: Site) -> Context:
    """Return what the page of a relation, a class or a standing shows: the claims that use it."""
    claims = d.library.claims.values()
    standing, hierarchy = d.library.standings.get(d.iri), d.library.hierarchy
    if standing:
        uses = [c for c in claims if c.standing == standing]
    else:
        uses = [c for c in claims if c.relation.ref.iri == d.iri]
    return {
        "standing": standing,
        "place": placement(d.library, hierarchy, d.iri) if hierarchy.children.get(d.iri) else [],
        "uses": uses[:MAX_USES],
        "more_uses": max(0, len(uses) - MAX_USES),
        "properties": [p for p in d.properties if p.ref.iri not in SHOWN_ELSEWHERE],
    }


def ontology(d: Description, site: Site) -> dict[str, Any]:
    """Return what the reference shows: the schema in lists and diagrams, and the header."""
    library = d.library
    used = Counter(c.relation.ref.iri for c in library.claims.values())
    meanings = library.definitions
    listed = {*library.kinds, *library.relations, *library.standings, *library.qualifiers}
    return {
        "description": d.text(iris.DESCRIPTION) or d.definition,
        "kinds": [(kind, len(library.terms_of(iri))) for iri, kind in library.kinds.items()],
        "diagrams": {"kinds": diagram.kinds(library), "model": diagram.model(library)},
        "size": (diagram.WIDTH, diagram.HEIGHT),
        "relations": [(relation, used[iri]) for iri, relation in library.relations.items()],
        "standings": list(library.standings.values()),
        "qualifiers": [(ref, meanings.get(iri, "")) for iri, ref in library.qualifiers.items()],
        "vocabulary": sorted(
            (library.ref(iri), meaning) for iri, meaning in meanings.items() if iri not in listed
        ),
        "prefixes": sorted(library.names.prefixes.items()),
        "header": [p for p in d.properties if p.ref.iri != iris.DECLARE],
    }


def retired(d: Description, site: Site) -> Context:
    """Return what the page of a retired claim, passage, tension, question or list shows."""
    return {"retirement": d.retirement, "formerly": d.text(iris.FORMERLY)}


def resource(d: Description, site: Site) -> Context:
    """Return what the plain page of any other resource shows: its properties."""
    hidden = SHOWN_ELSEWHERE - {iris.LABEL, iris.DEFINITION}  # a resource may have several
    return {"properties": [p for p in d.properties if p.ref.iri not in hidden]}


VIEWS: Mapping[str, tuple[str, Callable[[Description, Site], Context]]] = {
    "term": ("term.html", term),
    "claim": ("claim.html", claim),
    "passage": ("passage.html", passage),
    "source": ("source.html", source),
    "section": ("section.html", section),
    "list": ("list.html", enumeration),
    "tension": ("tension.html", tension),
    "question": ("question.html", question),
    "relation": ("schema.html", schema),
    "class": ("schema.html", schema),
    "individual": ("schema.html", schema),
    "mapping": ("mapping.html", mapping),
    "retired": ("retired.html", retired),
    "ontology": ("ontology.html", ontology),
}
"""Template and view by the sort of resource; any other gets the plain table."""
