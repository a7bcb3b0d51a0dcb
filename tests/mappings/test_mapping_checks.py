"""Each rule for mapping sets fires on its bad rows, on nothing else, and is silent on good ones.

A bad file differs from a good one in one cell, one line or one row. The rules are those of the
reader and the checks ``mapping-*``.
"""

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox
import pytest

from service import iris
from service.names import Names
from service.pipeline import checks, graphs, mappings
from service.pipeline.loading import Loaded
from service.rdf.terms import triple
from service.sources import Sources, locate

PREFIXES = {
    "CDMO": f"{iris.TERM}CDMO_",
    "cdmo": iris.CDMO,
    "HP": "http://purl.obolibrary.org/obo/HP_",
    "MONDO": "http://purl.obolibrary.org/obo/MONDO_",
    "semapv": iris.SEMAPV,
    "skos": iris.SKOS,
    "sssom": iris.SSSOM,
}
ALL_PREFIXES = Names.load(locate().ontology / "prefixes.ttl").prefixes
NODULE, PLAQUE, RETIRED = (f"{iris.TERM}CDMO_000950{n}" for n in (1, 2, 3))
TERMS = {NODULE: "nodule", PLAQUE: "plaque", RETIRED: "obsolete lump"}
HEADER = (
    f"mapping_set_id: {iris.MAPPING}hp",
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
"""A row without a violation."""

Row = dict[str, str]
OF_NODULE: Row = {}
OF_PLAQUE: Row = {"subject_id": "CDMO:0009502", "subject_label": "plaque"}
EXACT: Row = {"predicate_id": "skos:exactMatch"}
NOT: Row = {"predicate_modifier": "Not"}
OTHER_TARGET: Row = {"object_id": "HP:0000002"}
NONE_FOUND: Row = {"object_id": "sssom:NoTermFound", "object_label": ""}


def write(
    folder: Path,
    rows: Sequence[Row] = (OF_NODULE, OF_PLAQUE),
    name: str = "hp",
    header: Sequence[str] = HEADER,
    columns: Sequence[str] = tuple(COLUMNS),
) -> Path:
    """Write a mapping set whose rows are good apart from the given cells."""
    lines = [f"#{line}" for line in header]
    lines.append("\t".join(columns))
    lines += ["\t".join((COLUMNS | row)[c] for c in columns) for row in rows]
    path = folder / f"{name}.sssom.tsv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def check(folder: Path) -> list[tuple[str, int | None]]:
    """Return rule and line of every violation of the mapping sets in a folder."""
    curators = folder / "curators.tsv"
    curators.write_text("curator_id\tname\ncdmo:maintainers\tCDMO maintainers\n", encoding="utf-8")
    loaded = Loaded(Sources(locate().ontology, folder), Names(ALL_PREFIXES), ox.Store())
    labels = [triple(iri, iris.LABEL, ox.Literal(text)) for iri, text in TERMS.items()]
    true = ox.Literal("true", datatype=ox.NamedNode(iris.XSD_BOOLEAN))
    graphs.add(loaded.store, "ontology", [*labels, triple(RETIRED, iris.DEPRECATED, true)])
    violations = mappings.load(loaded)
    for query in checks.read_checks(loaded):
        if checks.name_of(query).startswith(("mapping-", "literal-")):
            violations += checks.run_check(query, loaded)
    return sorted({(v.rule, v.line) for v in violations}, key=str)


def check_rows(folder: Path, rows: list[Row]) -> list[tuple[str, int | None]]:
    """Return the violations of rows, without reports of unmapped terms."""
    write(folder, rows)
    return [(rule, line) for rule, line in check(folder) if rule != "mapping-missing"]


ROW = len(HEADER) + 2
"""The line of the first row."""


def test_the_unchanged_rows_have_no_violation(tmp_path: Path) -> None:
    write(tmp_path)
    assert check(tmp_path) == []


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        ("mapping-cell", {"mapping_date": ""}, {"mapping_date": "2026-11-23"}),
        ("mapping-cell", {"object_label": ""}, NONE_FOUND),
        ("mapping-curie", {"object_id": "NCIT:C3"}, {"object_id": "HP:0000003"}),
        ("mapping-curie", {"object_id": "Nodule"}, {"object_id": "HP:Nodule"}),
        ("mapping-curie", {"object_id": "HP:00 01"}, {"object_id": "HP:0001"}),
        (
            "mapping-predicate",
            {"predicate_id": "skos:closematch"},
            {"predicate_id": "skos:broadMatch"},
        ),
        (
            "mapping-justification",
            {"mapping_justification": "skos:closeMatch"},
            {"mapping_justification": "semapv:LexicalMatching"},
        ),
        ("mapping-modifier", {"predicate_modifier": "not"}, {"predicate_modifier": "Not"}),
        ("literal-ill-typed", {"mapping_date": "22.11.2026"}, {"mapping_date": "2026-11-22"}),
        ("literal-ill-typed", {"mapping_date": "2026-02-30"}, {"mapping_date": "2026-02-28"}),
        ("mapping-confidence", {"confidence": "1.5"}, {"confidence": "1"}),
        ("literal-ill-typed", {"confidence": "high"}, {"confidence": ""}),
        ("mapping-author", {"author_id": "cdmo:somebody"}, {"author_id": "cdmo:maintainers"}),
        ("mapping-label", {"subject_label": "lump"}, {"subject_label": "nodule"}),
    ],
)
def test_a_bad_cell_is_reported_and_a_good_one_is_not(
    tmp_path: Path, rule: str, bad: Row, good: Row
) -> None:
    assert check_rows(tmp_path, [bad, OF_PLAQUE]) == [(rule, ROW)]
    assert check_rows(tmp_path, [good, OF_PLAQUE]) == []


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        ("mapping-subject", {"subject_id": "CDMO:0009509", "subject_label": "nodule"}),
        ("mapping-obsolete", {"subject_id": "CDMO:0009503", "subject_label": "obsolete lump"}),
    ],
    ids=["unknown", "retired"],
)
def test_a_subject_is_a_term_in_use(tmp_path: Path, rule: str, bad: Row) -> None:
    assert check_rows(tmp_path, [OF_NODULE, OF_PLAQUE, bad]) == [(rule, ROW + 2)]
    good = OF_PLAQUE | OTHER_TARGET
    assert check_rows(tmp_path, [OF_NODULE, OF_PLAQUE, good]) == []


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        ("mapping-order", [OF_PLAQUE, OF_NODULE], [OF_NODULE, OF_PLAQUE]),
        ("mapping-twice", [OF_NODULE, EXACT], [OF_NODULE, EXACT | OTHER_TARGET]),
        ("mapping-twice", [OF_NODULE, OF_NODULE | NOT], [OF_NODULE, OTHER_TARGET | NOT]),
        ("mapping-exact-twice", [EXACT, EXACT | OTHER_TARGET], [EXACT, EXACT | OTHER_TARGET | NOT]),
        ("mapping-exact-shared", [EXACT, OF_PLAQUE | EXACT], [EXACT, OF_PLAQUE]),
        (
            "mapping-exact-shared",
            [EXACT, OF_PLAQUE | EXACT],
            [EXACT, OF_PLAQUE | EXACT | OTHER_TARGET],
        ),
    ],
)
def test_bad_pairs_of_rows_are_reported_and_good_ones_are_not(
    tmp_path: Path, rule: str, bad: list[Row], good: list[Row]
) -> None:
    """The later row is reported."""
    assert check_rows(tmp_path, bad) == [(rule, ROW + 1)]
    assert check_rows(tmp_path, good) == []


