"""Terms as trees, questions by section, and the numbers of kinds."""

from collections.abc import Iterable, Iterator

from flask.testing import FlaskClient

from service.cards import Filter, Lists
from service.library import Index, Library, Term, describe
from service.site.browse import Branch, hierarchy, summarise
from service.site.comparison import side_by_side
from service.site.lists import ACROSS, elsewhere, question_groups

from .client import page, words

Tree = tuple[str, list["Tree"]]


def labels(branches: list[Branch] | tuple[Branch, ...]) -> list[Tree]:
    return [(branch.term.ref.label, labels(branch.below)) for branch in branches]


def terms(library: Library, *names: str) -> list[Term]:
    return [term for term in library.terms.values() if term.ref.label in names]


def test_a_term_stands_below_its_parents(small: Library) -> None:
    shown = terms(small, "medication", "bisphosphonate", "alendronate")
    assert labels(hierarchy(small, shown, {})) == [
        ("medication", [("bisphosphonate", [("alendronate", [])])])
    ]


def test_a_term_without_its_parent_stands_below_the_next_ancestor(small: Library) -> None:
    shown = terms(small, "medication", "alendronate")
    assert labels(hierarchy(small, shown, {})) == [("medication", [("alendronate", [])])]


def test_the_largest_tree_comes_first(small: Library) -> None:
    shown = terms(small, "calcium", "medication", "bisphosphonate")
    assert [label for label, _ in labels(hierarchy(small, shown, {}))] == ["medication", "calcium"]


def test_a_term_in_a_cycle_is_not_its_own_parent(small: Library) -> None:
    assert labels(hierarchy(small, terms(small, "hen"), {})) == [("hen", [])]


def test_a_term_has_its_descendants_in_one_place_of_each_tree(real_library: Library) -> None:
    def walk(branches: Iterable[Branch]) -> Iterator[Branch]:
        for branch in branches:
            yield branch
            yield from walk(branch.below)

    repeated = 0
    for kind in real_library.kinds:
        listed = real_library.terms_of(kind)
        rows = list(walk(hierarchy(real_library, listed, {})))
        first = [row.term.ref.iri for row in rows if not row.again]
        assert sorted(first) == sorted(term.ref.iri for term in listed)
        assert not any(row.below for row in rows if row.again)
        repeated += len(rows) - len(first)
    assert repeated


def test_a_kind_is_summarised_by_its_busiest_terms(small: Library) -> None:
    [intervention] = [kind for kind in small.kinds.values() if kind.name == "Intervention"]
    summary = summarise(small, intervention)
    assert (summary["terms"], summary["ours"], summary["claims"]) == (2, 1, 3)
    assert summary["examples"][0].label == "bisphosphonate"


def test_a_question_stands_with_the_section_that_its_keywords_name(small: Library) -> None:
    groups = question_groups(small, small.questions)
    assert sum(len(group) for _, group in groups) == len(small.questions)
    for label, group in groups:
        assert label == ACROSS or all(label in question.keywords for question in group)


def test_mappings_are_in_the_order_of_the_other_terms(small: Library) -> None:
    rows = list(Lists(small, lambda: Index([])).mapping_rows(Filter()))
    matches = [row.match for row in rows if row.match]
    places = [(match.rank[1], match.target.label.lower()) for match in matches]
    assert places == sorted(places), "exact ones first"
    assert all(row.match and row.match.target in elsewhere(small)[row.term.iri] for row in rows)


def test_our_groupings_are_counted_and_folded_separately(client: FlaskClient) -> None:
    html = page(client, "/browse/Intervention")
    assert "2 of 2 terms" in words(html)
    folded = html.partition('<details class="ours">')[2].partition("</details>")[0]
    assert "1 grouping of ours The article does not name these." in words(folded)
    assert "medication" in words(folded)
    assert "2 terms 3 statements and 1 grouping of ours" in words(page(client, "/browse/"))
    text = words(page(client, "/doc/id/CDMO_0000002.html"))
    assert "A grouping of ours: the article does not name it." in text


def test_the_about_page_names_our_additions_and_how_to_report_an_error(client: FlaskClient) -> None:
    text = words(page(client, "/about"))
    assert "1 grouping of ours" in text
    assert "Found an error?" in text


def test_a_comparison_separates_statements_with_different_firmness(real_library: Library) -> None:
    named = {t.ref.label: iri for iri, t in real_library.terms.items()}
    a, b = (describe(real_library, named[n]) for n in ("corticosteroid", "immunosuppressant"))
    marks = {
        s.other.label: mark
        for words, left, _ in side_by_side(a, b)
        if words == "treats"
        for s, mark in left
    }
    assert marks["calcinosis dermatomyositis"] in ("both", "differently")
    for _, left, right in side_by_side(a, b):
        theirs = {(s.other, s.claim.negative): s.claim.all_words for s, _ in right}
        for s, mark in left:
            other = theirs.get((s.other, s.claim.negative))
            assert (mark == "one") == (other is None)
