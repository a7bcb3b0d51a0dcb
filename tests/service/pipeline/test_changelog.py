"""The log of changes from one release to the next."""

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from service import cli
from service.changes import Change, Changes, Edition, from_json, to_json
from service.names import Names
from service.pipeline import build, difference
from service.release import Release, open_release
from service.sources import Sources

BASE = "https://w3id.org/cdmo/"


@dataclass(frozen=True)
class Pair:
    """Two versions of the tiny ontology in one folder of releases, to build more beside."""

    sources: Sources
    first: Release
    second: Release


@pytest.fixture
def pair(editions: Pair, tmp_path: Path) -> Pair:
    folder = editions.sources.ontology.parents[1]
    shutil.copytree(folder, tmp_path, symlinks=True, dirs_exist_ok=True)
    tiny, dist = tmp_path / "tiny", tmp_path / "dist"
    return Pair(
        Sources(tiny / "ontology", tiny / "mappings"),
        open_release(dist / editions.first.path.name),
        open_release(dist / editions.second.path.name),
    )


def rewrite(sources: Sources, name: str, old: str, new: str) -> None:
    path = sources.ontology / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def log(release: Release) -> list[Changes]:
    return from_json(release.dump("changes.json").read_text(encoding="utf-8"))


def test_the_first_release_has_an_empty_log(release: Release) -> None:
    assert log(release) == []


def test_the_next_version_lists_what_it_changed(pair: Pair) -> None:
    [changes] = log(pair.second)
    assert (changes.edition.version, changes.since.version) == ("0.2.0", "0.1.0")
    assert changes.since.digest == pair.first.manifest.digest
    sections = {
        key: [(c.iri.removeprefix(BASE), c.label, c.details) for c in section]
        for key, section in changes.sections.items()
    }
    assert sections == {
        "terms-obsoleted": [
            ("id/CDMO_0000101", "obsolete itch", ("was: itch", "use emerald spot instead"))
        ],
        "terms-relabelled": [("id/CDMO_0000100", "emerald spot", ("was: green spot",))],
        "terms-redefined": [
            (
                "id/CDMO_0000100",
                "emerald spot",
                (
                    "now: a manifestation that dyes the skin green",
                    "was: a manifestation that marks the skin green",
                ),
            )
        ],
        "claims-changed": [
            (
                "claim/0000009",
                "washing with vinegar treats green knee (off-label)",
                (
                    "has firmness: 3 → 5",
                    "in cdct-017, has firmness: 3 → 5",
                    "in cdct-017, has frequency: some cases → usual",
                ),
            )
        ],
        "claims-dropped": [("claim/0000005", "green spot presents as itch", ())],
        "mappings-dropped": [("id/CDMO_0000101", "itch", ("skos:exactMatch HP:0000989",))],
    }


def test_comparing_in_the_reverse_order_swaps_added_and_dropped(pair: Pair) -> None:
    sections = difference(pair.second, pair.first).sections
    assert [c.iri for c in sections["claims-added"]] == [BASE + "claim/0000005"]
    assert "claims-dropped" not in sections


def test_a_release_has_no_changes_since_itself(pair: Pair) -> None:
    assert difference(pair.second, pair.second).sections == {}


def test_the_earlier_version_stays_when_the_next_is_built_again(pair: Pair) -> None:
    dist = pair.first.path.parent
    for old, new in (("green", "blue"), ("blue", "red"), ("red", "pink")):
        rewrite(pair.sources, "modules/terms.ttl", f"dyes the skin {old}", f"dyes the skin {new}")
        latest = build(pair.sources, dist)
    assert pair.first.path.is_dir()
    assert log(latest)[0].since.digest == pair.first.manifest.digest


def test_the_log_goes_back_to_the_first_release(pair: Pair) -> None:
    rewrite(pair.sources, "ontology.ttl", "ontology/0.2.0>", "ontology/0.10.0>")
    rewrite(pair.sources, "ontology.ttl", 'versionInfo "0.2.0"', 'versionInfo "0.10.0"')
    third = build(pair.sources, pair.first.path.parent)
    assert [c.edition.version for c in log(third)] == ["0.10.0", "0.2.0"]
    assert log(third)[1:] == log(pair.second)


def test_the_previous_release_may_be_named(pair: Pair, tmp_path: Path) -> None:
    """A fresh folder has none; with a named one, nothing is rebuilt without need."""
    dist = tmp_path / "elsewhere"
    named = build(pair.sources, dist, previous=pair.first)
    assert log(named) == log(pair.second)
    assert build(pair.sources, dist).manifest == named.manifest


def test_the_command_line_compares_two_releases(
    pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(pair.first.path), str(pair.second.path)]
    assert cli.main(["diff", *folders]) == 0
    text = capsys.readouterr().out
    assert text.startswith("0.1.0 (")
    assert "terms retired (1)\n  CDMO:0000101  obsolete itch\n    was: itch\n" in text
    assert cli.main(["diff", "--format", "json", *folders]) == 0
    [entry] = json.loads(capsys.readouterr().out)["releases"]
    assert entry["found"]["claims-dropped"][0]["iri"] == BASE + "claim/0000005"
    assert cli.main(["diff", folders[0], folders[0]]) == 0
    assert "no changes" in capsys.readouterr().out


def test_versions_are_in_the_order_of_their_numbers() -> None:
    editions = [Edition(v, "", "") for v in ("0.10.0", "0.9.1", "1.0")]
    assert [e.version for e in sorted(editions, key=lambda e: e.number)] == [
        "0.9.1",
        "0.10.0",
        "1.0",
    ]


def test_a_log_is_the_same_after_writing_and_reading() -> None:
    edition = Edition("1", "2026-11-22", "ab")
    sections = {"terms-added": (Change("https://example.org/é", "é", ("a", "b")),)}
    history = [Changes(edition, replace(edition, version="0"), sections)]
    assert from_json(to_json(history)) == history


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"releases": [{}]}', '{"releases": 1}'])
def test_an_invalid_log_is_reported(text: str) -> None:
    with pytest.raises(ValueError, match=r"changes|Expecting"):
        from_json(text)


def test_changes_are_markdown_for_a_pull_request(
    pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(pair.first.path), str(pair.second.path)]
    assert cli.main(["diff", "--format", "markdown", *folders]) == 0
    text = capsys.readouterr().out
    assert text.startswith("### 0.1.0 → 0.2.0\n")
    assert "**terms with another label** (1)" in text
    assert f"- [`CDMO:0000100`](<{BASE}id/CDMO_0000100>) emerald spot\n" in text
    assert cli.main(["diff", "--format", "markdown", folders[0], folders[0]]) == 0
    assert "No changes." in capsys.readouterr().out


def test_markdown_escapes_labels_and_folds_long_sections() -> None:
    label = "a *b* <c> [d](e)\n# f"
    changes = tuple(Change(f"{BASE}id/CDMO_{n:07}", label) for n in range(11))
    edition = Edition("0.2.0", "2026-11-22", "1" * 64)
    lines = list(Changes(edition, edition, {"terms-added": changes}).markdown(Names({})))
    assert lines.count("<details><summary>terms added (11)</summary>") == 1
    assert lines[-1] == "</details>"
    assert all("a \\*b\\* \\<c\\> \\[d\\](e) \\# f" in x for x in lines if x.startswith("- "))
