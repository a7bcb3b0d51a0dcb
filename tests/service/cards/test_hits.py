"""A search as JSON: hits with a score and a reason, and whether a hit is accepted as a match."""

import pytest

from service.cards import KEYS, parse_search, search_object
from service.library import Index, Library, search_entries
from service.problems import BadRequest


@pytest.fixture(scope="module")
def index(small: Library) -> Index:
    return Index(search_entries(small))


def test_a_hit_is_a_thing_with_its_score_and_reason(small: Library, index: Index) -> None:
    search = parse_search({"q": "calcium deposition disease", "limit": "1"})
    result = search_object(small, index, search)
    assert result["q"] == "calcium deposition disease"
    (hit,) = result["items"]
    assert hit == {
        "id": "https://w3id.org/cdmo/id/CDMO_0000001",
        "curie": "CDMO:0000001",
        "label": "calcinosis",
        "kind": ["condition"],
        "definition": hit["definition"],
        "score": 96.0,
        "why": "synonym",
        "matched": "calcium deposition disease",
        "namedIn": [],
        "match": True,
    }
    assert hit.keys() - {"id"} <= KEYS.keys()


def test_terms_are_found_by_default_and_other_kinds_if_asked_for(
    small: Library, index: Index
) -> None:
    def kinds(**parameters: str) -> set[str]:
        search = parse_search({"q": "calcinosis", "limit": "100", **parameters})
        items = search_object(small, index, search)["items"]
        return {item["id"].split("/")[4] for item in items}

    assert kinds() == {"id"}
    assert kinds(kind="statement") == {"claim"}
    assert kinds(kind="all") > {"id", "claim"}


def test_a_hit_by_a_related_name_is_not_a_match(small: Library, index: Index) -> None:
    result = search_object(small, index, parse_search({"q": "calcified skin"}))
    hit, *_ = result["items"]
    assert (hit["label"], hit["match"]) == ("calcinosis", False)


def test_a_search_without_words_finds_nothing(small: Library, index: Index) -> None:
    assert search_object(small, index, parse_search({}))["items"] == []


@pytest.mark.parametrize(
    "code", ["HP:0012531", "HP_0012531", "http://purl.obolibrary.org/obo/HP_0012531"]
)
def test_a_code_is_found_however_it_is_written(small: Library, index: Index, code: str) -> None:
    hit, *_ = search_object(small, index, parse_search({"q": code}))["items"]
    assert (hit["label"], hit["why"]) == ("pain", "code")


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"query": "pain"}, "query"),
        ({"q": "pain", "kind": "thing"}, "kind"),
        ({"q": "pain", "limit": "0"}, "limit"),
        ({"q": "pain", "limit": "101"}, "limit"),
        ({"q": "pain", "limit": "1e1"}, "limit"),
        ({"q": "pain", "limit": "9" * 5000}, "limit"),
        ({"q": "pain", "limit": "²"}, "limit"),
    ],
)
def test_an_unknown_parameter_or_value_is_refused_by_name(
    parameters: dict[str, str], field: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_search(parameters)
    assert refused.value.extras["field"] == field
