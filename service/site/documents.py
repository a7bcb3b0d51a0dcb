"""A description to its page: which template, and what the template needs beside it."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from typing import Any

from flask import render_template

from service import iris
from service.library import (
    Citation,
    Claim,
    Description,
    Library,
    Passage,
    Ref,
    Section,
    definitions,
    why,
    why_joined,
)
from service.rdf.jsonld import json_ld
from service.site import diagram
from service.site.schema_org import schema_org
from service.site.site import site

TEMPLATES = {
    "term": "term.html",
    "claim": "claim.html",
    "passage": "passage.html",
    "source": "source.html",
    "section": "section.html",
    "tension": "tension.html",
    "question": "question.html",
    "relation": "schema.html",
    "class": "schema.html",
    "individual": "schema.html",
    "mapping": "mapping.html",
    "ontology": "ontology.html",
}
"""Templates by the sort of resource; any other gets the plain table."""


MAX_EMBEDDED = 3000
"""How many triples a page embeds at most: some 100 kB of JSON-LD."""


def page(d: Description) -> str:
    """Return the page of a description, with its triples embedded as JSON-LD.

    A mapping set may be as long as a book of codes; such a page links to its data instead.
    """
    extras = EXTRAS.get(d.type, _nothing)(d)
    brief = len(d.triples) <= MAX_EMBEDDED
    data = json_ld(d.triples, d.library.names, root=d.iri) if brief else None
    found = site()
    return render_template(
        TEMPLATES.get(d.type, "thing.html"),
        d=d,
        data=data,
        schema_org=schema_org(d, found.release.manifest),
        **extras,
    )


def _nothing(d: Description) -> dict[str, Any]:
    return {}


TERM_QUERY = """\
PREFIX CDMO: <https://w3id.org/cdmo/id/CDMO_>
PREFIX cdmo: <https://w3id.org/cdmo/schema/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

