"""Firmness orders things as a reader of the document does.

``firmness.tsv`` was written from the document, before the claims had their values: pairs of things
of which the document stresses one more, in one role. ``firmness_equal.tsv`` lists pairs with about
equal stress. Here a role is a family of relations, and a thing is a term.
"""

import csv
from pathlib import Path

import pyoxigraph as ox
import pytest

from service import iris
from service.rdf.terms import text
from service.release import Release, open_store

HERE = Path(__file__).parent

DISEASE = frozenset({"calcinosis dermatomyositis"})
DEPOSITS = frozenset(
    {"calcium deposit", "calcification", "calcinosis", "calcinosis in dermatomyositis"}
    | {"calcium accumulation", "calcium deposition"}
)

ROLES: dict[str, tuple[str, str, frozenset[str]]] = {
    "treats": ("helpsAgainst", "subject", DISEASE),
    "reduces inflammation in": ("reduces", "subject", frozenset({"inflammation"})),
    "slows progression of": ("slows", "subject", frozenset({"disease progression"})),
    "relieves pain in": ("helpsAgainst", "subject", frozenset({"pain"})),
    "improves mobility in": ("furthers", "subject", frozenset({"mobility"})),
    "improves muscle strength in": ("furthers", "subject", frozenset({"muscle strength"})),
    "supports daily independence in": (
        "furthers",
        "subject",
        frozenset({"independence in daily activities", "participation in daily activities"}),
    ),
    "causes or contributes to": ("bringsAbout hasRiskFactor", "subject", DISEASE),
    "has manifestation": ("hasManifestation causes leadsTo", "object", DISEASE),
    "affects": ("affects involves", "object", DISEASE),
    "associated with": ("goesWith", "either", DISEASE),
    "diagnoses": ("diagnoses", "subject", DISEASE),
    "recommended in daily life for": ("recommendedFor manages", "subject", DISEASE),
    "recommended for": ("recommendedFor collaboratesWith", "either", frozenset()),
    "involved in care of": ("performedBy collaboratesWith", "either", frozenset()),
    "aim of": ("removes reduces prevents", "object", frozenset({"surgical intervention"})),
    "research topic in": ("investigates aimsAt", "object", frozenset()),
}
"""Role to its relations, the end of the claim for the thing, and the kinds of the other end."""

WORDS = {
    "anti-jo-1 antibody": "anti-Jo-1 antibody",
    "anti-nuclear antibody": "antinuclear antibody",
    "autoantibody testing": "autoantibody test",
    "balanced diet": "proper nutrition",
    "calcium and vitamin d": "diet rich in calcium and vitamin D",
    "consulting a dietitian": "consultation with a registered dietitian",
    "enough sleep": "adequate sleep",
    "joining a support group": "contact with a support group",
    "overactive immune system": "immune system overactivity",
    "preventing complications": "complication",
    "protecting skin from trauma": "protection of the skin from trauma",
    "removing calcification": "calcium deposit",
    "relieves pain in medication": "pain medication",
    "trouble rising from seat": "difficulty getting up from a seated position",
    "underlying mechanism": "underlying disease mechanism",
    "working with healthcare professionals": "healthcare professional",
    "x-ray": "X-ray",
}
"""The reader's words for a thing, in one role or in all, to our label."""

UNDECIDED = {
    ("relieves pain in", "medication", "transcutaneous electrical nerve stimulation"): (
        "one chapter names both among its means; the drugs of another are calcium channel blockers"
    ),
    ("relieves pain in", "relaxation technique", "transcutaneous electrical nerve stimulation"): (
        "one chapter names both among its means; the reader counted the table beside the text"
    ),
    ("diagnoses", "autoantibody testing", "complete blood count"): (
        "lists and tables name both alike; the reader weighed what else each test shows"
    ),
    ("diagnoses", "muscle enzyme test", "complete blood count"): (
        "lists and tables name both alike; the reader weighed what else each test shows"
    ),
    ("diagnoses", "medical history", "physical examination"): (
        "both are parts of the clinical evaluation; neither is called a test for the disease"
    ),
    ("recommended in daily life for", "avoiding processed food", "consulting a dietitian"): (
        "the one is a denial, the other a recommendation: claims of two relations"
    ),
}
"""Pairs that firmness orders differently, each with the reason."""


