"""The curators of mapping sets: ``mappings/curators.tsv``, and the authors of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from service.pipeline.files import lines, read_text
from service.pipeline.mapping_file import MappingSet
from service.pipeline.violations import Violation, did_you_mean, nearest


@dataclass(frozen=True)
class Curators:
    """The list of curators.

    :param names: by identifier, a CURIE.
    :param lines: of their rows, by identifier.
    """

    path: Path
    names: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)


def read_curators(folder: Path) -> Curators:
    """Read the list of a folder of mapping sets; it is empty if there is none.

    :raises SourceError: if the file is not UTF-8 text.
    """
    path = folder / "curators.tsv"
    if not path.is_file():
        return Curators(path)
    rows = {
        number: line.split("\t")
        for number, line in enumerate(lines(read_text(path)), 1)
        if number > 1 and line.partition("\t")[0]
    }
    names = {cells[0]: "".join(cells[1:2]) for cells in rows.values()}
    return Curators(path, names, {cells[0]: number for number, cells in rows.items()})


def check_authors(curators: Curators, sets: Sequence[MappingSet]) -> list[Violation]:
    """Return the violations in the authors of rows and in the list of curators."""
    if not curators.names:
        return []
    rows = [(s, row, row["author_id"]) for s in sets for row in s.rows if row["author_id"]]
    authors = {author for _, _, author in rows}
    mistaken = {c: a for c in curators.names.keys() - authors if (a := nearest(c, authors))}
    violations = [
        Violation(
            "curator-unused",
            "error",
            curators.path,
            curators.lines[curator],
            curator,
            "is the author of no mapping",
            f"Did you mean {author}?",
        )
        for curator, author in mistaken.items()
        if author not in curators.names
    ]
    for mapping_set, row, author in rows:
        subject = row["subject_id"]
        if author not in curators.names:
            if author not in mistaken.values():  # else the list is to be mended, not each row
                message = f"{author} is not in curators.tsv"
                hint = did_you_mean(author, curators.names)
                violations.append(mapping_set.violation("author", row.line, message, hint, subject))
        elif row["author_label"] and row["author_label"] != curators.names[author]:
            message = f"calls {author} '{row['author_label']}'"
            hint = f"Write {curators.names[author]}, as in curators.tsv."
            violations.append(mapping_set.violation("author", row.line, message, hint, subject))
    return violations
