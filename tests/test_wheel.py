"""The wheel works away from the checkout: installed into an empty environment, it serves.

Real parts only: pip builds the wheel, a new virtual environment installs it, the installed
``cdmo`` builds its release into an empty home and answers SPARQLWrapper over a socket.
"""

import os
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

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--wheel-dir", folder, CHECKOUT, cwd=folder)
    (found,) = folder.glob("cdmo-*.whl")
    return found


def test_the_wheel_holds_ontology_mappings_and_page_assets(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    assert "service/data/ontology/ontology.ttl" in inside
    assert any(name.startswith("service/data/mappings/") for name in inside)
    assert any(name.startswith("service/web/static/") for name in inside)
    assert any(name.startswith("service/web/templates/") for name in inside)
    assert any(name.startswith("service/queries/") for name in inside)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ``bin`` folder of an environment that holds the wheel and nothing of ours."""
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
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SERVICE_", "PYTHON", "XDG_"))}
    log = home / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [installed / "cdmo", "serve", "--port", str(port)],
            cwd=home,
            env=kept | {"HOME": str(home)},
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
                pytest.fail(f"not up in time:\n{log.read_text()}")
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
