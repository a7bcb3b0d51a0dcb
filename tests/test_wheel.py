"""The wheel works without the checkout.

pip builds the wheel, a new virtual environment installs it, and the installed ``cdmo`` builds its
release into an empty home and serves it.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from SPARQLWrapper import JSON, SPARQLWrapper

CHECKOUT = Path(__file__).parents[1]

START = """
import os, sys
from service.engine.sandbox import die_with_parent
die_with_parent()
os.execv(os.path.join(os.path.dirname(sys.executable), "cdmo"), ["cdmo", *sys.argv[1:]])
"""
"""A program that runs the installed command, and ends with the test run."""

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--wheel-dir", folder, CHECKOUT, cwd=folder)
    (path,) = folder.glob("cdmo-*.whl")
    return path


def test_the_wheel_contains_ontology_mappings_and_page_assets(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert "service/data/ontology/ontology.ttl" in names
    assert "cdmo/__init__.py" in names
    assert any(name.startswith("service/data/mappings/") for name in names)
    assert "service/data/examples/claim-outside-domain.bad.ttl" in names
    assert any(name.startswith("service/site/static/") for name in names)
    assert any(name.startswith("service/site/templates/") for name in names)
    assert any(name.startswith("service/queries/") for name in names)


def test_the_wheel_contains_the_query_editor_and_its_licences(wheel: Path) -> None:
    folder = "service/site/static/vendor/yasgui/"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert {folder + "yasgui.min.js", folder + "yasgui.min.css"} <= names
        engine = "service/site/static/vendor/oxigraph/"
        assert {engine + "web.js", engine + "web_bg.wasm"} <= names
        licences = archive.read(folder + "LICENSES.txt").decode()
    packages = ("@zazuko/yasgui 4", "@zazuko/yasqe 4", "codemirror 5", "n3 1", "jquery 3")
    for package in (*packages, "oxigraph 0"):
        assert package in licences
    assert not any("node_modules" in name for name in names)


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((CHECKOUT / "service/site/assets/package-lock.json").read_text())
    packages = [about for path, about in lock["packages"].items() if path]
    assert len(packages) > 10
    assert all("integrity" in about and "resolved" not in about for about in packages)


@pytest.fixture(scope="module")
def without_npm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a wheel built without an npm registry, and the output of the build."""
    folder = tmp_path_factory.mktemp("offline")
    source = folder / "source"
    shutil.copytree(
        CHECKOUT,
        source,
        ignore=shutil.ignore_patterns(".*", "dist", "build", "vendor", "__pycache__"),
    )
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--verbose")
    result = subprocess.run(
        [*pip, "wheel", "--no-deps", "--wheel-dir", folder, source],
        cwd=folder,
        env=os.environ | {"npm_config_registry": "http://127.0.0.1:9/"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    (path,) = folder.glob("cdmo-*.whl")
    return path, result.stdout + result.stderr


def test_without_npm_the_build_succeeds_with_one_warning(
    without_npm: tuple[Path, str],
) -> None:
    path, output = without_npm
    (warning,) = {line.strip() for line in output.splitlines() if "no query editor" in line}
    assert "the page keeps its plain form" in warning
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    assert "service/site/templates/sparql.html" in names
    assert not any("vendor/" in name for name in names)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ``bin`` folder of an environment that has only the wheel."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    pip = (folder / "venv/bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "install", wheel, cwd=folder)
    return folder / "venv" / "bin"


@pytest.fixture(scope="module")
def address(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the installed wheel from an empty home and yield its address."""
    home = tmp_path_factory.mktemp("home")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    prefixes = ("SERVICE_", "PYTHON", "XDG_")
    environ = {k: v for k, v in os.environ.items() if not k.startswith(prefixes)}
    log = home / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [installed / "python", "-c", START, "serve", "--port", str(port)],
            cwd=home,
            env=environ | {"HOME": str(home)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        url = f"http://127.0.0.1:{port}/"
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(url, timeout=5).close()
                    break
                except urllib.error.URLError:
                    assert server.poll() is None, log.read_text()
                    time.sleep(0.2)
            else:
                pytest.fail(f"the server does not respond:\n{log.read_text()}")
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)


def test_the_installed_wheel_answers_sparqlwrapper(address: str) -> None:
    client = SPARQLWrapper(address + "sparql")
    client.setReturnFormat(JSON)
    client.setQuery(
        """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        SELECT ?label { <https://w3id.org/cdmo/id/CDMO_0000001> rdfs:label ?label }"""
    )
    answer = client.query().convert()
    assert isinstance(answer, dict)
    labels = [row["label"]["value"] for row in answer["results"]["bindings"]]
    assert labels == ["calcinosis dermatomyositis"]


def test_the_installed_wheel_shows_its_pages_with_their_style(address: str) -> None:
    request = urllib.request.Request(
        address + "id/CDMO_0000001", headers={"Accept": "text/html,*/*;q=0.8"}
    )
    with urllib.request.urlopen(request, timeout=10) as page:
        assert page.headers.get_content_type() == "text/html"
        html = page.read().decode()
    assert "calcinosis dermatomyositis" in html
    assert "stylesheet" in html


def test_the_installed_wheel_loads_its_query_editor(address: str) -> None:
    with urllib.request.urlopen(address + "query", timeout=10) as page:
        html = page.read().decode()
    (script,) = re.findall(r'src="(/static/vendor/[^"]+\.js[^"]*)"', html)
    with urllib.request.urlopen(address.rstrip("/") + script, timeout=10) as answer:
        assert answer.headers.get_content_type() == "text/javascript"
        assert b"Yasgui" in answer.read()
