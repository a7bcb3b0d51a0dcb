"""The IRIs that the build knows by name."""

from rdflib import Namespace

from service.names import BASE

CDMO = Namespace(BASE + "schema/")
IAO = Namespace("http://purl.obolibrary.org/obo/IAO_")
OA = Namespace("http://www.w3.org/ns/oa#")
OIO = Namespace("http://www.geneontology.org/formats/oboInOwl#")
SCHEMA = Namespace("https://schema.org/")
SEMAPV = Namespace("https://w3id.org/semapv/vocab/")
SHAPE = Namespace(BASE + "shape/")
SSSOM = Namespace("https://w3id.org/sssom/")

AUTHOR_STATEMENT = Namespace("http://purl.obolibrary.org/obo/ECO_")["0000303"]
"""ECO: author statement without traceable support, used in manual assertion."""
