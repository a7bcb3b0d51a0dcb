"""Apache Jena, from ROBOT's jar: graphs by the Graph Store Protocol, packed files by address."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.release import Release, open_store

from .packed import NAME, with_packed_file
from .server import Server, running

LIBRARY = os.environ.get("CDMO_ROBOT", f"{Path(__file__).parents[2] / 'build' / 'robot' / 'lib'}")
PROGRAM = """
import org.apache.jena.query.*;
import org.apache.jena.riot.RDFDataMgr;
class Read { public static void main(String[] a) {
  DatasetAccessor graphs = DatasetAccessorFactory.createHTTP(a[0]);
  System.out.println("default " + graphs.getModel().size());
  for (int i = 2; i < a.length; i++)
    System.out.println(a[i] + " " + graphs.getModel(a[i]).size());
  System.out.println("none " + (graphs.getModel("http://e.org/none") == null));
  Dataset whole = DatasetFactory.createGeneral();
  RDFDataMgr.read(whole, a[1]);
  int quads = 0;
  for (var found = whole.asDatasetGraph().find(); found.hasNext(); found.next()) quads++;
  System.out.println("file " + quads);
} }
"""

pytestmark = [
    pytest.mark.robot,
    pytest.mark.slow,
    pytest.mark.skipif(
        not Path(LIBRARY).is_dir(), reason="ROBOT is not here; .ci/robot fetches it"
    ),
    pytest.mark.skipif(not shutil.which("javac"), reason="no JDK on PATH"),
]


@pytest.fixture(scope="module")
def server(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("packed") / "release"
    with running(with_packed_file(small_release, folder)) as server:
        yield server


def test_jena_reads_graphs_and_packed_files(
    server: Server, small_release: Release, tmp_path: Path
) -> None:
    (tmp_path / "Read.java").write_text(PROGRAM)
    graphs = small_release.manifest.graphs
    file = server.url.replace("/sparql", f"/downloads/{NAME}")
    program = f"{tmp_path / 'Read.java'}"
    command = ["java", "-cp", f"{LIBRARY}/*", program, server.url, file, *graphs]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    union = len({quad.triple for quad in open_store(small_release)})
    expected = [f"{graph} {size}" for graph, size in graphs.items()]
    assert done.stdout.splitlines() == [
        f"default {union}",
        *expected,
        "none true",
        f"file {sum(graphs.values())}",
    ], done.stderr
