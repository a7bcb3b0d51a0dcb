"""The catalogue of terms in other data, a file: their sorts, order and names."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from service import iris
from service.library import catalogue, cataloguing
from service.library.catalogue import Catalogue, Found
from service.library.vocabulary import Vocabulary
from service.names import Names

PREFIXES = {"": "http://e/", "rdfs": iris.RDFS, "owl": iris.OWL, "skos": iris.SKOS}
HEAD = "".join(f"PREFIX {prefix}: <{namespace}> " for prefix, namespace in PREFIXES.items())


def store_of(turtle: str) -> ox.Store:
    store = ox.Store()
    store.load(HEAD + turtle, ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("http://e/"))
    return store


def catalogue_of(folder: Path, turtle: str) -> Catalogue:
    path = folder / "terms.sqlite"
    cataloguing.write_catalogue(store_of(turtle), Names(PREFIXES), path)
    return Catalogue(path)


def test_the_sort_of_a_term_follows_from_its_types_parents_and_children(
    tmp_path: Path,
) -> None:
    terms = catalogue_of(
        tmp_path,
        ":a a :Thing, owl:Class . :b rdfs:subClassOf :c . :d skos:broader :a . :e a :Thing . "
        ":o a owl:Ontology . :p rdfs:subPropertyOf :q .",
    )
    assert terms.counts() == {"concept": 1, "class": 3, "property": 2, "individual": 1}
    assert terms.terms("class", 0, 9) == [f"http://e/{name}" for name in "abc"]
    assert terms.complete


def test_one_term_of_a_cycle_is_a_root_and_obsolete_terms_are_not(tmp_path: Path) -> None:
    terms = catalogue_of(
        tmp_path,
        ":a a owl:Class . :b rdfs:subClassOf :a . :m rdfs:subClassOf :n . :n rdfs:subClassOf :m . "
        ":under rdfs:subClassOf :n . :self rdfs:subClassOf :self ; a owl:Class . "
        ":old a owl:Class ; owl:deprecated true . ",
    )
    assert terms.tops("class", 9) == [f"http://e/{name}" for name in ("a", "m", "self")]
    assert terms.below("http://e/n", 0, 9) == ["http://e/m", "http://e/under"]


def test_terms_are_sorted_by_their_best_labels_or_else_by_code(tmp_path: Path) -> None:
    terms = catalogue_of(
        tmp_path,
        ':x a owl:Class ; rdfs:label "Zahn"@de, "alpha"@en . :y a owl:Class ; rdfs:label "beta" ; '
        'skos:prefLabel "Zahn"@de . :b a owl:Class .',
    )
    assert terms.terms("class", 0, 9) == [f"http://e/{name}" for name in "xby"]
    assert terms.search("zahn", 9)[0] == [
        Found("http://e/x", "Zahn", "label"),
        Found("http://e/y", "Zahn", "label"),
    ]


def test_of_many_matching_names_the_shortest_are_ranked_and_an_exact_one_is_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "_FITTING", 3)
    long = "".join(f':t{i} rdfs:label "skin {"x" * (9 - i)}" . ' for i in range(9))
    terms = catalogue_of(tmp_path, f'{long} :s rdfs:label "skin" . :z skos:altLabel "a skin" .')
    hits, partial = terms.search("skin", 9)
    assert [(hit.text, hit.why) for hit in hits] == [
        ("skin", "label"),
        ("skin x", "label"),
        ("a skin", "synonym"),
    ]
    assert not partial


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("skin test zzz", ["skin test"]),
        ("skin zzz", ["skin", "skin test"]),
        ("zzz muscle yyy", ["muscle"]),
        ("zzz", []),
    ],
)
def test_without_a_full_match_names_with_most_words_are_found_or_else_with_any(
    typed: str, names: list[str], tmp_path: Path
) -> None:
    labels = ("skin test", "muscle", "skin")
    terms = catalogue_of(tmp_path, "".join(f':t{len(n)} rdfs:label "{n}" . ' for n in labels))
    hits, partial = terms.search(typed, 9)
    assert [hit.text for hit in hits] == names
    assert partial == bool(names)


def test_a_vocabulary_reads_the_catalogue_of_its_release_or_makes_a_temporary_one(
    tmp_path: Path,
) -> None:
    names, path = Names(PREFIXES), tmp_path / "terms.sqlite"
    cataloguing.write_catalogue(store_of(':a rdfs:label "of the file" .'), names, path)
    store = store_of(':a rdfs:label "of the store" .')
    texts = [
        Vocabulary(store, names, p).search("of", 9)[0][0].text for p in (path, tmp_path / "none")
    ]
    assert texts == ["of the file", "of the store"]
    assert list(tmp_path.iterdir()) == [path]
