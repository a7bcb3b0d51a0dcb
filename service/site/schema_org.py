"""What search engines read: schema.org JSON-LD for a page.

A claim is a ``Claim`` whose name says how sure the document is; of terms see
:mod:`service.site.schema_terms`.
"""

from service import iris
from service.iris import BASE, LICENCE, ONTOLOGY
from service.library import Description, Library, Ref
from service.release import Manifest
from service.site.schema_terms import DATASET, Value, one, term, types_of

WEB_SITE: Value = {"@type": "WebSite", "@id": BASE, "name": "CDMO"}
CONTEXT = {"@context": "https://schema.org"}

FOAF_ORGANIZATION = "http://xmlns.com/foaf/0.1/Organization"

DISCLAIMER = "Restates one web article for the public. Not medical advice."


def page_schema(title: str, page_type: str) -> Value:
    """Return the schema.org value of a page that describes nothing of its own.

    :param page_type: ``WebPage`` or a type below it.
    """
    return {
        **CONTEXT,
        "@type": page_type,
        "name": title,
        "description": DISCLAIMER,
        "isPartOf": WEB_SITE,
        "license": LICENCE,
        "usageInfo": BASE + "about",
    }


def site_schema(manifest: Manifest, description: str) -> Value:
    """Return the schema.org value of the home page: the site and the dataset behind it."""
    about = {"url": BASE, "description": DISCLAIMER, "usageInfo": BASE + "about"}
    return {**CONTEXT, "@graph": [{**WEB_SITE, **about}, dataset_schema(manifest, description)]}


def dataset_schema(manifest: Manifest, description: str) -> Value:
    """Return the release as a dataset."""
    return {
        **DATASET,
        "name": manifest.title,
        "description": description or DISCLAIMER,
        "url": ONTOLOGY,
        "version": manifest.version,
        "dateModified": manifest.modified,
        "license": LICENCE,
        "isAccessibleForFree": True,
    }


def downloads_schema(manifest: Manifest, description: str, sizes: dict[str, int]) -> Value:
    """Return the page of downloads: the dataset with its files.

    :param sizes: bytes by name of file.
    """
    files = [
        {
            "@type": "DataDownload",
            "name": name,
            "contentUrl": f"{BASE}downloads/{name}",
            "contentSize": f"{size} B",
            "sha256": manifest.files[name],
        }
        for name, size in sizes.items()
    ]
    whole = {**dataset_schema(manifest, description), "distribution": files}
    return page_schema("Downloads", "WebPage") | {"mainEntity": whole}


def schema_org(d: Description, manifest: Manifest) -> Value:
    """Return the schema.org value of a described resource, with the page that is about it."""
    thing = {**CONTEXT, "@id": d.iri, "url": d.iri, "name": d.ref.label}
    thing |= term(d) if d.type == "term" else _other(d, manifest)
    page = {"@type": "WebPage", "description": DISCLAIMER, "isPartOf": WEB_SITE}
    return thing | {"mainEntityOfPage": {**page, "usageInfo": BASE + "about"}}


# -- claims, passages, the ontology ------------------------------------------------------------


def _other(d: Description, manifest: Manifest) -> Value:
    """Return what a resource is that is no term."""
    if d.type == "ontology":
        return dataset_schema(manifest, d.definition)
    return SORTS.get(d.type, _schema_term)(d)


def _claim(d: Description) -> Value:
    """Return a claim in words that keep how sure the document is, and the passages that say so."""
    found: Value = {"@type": "Claim", "isBasedOn": _article(d.library)}
    if claim := d.library.claims.get(d.iri):
        found["name"] = f"{claim.ref.label} [{claim.modality.words}]"
        found["appearance"] = one([_named("CreativeWork", s.passage.ref) for s in claim.citations])
    return found


def _question(d: Description) -> Value:
    return {"@type": "Question", "text": d.definition or d.ref.label}


def _source(d: Description) -> Value:
    return {"@type": "Article"}


def _part(d: Description) -> Value:
    return {"@type": "CreativeWork", "isPartOf": _article(d.library)}


def _tension(d: Description) -> Value:
    tension = d.library.tensions[d.iri]
    about = [_thing(d.library, ref) for ref in tension.concerns]
    return {"@type": "Comment", "text": tension.description, "about": one(about)}


def _data(d: Description) -> Value:
    licences = d.texts(iris.RIGHTS) or [LICENCE]
    words = d.text(iris.DESCRIPTION) or d.definition or d.ref.label
    about = {"description": words, "license": one(licences)}
    return {"@type": "Dataset", **about, "isPartOf": DATASET}


def _endpoint(d: Description) -> Value:
    return {"@type": "WebAPI", "description": d.definition or d.ref.label}


def _schema_term(d: Description) -> Value:
    """Return a relation, a class, or a named individual of the schema."""
    described = {"description": d.definition} if d.definition else {}
    if FOAF_ORGANIZATION in d.texts(iris.TYPE):
        return {"@type": "Organization", **described}
    return {
        "@type": "DefinedTerm",
        "inDefinedTermSet": DATASET,
        "termCode": d.ref.curie or d.iri,
        **described,
    }


SORTS = {
    "claim": _claim,
    "question": _question,
    "source": _source,
    "section": _part,
    "passage": _part,
    "tension": _tension,
    "mapping": _data,
    "graph": _data,
    "sparql": _endpoint,
}
"""What each sort of resource is in schema.org; any other is a term of the schema."""


def _article(library: Library) -> Value:
    source = next(iter(library.sources), library.ref(BASE + "source/"))
    return _named("Article", source)


def _named(name: str, ref: Ref) -> Value:
    return {"@type": name, "@id": ref.iri, "name": ref.label}


def _thing(library: Library, ref: Ref) -> Value:
    if ref.iri in library.claims:
        return {"@type": "Claim", "@id": ref.iri}
    if ref.iri in library.passages or ref.iri in library.sections:
        return {"@type": "CreativeWork", "@id": ref.iri}
    return {"@type": one(types_of(library, ref.iri) or ("Thing",)), "@id": ref.iri}