def test_no_term_found_stands_alone_in_its_set(tmp_path: Path) -> None:
    assert check_rows(tmp_path, [OF_NODULE, NONE_FOUND]) == [("mapping-not-found", ROW + 1)]
    assert check_rows(tmp_path, [NONE_FOUND, NONE_FOUND]) == [("mapping-twice", ROW + 1)]
    assert check_rows(tmp_path, [NONE_FOUND, OF_PLAQUE]) == []


def test_a_set_maps_to_one_vocabulary(tmp_path: Path) -> None:
    mondo = {"object_id": "MONDO:0000001"}
    assert check_rows(tmp_path, [OF_NODULE, OF_PLAQUE | mondo]) == [("mapping-vocabulary", ROW + 1)]
    assert check_rows(tmp_path, [OF_NODULE, OF_PLAQUE | NONE_FOUND]) == []


def test_rows_of_two_sets_are_compared(tmp_path: Path) -> None:
    write(tmp_path, [OF_NODULE | EXACT, OF_PLAQUE])
    header = [line.replace("mapping/hp", "mapping/other") for line in HEADER]
    write(tmp_path, [OF_NODULE], "other", header)
    assert check(tmp_path) == [("mapping-repeated", ROW)]
    write(tmp_path, [OF_NODULE | OTHER_TARGET], "other", header)
    assert check(tmp_path) == []


def test_every_term_in_use_is_mapped_or_not_found(tmp_path: Path) -> None:
    write(tmp_path, [OF_NODULE])
    assert check(tmp_path) == [("mapping-missing", None)]
    write(tmp_path, [OF_NODULE, OF_PLAQUE | NONE_FOUND])
    assert check(tmp_path) == []


@pytest.mark.parametrize(
    "slot", ["mapping_set_id", "mapping_set_title", "mapping_set_version", "license"]
)
def test_the_header_has_every_slot(tmp_path: Path, slot: str) -> None:
    write(tmp_path, header=[line for line in HEADER if not line.startswith(slot)])
    assert ("mapping-header", 1) in check(tmp_path)


def test_an_address_in_the_header_is_an_iri(tmp_path: Path) -> None:
    header = [line.replace("https://hpo.jax.org/", "https://hpo jax.org/") for line in HEADER]
    write(tmp_path, header=header)
    assert check(tmp_path) == [("mapping-header", 4)]


def test_a_set_has_the_name_of_its_file(tmp_path: Path) -> None:
    write(tmp_path, name="mondo")
    assert check(tmp_path) == [("mapping-header", 1)]


def test_a_missing_column_is_reported_once(tmp_path: Path) -> None:
    write(tmp_path, columns=[c for c in COLUMNS if c != "author_id"])
    assert ("mapping-column", ROW - 1) in check(tmp_path)
    write(tmp_path, columns=[c for c in COLUMNS if c != "confidence"])
    assert check(tmp_path) == []


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
    write(tmp_path, header=[*HEADER, bad])
    assert ("mapping-prefix", len(HEADER) + 1) in check(tmp_path)
    write(tmp_path, header=[*HEADER, good])
    assert check(tmp_path) == []


def test_a_column_has_a_name(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text(path.read_text("utf-8").replace("\tconfidence", "\tmy confidence"), "utf-8")
    assert check(tmp_path) == [("mapping-column", ROW - 1)]


def test_a_row_has_a_cell_for_each_column(tmp_path: Path) -> None:
    path = write(tmp_path)
    text = path.read_text("utf-8")
    path.write_text(text + "CDMO:0009502\tplaque\n", encoding="utf-8")
    assert ("mapping-row", ROW + 2) in check(tmp_path)
    path.write_text(text + "\n", encoding="utf-8")
    assert check(tmp_path) == []