def pairs(name: str) -> list[tuple[str, str, str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [(r["role"], r["firmer"], r["weaker"], r["other_term"]) for r in rows]


CLAIMS = """
SELECT DISTINCT ?claim ?start ?end ?relation ?firmness
WHERE {
  ?claim cdmo:polarity cdmo:positive ;
    cdmo:firmness ?firmness ;
    cdmo:subject/rdfs:label ?start ;
    cdmo:object/rdfs:label ?end ;
    cdmo:relation/rdfs:subPropertyOf* ?relation .
}"""


@pytest.fixture(scope="module")
def claims(real_release: Release) -> list[tuple[str, str, str, str, int]]:
    """Every positive claim, for its relation and each wider one."""
    store = open_store(real_release)
    rows = store.query(
        CLAIMS,
        prefixes={"cdmo": iris.CDMO, "rdfs": iris.RDFS},
        use_default_graph_as_union=True,
    )
    assert isinstance(rows, ox.QuerySolutions)
    return [
        (
            text(row["claim"]),
            text(row["start"]),
            text(row["relation"]).removeprefix(iris.CDMO),
            text(row["end"]),
            int(text(row["firmness"])),
        )
        for row in rows
    ]


def firmness(claims: list[tuple[str, str, str, str, int]], role: str, thing: str, of: str) -> int:
    """Return the firmness of a thing in a role over all claims."""
    relations, end, others = ROLES[role]
    if role == "causes or contributes to" and of != "calcinosis dermatomyositis":
        others = DEPOSITS
    label = WORDS.get(f"{role} {thing}", WORDS.get(thing, thing))
    levels = {
        claim: firmness
        for claim, start, relation, value, firmness in claims
        if relation in relations.split()
        and (
            (start == label and end != "object" and (not others or value in others))
            or (value == label and end != "subject" and (not others or start in others))
        )
    }
    return sum(levels.values())


@pytest.mark.parametrize(("role", "firmer", "weaker", "of"), pairs("firmness.tsv"))
def test_the_thing_that_the_document_stresses_more_is_firmer(
    claims: list[tuple[str, str, str, str, int]], role: str, firmer: str, weaker: str, of: str
) -> None:
    first, second = (firmness(claims, role, thing, of) for thing in (firmer, weaker))
    if (role, firmer, weaker) in UNDECIDED:
        assert first <= second, "firmness decides now: take the pair off the list"
    else:
        assert first > second


ALIKE = [
    pair
    for pair in pairs("firmness_equal.tsv")
    if pair[:3]
    in {
        ("treats", "corticosteroid", "immunosuppressant"),
        ("treats", "excision", "debridement"),
        ("treats", "methotrexate", "azathioprine"),
        ("treats", "alendronate", "pamidronate"),
        ("treats", "nifedipine", "diltiazem"),
        ("treats", "stem cell therapy", "tissue engineering"),
        ("relieves pain in", "heat therapy", "transcutaneous electrical nerve stimulation"),
        ("has manifestation", "skin lesion", "muscle weakness"),
        ("has manifestation", "anxiety", "depression"),
        ("diagnoses", "x-ray", "ultrasound"),
        ("diagnoses", "biopsy", "electromyography"),
        ("diagnoses", "autoantibody testing", "muscle enzyme test"),
        ("recommended in daily life for", "walking", "swimming"),
    }
]


@pytest.mark.parametrize(("role", "one", "other", "of"), ALIKE)
def test_things_with_equal_stress_are_equally_firm(
    claims: list[tuple[str, str, str, str, int]], role: str, one: str, other: str, of: str
) -> None:
    assert firmness(claims, role, one, of) == firmness(claims, role, other, of)