# What the article says about {label}
SELECT ?claim ?how_sure ?passage ?hedge
WHERE {{
  VALUES ?term {{ {curie} }}
  ?claim cdmo:subject|cdmo:object ?term ;
    cdmo:citation ?citation .
  ?citation cdmo:passage ?passage ;
    cdmo:modality/rdfs:label ?how_sure .
  OPTIONAL {{ ?citation cdmo:hedge ?hedge }}
}}
ORDER BY ?passage ?claim"""


def _term(d: Description) -> dict[str, Any]:
    reasons = {
        (p.iri, value.iri): why(d.library, d.iri, value.iri)
        if p.iri == iris.SUBCLASS
        else why_joined(d.library, d.iri, p.iri, value.iri)
        for p, value in d.inferred
        if value.iri
    }
    label = " ".join(d.ref.label.split())
    return {
        "query": TERM_QUERY.format(label=label, curie=d.ref.curie or f"<{d.iri}>"),
        "reasons": reasons,
        "definitions": definitions(d.library, d.iri),
    }


def _claim(d: Description) -> dict[str, Any]:
    return {"evidence": iris.EVIDENCE}


def _passage(d: Description) -> dict[str, Any]:
    library = d.library
    ordered = list(library.passages.values())
    here = d.passage
    if here is None:
        return {}
    place = ordered.index(here)
    return {
        "words": site().passage_text(here),
        "claims": _said(library, here),
        "reason": _reason(library, here),
        "before": ordered[place - 1] if place else None,
        "after": ordered[place + 1] if place + 1 < len(ordered) else None,
    }


def _reason(library: Library, passage: Passage) -> str:
    """Return what the reason means for which a passage has no claims, or ""."""
    words = library.schema_definitions.get(passage.reason.iri, "") if passage.reason else ""
    _, which, rest = words.partition(" applies to ")
    return f"This is {rest}" if which else ""


def _said(library: Library, passage: Passage) -> list[tuple[Claim, Citation]]:
    """Return the claims of a passage, each with how that very passage states it."""
    return [
        (claim, stated)
        for claim in library.claims_of_passage.get(passage.ref.iri, ())
        for stated in claim.citations
        if stated.passage is passage
    ]


def _rows(library: Library, section: Section) -> list[tuple[Passage, str | None, Any]]:
    return [
        (p, site().passage_text(p), _said(library, p))
        for p in library.passages.values()
        if p.section is section
    ]


def _source(d: Description) -> dict[str, Any]:
    library = d.library
    outline = []
    for section in library.sections.values():
        mine = [p for p in library.passages.values() if p.section is section]
        said = library.claims_of_passage
        passages = [(p, len(said.get(p.ref.iri, ()))) for p in mine]
        claims = {c.ref.iri for p in mine for c in said.get(p.ref.iri, ())}
        outline.append((section, library.sections[section.top], passages, len(claims)))
    return {"outline": outline, "has_text": site().source_text is not None}


def _section(d: Description) -> dict[str, Any]:
    library, here = d.library, d.section
    if here is None:
        return {}
    sections = list(library.sections.values())
    place = sections.index(here)
    below = [s for s in sections if s is here or here.ref.iri in _above(library, s)]
    reading = [(section, _rows(library, section)) for section in below]
    passages = [p for _, rows in reading for p, _, _ in rows]
    claims = {c.ref.iri for _, rows in reading for _, _, said in rows for c, _ in said}
    return {
        "reading": reading,
        "has_text": site().source_text is not None,
        "passages_count": len(passages),
        "claims_count": len(claims),
        "above": library.sections.get(here.parent or ""),
        "before": _beside(library, reversed(sections[:place]), here),
        "after": _beside(library, sections[place + 1 :], here),
    }


def _beside(library: Library, sections: Iterable[Section], here: Section) -> Section | None:
    """Return the first section that neither holds ``here`` nor lies deeper than it."""
    above = _above(library, here)
    return next((s for s in sections if s.ref.iri not in above and s.depth <= here.depth), None)


def _above(library: Library, section: Section) -> list[str]:
    found: list[str] = []
    while section.parent and section.parent in library.sections and section.parent not in found:
        found.append(section.parent)
        section = library.sections[section.parent]
    return found


def _question(d: Description) -> dict[str, Any]:
    expected = d.text(iris.EXPECTED).strip()

    def cell(text: str) -> Ref:
        return d.library.ref(text) if text.startswith(("http://", "https://")) else Ref(text, "")

    return {
        "query": d.text(iris.SELECT).strip(),
        "keywords": sorted(d.texts(iris.KEYWORDS)),
        "rows": [[cell(text) for text in row] for row in csv.reader(io.StringIO(expected)) if row],
    }


def _mapping(d: Description) -> dict[str, Any]:
    return {
        "rows": d.matches,
        "described": d.text(iris.DESCRIPTION) or d.definition,
        "hidden": {iris.SSSOM + "mappings", iris.SSSOM + "mapping_set_title"},
    }


def _schema(d: Description) -> dict[str, Any]:
    library = d.library
    if d.modality:
        uses = [c for c in library.claims.values() if c.modality == d.modality]
        title = "Statements made in this way"
    else:
        uses = [c for c in library.claims.values() if c.relation.ref.iri == d.iri]
        title = "Statements with this relation"
    return {"uses": uses, "uses_title": title, "uses_limit": 60}


def _ontology(d: Description) -> dict[str, Any]:
    library = d.library
    used = Counter(c.relation.ref.iri for c in library.claims.values())
    definitions = library.schema_definitions
    kinds = [
        {"ref": k.ref, "name": k.name, "definition": k.definition, "count": len(terms)}
        for k in library.kinds.values()
        if (terms := library.terms_of(k.ref.iri)) or True
    ]
    shown = {*library.kinds, *library.relations, *library.modalities, *library.qualifiers}
    return {
        "description_iri": iris.DESCRIPTION,
        "declare_iri": iris.DECLARE,
        "prefixes": sorted(library.names.prefixes.items()),
        "diagrams": {"kinds": diagram.kinds(library), "model": diagram.model(library)},
        "size": (diagram.WIDTH, diagram.HEIGHT),
        "kinds": kinds,
        "relations": [(r, used[r.ref.iri]) for r in library.relations.values()],
        "modalities": library.modalities.values(),
        "qualifiers": [(ref, definitions.get(i, "")) for i, ref in library.qualifiers.items()],
        "vocabulary": sorted(
            (library.ref(iri), words) for iri, words in definitions.items() if iri not in shown
        ),
    }


EXTRAS = {
    "term": _term,
    "claim": _claim,
    "passage": _passage,
    "source": _source,
    "section": _section,
    "question": _question,
    "relation": _schema,
    "class": _schema,
    "individual": _schema,
    "mapping": _mapping,
    "ontology": _ontology,
}
