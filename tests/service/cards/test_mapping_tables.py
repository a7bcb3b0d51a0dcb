"""Mapping sets as SSSOM TSV: nothing in the source files is lost."""

from pathlib import Path

from service.cards import mapping_table
from service.library import Library
from service.pipeline import sssom

MAPPINGS = Path(__file__).parents[3] / "mappings"


def test_every_set_has_the_contents_of_its_file(real_library: Library, tmp_path: Path) -> None:
    for source in sorted(MAPPINGS.glob("*.sssom.tsv")):
        name = source.name.removesuffix(".sssom.tsv")
        written = tmp_path / source.name
        written.write_bytes(mapping_table(real_library, f"https://w3id.org/cdmo/mapping/{name}"))
        prefixes = real_library.names.prefixes
        before, faults = sssom.read(source, prefixes)
        after, new_faults = sssom.read(written, prefixes)
        assert (faults, new_faults) == ([], []), name
        assert after.slots == before.slots, name
        assert after.columns == before.columns, name
        assert [row.values for row in after.rows] == [row.values for row in before.rows], name
        assert after.curie_map.items() <= before.curie_map.items(), name
