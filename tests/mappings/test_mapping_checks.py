"""Each rule for mapping sets fires on its bad rows, on nothing else, and is silent on good ones.

What is bad differs from what is good in one cell, one line or one row.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from service.iris import BASE
from service.pipeline import mapping_checks, sssom
from service.pipeline.sssom import MappingSet
from service.pipeline.violations import Violation

PREFIXES = {
    "CDMO": f"{BASE}id/CDMO_",
    "cdmo": f"{BASE}schema/",
    "HP": "http://purl.obolibrary.org/obo/HP_",
    "MONDO": "http://purl.obolibrary.org/obo/MONDO_",
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sssom": "https://w3id.org/sssom/",
}
NODULE, PLAQUE, RETIRED = (f"{BASE}id/CDMO_000950{n}" for n in (1, 2, 3))
TERMS = mapping_checks.Terms(
    {NODULE: "nodule", PLAQUE: "plaque", RETIRED: "obsolete lump"}, frozenset({RETIRED}), PREFIXES
)
HEADER = (
    f"mapping_set_id: {BASE}mapping/hp",
    "mapping_set_title: CDMO to Human Phenotype Ontology",
    'mapping_set_version: "0.1.0"',
    "license: https://hpo.jax.org/app/license",
    "curie_map:",
    *(f"  {prefix}: {namespace}" for prefix, namespace in PREFIXES.items()),
)
COLUMNS = {
    "subject_id": "CDMO:0009501",
    "subject_label": "nodule",
    "predicate_modifier": "",
    "predicate_id": "skos:closeMatch",
    "object_id": "HP:0000001",
    "object_label": "Nodule",
    "mapping_justification": "semapv:ManualMappingCuration",
    "author_id": "cdmo:maintainers",
    "mapping_date": "2026-11-22",
    "confidence": "0.9",
}
"""A row that no rule objects to."""

Row = dict[str, str]
OF_NODULE: Row = {}
OF_PLAQUE: Row = {"subject_id": "CDMO:0009502", "subject_label": "plaque"}
EXACT: Row = {"predicate_id": "skos:exactMatch"}
NOT: Row = {"predicate_modifier": "Not"}
OTHER_TARGET: Row = {"object_id": "HP:0000002"}
NONE_FOUND: Row = {"object_id": "sssom:NoTermFound", "object_label": ""}


def written(
    folder: Path,
    rows: Sequence[Row] = (OF_NODULE, OF_PLAQUE),
    name: str = "hp",
    header: Sequence[str] = HEADER,
    columns: Sequence[str] = tuple(COLUMNS),
) -> tuple[MappingSet, list[Violation]]:
    """Write a mapping set whose rows are as good as can be but for what is said, and read it."""
    lines = [f"#{line}" for line in header]
    lines.append("\t".join(columns))
    lines += ["\t".join((COLUMNS | row)[c] for c in columns) for row in rows]
    path = folder / f"{name}.sssom.tsv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return sssom.read(path)


def checked(folder: Path, *sets: MappingSet) -> list[tuple[str, int | None]]:
    """Return rule and line of every violation."""
    curators = folder / "curators.tsv"
    curators.write_text("curator_id\tname\ncdmo:maintainers\tCDMO maintainers\n", encoding="utf-8")
    found = mapping_checks.check_sets(sets, TERMS, curators)
    return [(v.rule, v.line) for v in found]


ROW = len(HEADER) + 2
"""The line of the first row."""


def test_the_rows_to_begin_with_are_good(tmp_path: Path) -> None:
    mapping_set, unread = written(tmp_path)
    assert unread == []
    assert checked(tmp_path, mapping_set) == []


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        ("cell", {"mapping_date": ""}, {"mapping_date": "2026-11-23"}),
        ("cell", {"object_label": ""}, NONE_FOUND),
        ("curie", {"object_id": "NCIT:C3"}, {"object_id": "HP:0000003"}),
        ("curie", {"object_id": "Nodule"}, {"object_id": "HP:Nodule"}),
        ("curie", {"object_id": "HP:00 01"}, {"object_id": "HP:0001"}),
        ("predicate", {"predicate_id": "skos:closematch"}, {"predicate_id": "skos:broadMatch"}),
        (
            "justification",
            {"mapping_justification": "skos:closeMatch"},
            {"mapping_justification": "semapv:LexicalMatching"},
        ),
        ("modifier", {"predicate_modifier": "not"}, {"predicate_modifier": "Not"}),
        ("date", {"mapping_date": "22.11.2026"}, {"mapping_date": "2026-11-22"}),
        ("date", {"mapping_date": "2026-02-30"}, {"mapping_date": "2026-02-28"}),
        ("confidence", {"confidence": "1.5"}, {"confidence": "1"}),
        ("confidence", {"confidence": "high"}, {"confidence": ""}),
        ("author", {"author_id": "cdmo:somebody"}, {"author_id": "cdmo:maintainers"}),
        ("label", {"subject_label": "lump"}, {"subject_label": "nodule"}),
    ],
)
def test_a_cell(tmp_path: Path, rule: str, bad: Row, good: Row) -> None:
    assert checked(tmp_path, written(tmp_path, [bad, OF_PLAQUE])[0]) == [(f"mapping-{rule}", ROW)]
    assert checked(tmp_path, written(tmp_path, [good, OF_PLAQUE])[0]) == []


@pytest.mark.parametrize(
    "bad",
    [
        {"subject_id": "CDMO:0009509", "subject_label": "nodule"},
        {"subject_id": "CDMO:0009503", "subject_label": "obsolete lump"},
    ],
    ids=["unknown", "retired"],
)
def test_a_subject_is_a_term_of_ours_in_use(tmp_path: Path, bad: Row) -> None:
    found = checked(tmp_path, written(tmp_path, [OF_NODULE, OF_PLAQUE, bad])[0])
    assert found == [("mapping-subject", ROW + 2)]
    good = OF_PLAQUE | OTHER_TARGET
    assert checked(tmp_path, written(tmp_path, [OF_NODULE, OF_PLAQUE, good])[0]) == []


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        ("order", [OF_PLAQUE, OF_NODULE], [OF_NODULE, OF_PLAQUE]),
        ("twice", [OF_NODULE, EXACT], [OF_NODULE, EXACT | OTHER_TARGET]),
        ("twice", [OF_NODULE, OF_NODULE | NOT], [OF_NODULE, OTHER_TARGET | NOT]),
        ("exact-twice", [EXACT, EXACT | OTHER_TARGET], [EXACT, EXACT | OTHER_TARGET | NOT]),
        ("exact-shared", [EXACT, OF_PLAQUE | EXACT], [EXACT, OF_PLAQUE]),
        ("exact-shared", [EXACT, OF_PLAQUE | EXACT], [EXACT, OF_PLAQUE | EXACT | OTHER_TARGET]),
    ],
)
def test_two_rows(tmp_path: Path, rule: str, bad: list[Row], good: list[Row]) -> None:
    """The later row is told."""
    assert told(tmp_path, bad) == [(f"mapping-{rule}", ROW + 1)]
    assert told(tmp_path, good) == []


def told(folder: Path, rows: list[Row]) -> list[tuple[str, int | None]]:
    """Return what is told of some rows, whatever terms they leave out."""
    found = checked(folder, written(folder, rows)[0])
    return [(rule, line) for rule, line in found if rule != "mapping-missing"]


def test_no_term_found_stands_alone_in_its_set(tmp_path: Path) -> None:
    assert told(tmp_path, [OF_NODULE, NONE_FOUND]) == [("mapping-not-found", ROW + 1)]
    assert told(tmp_path, [NONE_FOUND, NONE_FOUND]) == [("mapping-not-found", ROW)]
    assert told(tmp_path, [NONE_FOUND, OF_PLAQUE]) == []


def test_a_set_maps_to_one_vocabulary(tmp_path: Path) -> None:
    mondo = {"object_id": "MONDO:0000001"}
    assert told(tmp_path, [OF_NODULE, OF_PLAQUE | mondo]) == [("mapping-vocabulary", 1)]
    assert told(tmp_path, [OF_NODULE, OF_PLAQUE | NONE_FOUND]) == []


def test_rows_of_two_sets_are_held_against_each_other(tmp_path: Path) -> None:
    ours, _ = written(tmp_path, [OF_NODULE | EXACT, OF_PLAQUE])
    header = [line.replace("mapping/hp", "mapping/other") for line in HEADER]
    again, _ = written(tmp_path, [OF_NODULE], "other", header)
    assert checked(tmp_path, ours, again) == [("mapping-twice", ROW)]
    more, _ = written(tmp_path, [OF_NODULE | OTHER_TARGET], "other", header)
    assert checked(tmp_path, ours, more) == []


def test_every_term_in_use_is_mapped_or_not_found(tmp_path: Path) -> None:
    curators = tmp_path / "curators.tsv"
    lacking, _ = written(tmp_path, [OF_NODULE])
    [missing] = mapping_checks.check_sets([lacking], TERMS, curators)
    assert (missing.rule, missing.severity, missing.entity) == (
        "mapping-missing",
        "warning",
        PLAQUE,
    )
    honest, _ = written(tmp_path, [OF_NODULE, OF_PLAQUE | NONE_FOUND])
    assert mapping_checks.check_sets([honest], TERMS, curators) == []


@pytest.mark.parametrize(
    "slot", ["mapping_set_id", "mapping_set_title", "mapping_set_version", "license"]
)
def test_the_header_has_every_slot(tmp_path: Path, slot: str) -> None:
    header = [line for line in HEADER if not line.startswith(slot)]
    assert checked(tmp_path, written(tmp_path, header=header)[0]) == [("mapping-header", 1)]


def test_an_address_in_the_header_is_an_iri(tmp_path: Path) -> None:
    header = [line.replace("https://hpo.jax.org/", "https://hpo jax.org/") for line in HEADER]
    assert checked(tmp_path, written(tmp_path, header=header)[0]) == [("mapping-header", 4)]


def test_a_set_is_called_like_its_file(tmp_path: Path) -> None:
    """And the line to mend is told."""
    assert checked(tmp_path, written(tmp_path, name="mondo")[0]) == [("mapping-header", 1)]


def test_a_column_that_is_needed_is_missed_once(tmp_path: Path) -> None:
    columns = [c for c in COLUMNS if c != "author_id"]
    found = checked(tmp_path, written(tmp_path, columns=columns)[0])
    assert found == [("mapping-header", 1)]
    columns = [c for c in COLUMNS if c != "confidence"]
    assert checked(tmp_path, written(tmp_path, columns=columns)[0]) == []


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("  HP: http://example.org/HP_", "  HP: http://purl.obolibrary.org/obo/HP_"),
        (
            "  hpo: http://purl.obolibrary.org/obo/HP_",
            "  MONDO: http://purl.obolibrary.org/obo/MONDO_",
        ),
    ],
    ids=["other namespace", "other prefix"],
)
def test_prefixes_agree_with_the_list_of_prefixes(tmp_path: Path, bad: str, good: str) -> None:
    last = len(HEADER) + 1
    found = checked(tmp_path, written(tmp_path, header=[*HEADER, bad])[0])
    assert found == [("mapping-prefix", last)]
    assert checked(tmp_path, written(tmp_path, header=[*HEADER, good])[0]) == []


def test_a_row_has_a_cell_for_each_column(tmp_path: Path) -> None:
    written(tmp_path)
    path = tmp_path / "hp.sssom.tsv"
    text = path.read_text("utf-8")
    path.write_text(text + "CDMO:0009502\tplaque\n", encoding="utf-8")
    [short] = sssom.read(path)[1]
    assert (short.rule, short.line) == ("mapping-row", ROW + 2)
    path.write_text(text + "\n", encoding="utf-8")
    assert sssom.read(path)[1] == []
