"""Redirects from permanent IRIs, interpreted as by Apache, lead to files of the export."""

import re
from pathlib import Path

import pytest

from .conftest import PUBLIC

ROOT = Path(__file__).parents[3]
BROWSERS = [
    line.split("\t")[1]
    for line in (ROOT / "tests/data/accept.txt").read_text("utf-8").splitlines()
    if line.startswith("html\ttext/html")
]


def redirect(htaccess: str, path: str, accept: str) -> tuple[int, str]:
    """Return the status and target for a path, which has no slash at its start."""
    conditions: list[bool] = []
    either = False
    for line in htaccess.splitlines():
        word, *rest = line.split(" ") if line else [""]
        if word == "RewriteCond":
            holds = bool(re.search(rest[1], accept))
            if either:
                conditions[-1] = conditions[-1] or holds
            else:
                conditions.append(holds)
            either = rest[2:] == ["[OR]"]
        elif word == "RewriteRule":
            match = re.search(rest[0], path)
            if match and all(conditions):
                target = match.expand(rest[1].replace("$", "\\"))
                status = re.search(r"R=(\d+)", rest[2])
                return int(status[1]) if status else 0, target
            conditions = []
    return 404, ""


@pytest.fixture(scope="module")
def rules(exported_tiny: Path) -> str:
    return (exported_tiny / "w3id" / ".htaccess").read_text("utf-8")


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        *((accept, "html") for accept in BROWSERS),
        ("*/*", "ttl"),
        ("", "ttl"),
        ("text/turtle", "ttl"),
        ("application/rdf+xml, */*;q=0.1", "rdf"),
        ("application/ld+json, application/json", "jsonld"),
        ("application/json, text/plain, */*", "json"),
        ("application/n-triples", "nt"),
    ],
)
@pytest.mark.parametrize("iri", ["id/CDMO_0000100", "claim/0000001", "ontology", "ontology/0.1.0"])
def test_an_iri_leads_to_its_file_in_the_wanted_format(
    exported_tiny: Path, rules: str, iri: str, accept: str, suffix: str
) -> None:
    status, target = redirect(rules, iri, accept)
    assert (status, target) == (303, f"{PUBLIC}doc/{iri}.{suffix}")
    assert (exported_tiny / target.removeprefix(PUBLIC)).is_file()


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("id/CDMO_0000100.ttl", "doc/id/CDMO_0000100.ttl"),
        ("id/CDMO_0000100.owl", "doc/id/CDMO_0000100.rdf"),
        ("ontology.owl", "doc/ontology.rdf"),
        ("ontology.jsonld", "doc/ontology.jsonld"),
        ("mapping/hp.tsv", "doc/mapping/hp.tsv"),
    ],
)
def test_an_iri_with_a_suffix_leads_to_that_file(
    exported_tiny: Path, rules: str, path: str, file: str
) -> None:
    assert redirect(rules, path, "*/*") == (303, PUBLIC + file)
    assert (exported_tiny / file).is_file()


def test_the_common_beginning_of_iris_leads_to_their_list(exported_tiny: Path, rules: str) -> None:
    for path in ("claim/", "claim"):
        assert redirect(rules, path, "text/html") == (303, f"{PUBLIC}statements/")
    assert (exported_tiny / "statements" / "index.html").is_file()


def test_any_other_path_leads_to_the_site(rules: str) -> None:
    assert redirect(rules, "context.jsonld", "*/*") == (302, f"{PUBLIC}context.jsonld")
    assert redirect(rules, "", "text/html") == (302, PUBLIC)
