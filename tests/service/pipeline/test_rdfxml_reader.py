"""RDF/XML in every form of XML has the triples of the same graph in Turtle."""

import io

import pyoxigraph as ox
import pytest

from service import iris
from service.pipeline.rdfxml_reader import RdfXmlReader

BASE = "http://e/base"
NAMESPACES = f'xmlns:r="{iris.RDF}" xmlns:e="http://e/"'
HEAD = f"@prefix : <http://e/> . @prefix r: <{iris.RDF}> .\n"


def document(content: str, head: str = "", namespaces: str = NAMESPACES) -> str:
    return f"{head}<r:RDF {namespaces}>\n{content}\n</r:RDF>\n"


def property_of_a(content: str, attributes: str = "") -> str:
    return document(
        f'<r:Description r:about="http://e/a"><e:p{attributes}>{content}</e:p></r:Description>'
    )


def read(data: bytes | str) -> ox.Dataset:
    data = data.encode() if isinstance(data, str) else data
    return canonical(RdfXmlReader(io.BytesIO(data), BASE))


def canonical(quads: "ox.QuadParser | RdfXmlReader") -> ox.Dataset:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


LAYERS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 30}">' for n in range(1, 12))
BOMB = f'<!DOCTYPE r:RDF [<!ENTITY l0 "0123456789">{LAYERS}]>'


@pytest.mark.parametrize(
    ("xml", "turtle"),
    [
        (property_of_a("one<!-- between -->two"), ':a :p "onetwo" .'),
        (property_of_a("1 &lt; <![CDATA[2 < <3>]]>."), ':a :p "1 < 2 < <3>." .'),
        (property_of_a("one<?target text?>two"), ':a :p "onetwo" .'),
        (property_of_a(" one\r\n&#13;&#10;&#9;two "), ':a :p " one\\n\\r\\n\\ttwo " .'),
        (property_of_a("", ' e:q="&#10;two &lt;&quot;&apos;>"'), ':a :p [ :q "\\ntwo <\\"\'>" ] .'),
        (property_of_a("text", ' xml:lang=""'), ':a :p "text" .'),
        (
            property_of_a("ja", f' r:datatype="{iris.RDF}langString" xml:lang="de"'),
            ':a :p "ja"@de .',
        ),
        (
            document(
                '<r:Description r:about="http://e/a" xml:lang="de">'
                f'<e:p r:datatype="{iris.RDF}langString">ja</e:p></r:Description>'
            ),
            ':a :p "ja"@de .',
        ),
        (
            document(
                '<r:Description r:about="http://e/a" xml:lang="de" e:n="ja">'
                '<e:p>ja</e:p><e:p xml:lang="">yes</e:p></r:Description>'
            ),
            ':a :n "ja"@de ; :p "ja"@de , "yes" .',
        ),
        (
            document(
                '<r:Description r:about="&e;a" e:p="&both;"/>',
                "<!DOCTYPE r:RDF [<!ENTITY e 'http://e/'><!ENTITY both \"&e;&#38;#38;&e;\">]>",
            ),
            ':a :p "http://e/&http://e/" .',
        ),
        (
            property_of_a(
                '<b xmlns="http://x/">1 &amp; <e:c e:t="2"/><!--3--></b>', ' r:parseType="Literal"'
            ),
            """:a :p '<b xmlns="http://x/">1 &amp; <e:c xmlns:e="http://e/" e:t="2"></e:c>"""
            "<!--3--></b>'^^r:XMLLiteral .",
        ),
        (property_of_a("<b/>", ' r:parseType="other"'), ':a :p "<b></b>"^^r:XMLLiteral .'),
        (property_of_a("", ' r:parseType="Literal"'), ':a :p ""^^r:XMLLiteral .'),
        (property_of_a("<e:q>1</e:q>", ' r:parseType="Resource"'), ':a :p [ :q "1" ] .'),
        (
            property_of_a('<r:Description r:about="#b"/>', ' r:parseType="Collection"'),
            ":a :p ( <http://e/base#b> ) .",
        ),
    ],
)  # fmt: skip
def test_rdf_xml_is_read_as_the_specifications_demand(xml: str, turtle: str) -> None:
    assert read(xml) == canonical(ox.parse(HEAD + turtle, ox.RdfFormat.TURTLE))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "utf-16", "windows-1252"])
def test_an_encoding_is_read_as_declared(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    xml = f'<?xml version="1.0" encoding="{name}"?>\n' + property_of_a("Entzündung")
    expected = ox.parse(HEAD + ':a :p "Entzündung" .', ox.RdfFormat.TURTLE)
    assert read(xml.encode(encoding)) == canonical(expected)


@pytest.mark.parametrize(
    ("xml", "line", "message"),
    [
        (property_of_a("1").removesuffix("</r:RDF>\n"), 3, "ends before its last element does"),
        (property_of_a("1")[:-30], 2, "unclosed token"),
        (property_of_a("1") + "<r:RDF/>", 4, "junk after document element"),
        (property_of_a("&unknown;"), 2, "undefined entity"),
        (property_of_a("", ' r:resource="http://e/a b"'), 2, "Invalid IRI"),
        (property_of_a("\n\n<e:q/>", ' r:resource="http://e/b"'), 4, "."),
        (property_of_a("", ' r:parseType="Literal" r:resource="http://e/b"'), 2, "stands no r:res"),
        (document("", BOMB).replace("\n\n", "\n&l11;\n"), 2, "entities expand to too much"),
        (
            document("", '<!DOCTYPE r:RDF [<!ENTITY x SYSTEM "file:///etc/hostname">]>').replace(
                "\n\n", "\n&x;\n"
            ),
            2,
            "another document, file:///etc/hostname, and none is ever fetched",
        ),
        (document("", '<?xml version="1.0" encoding="x-none"?>'), 1, "encoding"),
        (document("\n<u:x/>"), 3, "Unknown prefix u"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_line(xml: str, line: int, message: str) -> None:
    with pytest.raises(SyntaxError, match=message) as caught:
        read(xml)
    assert caught.value.lineno == line


def test_prefixes_are_those_of_the_elements() -> None:
    xml = document('<e:A xmlns:e="http://late/" xmlns:f="http://f/" xmlns="http://none/"/>')
    reader = RdfXmlReader(io.BytesIO(xml.encode()), BASE)
    assert list(reader)
    expected = {"r": iris.RDF, "e": "http://e/", "f": "http://f/", "": "http://none/"}
    assert reader.prefixes == expected


def test_a_line_may_be_longer_than_the_buffer_of_the_engine() -> None:
    text = "long " * 100_000
    expected = ox.parse(HEAD + f':a :p "{text}" .', ox.RdfFormat.TURTLE)
    assert read(property_of_a(text)) == canonical(expected)
    literal = read(property_of_a(f"<b>{text}</b>", ' r:parseType="Literal"'))
    assert {quad.object.value for quad in literal} == {f"<b>{text}</b>"}


@pytest.mark.parametrize(
    "element",
    ["<e:a>", "<e:a xml:lang='en' xml:base='http://e/'>", "<e:a xmlns:e{n}='http://e{n}/'>"],
)
def test_elements_may_be_nested(element: str) -> None:
    depth = 2_000
    inside = "\n".join(element.format(n=n) for n in range(depth))
    reader = RdfXmlReader(io.BytesIO(document(inside + "</e:a>" * depth).encode()), BASE)
    assert sum(1 for _ in reader) == depth
