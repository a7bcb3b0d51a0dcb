"""Write a folder that Protégé opens: an edit file, its modules as imports, ranges of numbers."""

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pyoxigraph as ox

from service import iris
from service.editing.curators import curators
from service.editing.identifiers import FIRST, LAST
from service.pipeline import graphs
from service.pipeline.files import write_folder
from service.pipeline.loading import FOLDERS, Loaded
from service.rdf.terms import text, triple
from service.rdf.turtle import write

EDIT = iris.ONTOLOGY + "/edit"
MODULE = iris.ONTOLOGY + "/module/"
"""The IRIs of the files start here; no release has them."""

EDIT_FILE = "cdmo-edit.ttl"
CATALOG = "catalog-v001.xml"
ID_RANGES = "cdmo-idranges.owl"
_FIRST_READ = ("schema", "relations")
"""Modules that the others import: without their declarations, OWL API takes one sort of property
for another."""


def modules(loaded: Loaded) -> dict[str, tuple[ox.Triple, ...]]:
    """Return the modules of the ontology: their names and triples."""
    return {
        document.path.stem: document.triples
        for document in loaded.documents
        if FOLDERS.get(document.path.relative_to(loaded.sources.ontology).parts[0]) == "ontology"
        and document.path.stem != "ontology"
    }


def texts(loaded: Loaded) -> dict[str, str]:
    """Return the text of each file by its name."""
    prefixes = loaded.names.prefixes
    parts = modules(loaded)
    files = {
        f"{name}.ttl": write([*_header(name, parts), *triples], prefixes)
        for name, triples in parts.items()
    }
    header = [t for d in loaded.documents if d.path.name == "ontology.ttl" for t in d.triples]
    kept = [t for t in header if t.subject != ox.NamedNode(iris.ONTOLOGY)]
    imports = [triple(EDIT, iris.IMPORTS, MODULE + name) for name in sorted(parts)]
    edit = [triple(EDIT, iris.TYPE, iris.OWL + "Ontology"), *imports, *kept]
    files[EDIT_FILE] = write(edit, prefixes)
    files[CATALOG] = _catalog(sorted(parts))
    files[ID_RANGES] = "\n".join(_id_ranges(loaded))
    return files


def export(loaded: Loaded, folder: Path) -> list[Path]:
    """Write the folder and return its files.

    :raises NotWritten: if it cannot be written.
    """
    return write_folder(folder, texts(loaded))


def _header(name: str, parts: dict[str, tuple[ox.Triple, ...]]) -> Iterator[ox.Triple]:
    yield triple(MODULE + name, iris.TYPE, iris.OWL + "Ontology")
    before = _FIRST_READ[: _FIRST_READ.index(name)] if name in _FIRST_READ else _FIRST_READ
    for other in before:
        if other in parts:
            yield triple(MODULE + name, iris.IMPORTS, MODULE + other)


def _catalog(names: list[str]) -> str:
    lines = [
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>',
        '<catalog prefer="public" xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">',
        *(
            f"    <uri name={quoteattr(MODULE + name)} uri={quoteattr(f'{name}.ttl')}/>"
            for name in names
        ),
        "</catalog>",
    ]
    return "\n".join(lines) + "\n"


def _id_ranges(loaded: Loaded) -> Iterator[str]:
    """Yield the lines of the ranges, as OBO's ontologies give them to Protégé.

    One range for each kind, for whoever edits: in Protégé a user chooses by name.
    """
    base = iris.BASE + "idranges/"
    prefixes = {
        "rdf": iris.RDF,
        "rdfs": iris.RDFS,
        "owl": iris.OWL,
        "xsd": iris.XSD,
        "idsfor": iris.OBO + "IAO_0000598",
        "allocatedto": iris.OBO + "IAO_0000597",
        "iddigits": iris.OBO + "IAO_0000596",
        "idprefix": iris.OBO + "IAO_0000599",
        "idrange": base,
    }
    yield from (f"Prefix: {name}: <{iri}>" for name, iri in prefixes.items())
    yield ""
    yield f"Ontology: <{iris.BASE}cdmo-idranges.owl>"
    yield "Annotations:"
    yield '    idsfor: "CDMO",'
    yield f'    idprefix: "{iris.TERM}CDMO_",'
    yield "    iddigits: 7"
    yield ""
    yield from (f"AnnotationProperty: {name}:" for name in list(prefixes)[4:8])
    yield ""
    who = next(iter(curators(loaded).values()), "") or "editors"
    firsts = sorted(graphs.triples(loaded.store, "ontology", predicate=FIRST), key=_number)
    for number, first in enumerate(firsts, 1):
        last = next(iter(graphs.values(loaded.store, first.subject, LAST)), first.object)
        label = next(map(text, graphs.values(loaded.store, first.subject, iris.LABEL)), "")
        yield f"Datatype: idrange:{number}"
        yield f'    Annotations: allocatedto: "{who}: {label}"'
        yield f"    EquivalentTo: xsd:integer[>= {text(first.object)} , <= {text(last)}]"
        yield ""
    yield "Datatype: xsd:integer"
    yield "Datatype: rdf:PlainLiteral"
    yield ""


def _number(t: ox.Triple) -> int:
    return int(text(t.object))
