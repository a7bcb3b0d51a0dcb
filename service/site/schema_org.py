"""schema.org JSON-LD for a page, which search engines read.

A claim is a ``Claim`` whose name tells how sure the document is; for terms see
:mod:`service.site.schema_terms`.
"""

from collections.abc import Callable, Mapping

from service import iris
from service.iris import BASE, LICENCE
from service.library import Description, Library, Ref
from service.release import Manifest
from service.site.schema_terms import DATASET, Value, named, one, term, types_of

WEB_SITE: Value = {"@type": "WebSite", "@id": BASE, "name": "CDMO"}
CONTEXT = {"@context": "https://schema.org"}
DISCLAIMER = "Restates one web article for the public. Not medical advice."
ABOUT = {"description": DISCLAIMER, "usageInfo": BASE + "about"}


def page_schema(title: str, page_type: str) -> Value:
    """Return the schema.org value of a page that describes no resource.

    :param page_type: ``WebPage`` or a type below it.
    """
    page = {"@type": page_type, "name": title, "isPartOf": WEB_SITE, "license": LICENCE}
    return {**CONTEXT, **page, **ABOUT}


def site_schema(manifest: Manifest, description: str) -> Value:
    """Return the schema.org value of the home page: the site and the dataset behind it."""
    web_site = {**WEB_SITE, "url": BASE, **ABOUT}
    return {**CONTEXT, "@graph": [web_site, dataset_schema(manifest, description)]}


def dataset_schema(manifest: Manifest, description: str) -> Value:
    """Return the release as a dataset."""
    return {
        **DATASET,
        "name": manifest.title,
        "description": description or DISCLAIMER,
        "url": iris.ONTOLOGY,
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
            "contentUrl": iris.DOWNLOADS + name,
            "contentSize": f"{size} B",
            "sha256": manifest.files[name],
        }
        for name, size in sizes.items()
    ]
    dataset = {**dataset_schema(manifest, description), "distribution": files}
    return {**page_schema("Downloads", "WebPage"), "mainEntity": dataset}


def schema_org(d: Description, manifest: Manifest) -> Value:
    """Return the schema.org value of a described resource, with the page that is about it."""
    resource = {**CONTEXT, "@id": d.iri, "url": d.iri, "name": d.ref.label}
    page = {"@type": "WebPage", "isPartOf": WEB_SITE, **ABOUT}
    if d.type == "ontology":
        return {**resource, **dataset_schema(manifest, d.definition), "mainEntityOfPage": page}
    return {**resource, **SORTS.get(d.type, _schema_term)(d), "mainEntityOfPage": page}


def _claim(d: Description) -> Value:
    """Return a claim whose name keeps how sure the document is, with its passages."""
    value: Value = {"@type": "Claim"}
    if claim := d.library.claims.get(d.iri):
        value["isBasedOn"] = one([named("Article", source) for source in claim.sources])
        value["name"] = f"{claim.ref.label} [{claim.all_words}]"
        value["appearance"] = one([named("CreativeWork", c.passage.ref) for c in claim.citations])
    return value


def _part(d: Description) -> Value:
    library = d.library
    part = library.passages.get(d.iri) or library.sections.get(d.iri)
    listed = library.lists.get(d.iri)
    source = part.source if part else listed.section.source if listed else None
    return {"@type": "CreativeWork", **({"isPartOf": named("Article", source)} if source else {})}


def _tension(d: Description) -> Value:
    about = [_concerned(d.library, ref) for ref in d.refs(iris.CONCERNS)]
    return {"@type": "Comment", "text": d.text(iris.TENSION_DESCRIPTION), "about": one(about)}


def _dataset(d: Description) -> Value:
    description = d.text(iris.DESCRIPTION) or _words(d)
    licence = one(d.texts(iris.RIGHTS) or [LICENCE])
    about = {"description": description, "license": licence}
    return {"@type": "Dataset", **about, "isPartOf": DATASET}


def _schema_term(d: Description) -> Value:
    """Return a relation, a class, or a named individual of the schema."""
    description = {"description": d.definition} if d.definition else {}
    if iris.FOAF + "Organization" in d.texts(iris.TYPE):
        return {"@type": "Organization", **description}
    code = {"inDefinedTermSet": DATASET, "termCode": d.ref.curie or d.iri}
    return {"@type": "DefinedTerm", **code, **description}


def _concerned(library: Library, ref: Ref) -> Value:
    types = types_of(library, ref.iri) or ("Thing",)
    if ref.iri in library.claims:
        types = ("Claim",)
    elif ref.iri in library.passages or ref.iri in library.sections:
        types = ("CreativeWork",)
    return {"@type": one(types), "@id": ref.iri}


def _words(d: Description) -> str:
    return d.definition or d.ref.label


SORTS: Mapping[str, Callable[[Description], Value]] = {
    "term": term,
    "claim": _claim,
    "question": lambda d: {"@type": "Question", "text": _words(d)},
    "source": lambda d: {"@type": "Article"},
    "section": _part,
    "list": _part,
    "passage": _part,
    "tension": _tension,
    "mapping": _dataset,
    "graph": _dataset,
    "sparql": lambda d: {"@type": "WebAPI", "description": _words(d)},
}
"""The value of a resource by its sort; any other is a term of the schema."""
