"""Edits survive OWL API: a file that it saves differs from the opened one only by the edit."""

from collections.abc import Iterable
from difflib import unified_diff
from pathlib import Path

import pytest

from service import iris
from service.editing.edits import Edits
from service.editing.owl import folder
from service.editing.owl.canonical import Key, is_declaration
from service.editing.owl.saved import edits_of, read
from service.pipeline.comments import without_derived
from service.release import Release
from service.sources import locate
from tests.ontology.robot import needs_robot, robot

pytestmark = needs_robot

BEFORE, AFTER = '"calcium deposit"@en', '"deposit of calcium"@en'
SYNTAXES = ("ttl", "owl")


@pytest.fixture(scope="session")
def opened(room: Path) -> Path:
    """The folder for Protégé."""
    folder.export(Edits.of(locate()).loaded, room / "protege")
    return room / "protege"


@pytest.fixture(scope="session")
def merged(opened: Path, room: Path) -> Path:
    """The edit file with all its imports, merged and saved by ROBOT."""
    catalog, edit = opened / folder.CATALOG, opened / folder.EDIT_FILE
    outputs = [room / f"merged.{syntax}" for syntax in SYNTAXES]
    robot("merge", "--catalog", catalog, "--input", edit, "--output", outputs[0],
          "convert", "--output", outputs[1])  # fmt: skip
    return room / "merged"


def changes(path: Path, base: Path | None = None) -> list[str]:
    """Return the lines that an import changes, except derived comments."""
    result = edits_of(Edits.of(locate()), path, base=base)
    assert result.kept == result.dropped == []
    lines: list[str] = []
    for file, after in result.edits.finish().items():
        before = without_derived(file.read_text("utf-8")).splitlines()
        lines += list(unified_diff(before, without_derived(after).splitlines(), n=0))[2:]
    return [line for line in lines if line[:2] != "@@"]


def relabelled(path: Path, room: Path) -> Path:
    """Return a copy of a saved file with another label for one term."""
    text = path.read_text("utf-8")
    if path.suffix == ".owl":
        before, after = (f">{label[1:-4]}</rdfs:label>" for label in (BEFORE, AFTER))
    else:
        before, after = f"rdfs:label {BEFORE}", f"rdfs:label {AFTER}"
    assert text.count(before) == 1
    copy = room / f"relabelled{path.suffix}"
    copy.write_text(text.replace(before, after), "utf-8")
    return copy


ONE_LABEL = [f"-    rdfs:label {BEFORE} ;", f"+    rdfs:label {AFTER} ;"]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_sources_saved_by_owl_api_have_no_edit(merged: Path, syntax: str) -> None:
    assert changes(merged.with_suffix(f".{syntax}")) == []


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_changed_label_is_the_only_edit(merged: Path, syntax: str, room: Path) -> None:
    assert changes(relabelled(merged.with_suffix(f".{syntax}"), room)) == ONE_LABEL


@pytest.mark.parametrize("name", ["interventions", "defined-classes", "wordings"])
def test_a_module_saved_by_owl_api_has_no_edit(opened: Path, name: str, room: Path) -> None:
    output = room / f"{name}.ttl"
    catalog = opened / folder.CATALOG
    robot("convert", "--catalog", catalog, "--input", opened / f"{name}.ttl", "--output", output)
    assert changes(output) == []


def test_a_release_saved_by_owl_api_has_no_edit(real_release: Release, room: Path) -> None:
    base, output = real_release.dump("ontology.ttl"), room / "release.ttl"
    robot("convert", "--input", base, "--output", output)
    assert changes(output, base) == []
    assert changes(relabelled(output, room), base) == ONE_LABEL


def test_the_edit_file_is_owl_2_dl(merged: Path, room: Path) -> None:
    report = room / "profile.txt"
    path = merged.with_suffix(".ttl")
    robot("validate-profile", "--profile", "DL", "--input", path, "--output", report)


def statements(path: Path) -> set[Key]:
    """Return the statements of a file, except declarations and its header."""
    return {
        key
        for key, t in read(path).statements().items()
        if not is_declaration(t) and not str(t.subject).startswith(f"<{iris.ONTOLOGY}")
    }


def missing(before: Path, after: Path) -> Iterable[Key]:
    """Return the statements of the first file that the second lacks, also as annotated axioms."""
    return sorted(statements(before) - statements(after))


class TestNothingIsLost:
    """Each command of ROBOT keeps all statements of the sources and the release."""

    def test_merge(self, merged: Path, real_release: Release, room: Path) -> None:
        release, output = real_release.dump("ontology.ttl"), room / "both.ttl"
        sources = merged.with_suffix(".ttl")
        robot("merge", "--input", release, "--input", sources, "--output", output)
        assert missing(release, output) == missing(sources, output) == []

    @pytest.mark.parametrize("syntax", SYNTAXES)
    def test_reason_of_the_sources(self, merged: Path, syntax: str, room: Path) -> None:
        sources, output = merged.with_suffix(f".{syntax}"), room / f"reasoned-sources.{syntax}"
        robot("reason", "--reasoner", "ELK", "--remove-redundant-subclass-axioms", "false",
              "--input", sources, "--output", output)  # fmt: skip
        assert missing(sources, output) == []

    def test_diff_of_the_sources(self, merged: Path) -> None:
        """The merged modules are compared in the two syntaxes of OWL API."""
        left, right = (merged.with_suffix(f".{syntax}") for syntax in SYNTAXES)
        difference = robot("diff", "--left", left, "--right", right)
        assert [line for line in difference.splitlines() if line[:1] in ("+", "-")] == []

    def test_reason(self, real_release: Release, room: Path) -> None:
        release, output = real_release.dump("ontology.ttl"), room / "reasoned.ttl"
        robot("reason", "--reasoner", "ELK", "--remove-redundant-subclass-axioms", "false",
              "--input", release, "--output", output)  # fmt: skip
        assert missing(release, output) == []

    @pytest.mark.parametrize("name", ["ontology.ttl", "ontology.rdf"])
    def test_diff(self, real_release: Release, name: str, room: Path) -> None:
        release, output = real_release.dump(name), room / "saved.owl"
        robot("convert", "--input", release, "--output", output)
        difference = robot("diff", "--left", release, "--right", output)
        assert [line for line in difference.splitlines() if line[:1] in ("+", "-")] == [
            "+ Declaration(Datatype(xsd:date))"
        ]

    def test_template(self, room: Path) -> None:
        """Terms of a template are added to the module of their kind."""
        rows = [
            ["id", "label", "definition", "type", "parent"],
            ["ID", "AL rdfs:label@en", "AL IAO:0000115@en", "TYPE", "SC %"],
            ["CDMO:0000491", "rinsing", "a treatment that is short", "class", "CDMO:0000300"],
            ["CDMO:0000492", "soaking", "a treatment that is long", "class", "CDMO:0000300"],
        ]
        template, output = room / "template.tsv", room / "template.ttl"
        template.write_text("\n".join("\t".join(row) for row in rows), "utf-8")
        robot("template", "--prefix", f"CDMO: {iris.TERM}CDMO_", "--template", template,
              "--output", output)  # fmt: skip
        diff = edits_of(Edits.of(locate()), output).edits.diff()
        assert diff.count("+++ ") == 1
        assert "+++ b/ontology/modules/interventions.ttl" in diff
        assert '+CDMO:0000492 a owl:Class ;\n+    rdfs:label "soaking"@en ;' in diff
        assert "+    rdfs:subClassOf CDMO:0000300 ;  #: treatment" in diff
