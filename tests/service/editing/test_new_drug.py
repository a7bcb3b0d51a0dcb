"""A new drug with a claim, a mapping and a question, over the real sources: one command each."""

import os
import shlex
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

COMMANDS = """\
cdmo new term cyclosporine --parent Intervention --definition "a medication that restrains T cells"
cdmo new claim --subject cyclosporine --relation "subclass of" --object immunosuppressant \
  --passage 125 --assertion plain
cdmo new mapping cyclosporine --predicate close --target RXNORM:3008 --label cyclosporine \
  --confidence 0.8
cdmo new question what-cyclosporine-is --query query.rq --keyword medication \
  --label "What kind of drug is cyclosporine?" --comment "Its parents."
"""

QUERY = """\
SELECT ?kind WHERE {
  ?drug rdfs:label "cyclosporine"@en ; rdfs:subClassOf ?wider .
  ?wider rdfs:label ?kind . FILTER(LANGMATCHES(LANG(?kind), "en"))
}
ORDER BY ?kind
"""

pytestmark = pytest.mark.slow


def digests(root: Path) -> dict[str, str]:
    files = [p for name in ("ontology", "mappings") for p in (root / name).rglob("*")]
    return {
        str(p.relative_to(root)): sha256(p.read_bytes()).hexdigest() for p in files if p.is_file()
    }


def test_a_drug_needs_four_commands_and_changes_three_files(tmp_path: Path) -> None:
    """Each command writes one file; changed rows of questions about all drugs are accepted."""
    for name in ("service", "ontology", "mappings", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    (tmp_path / "query.rq").write_text(QUERY, encoding="utf-8")

    def cdmo(line: str) -> str:
        command = [sys.executable, "-m", "service", *shlex.split(line)[1:]]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        result = subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert result.returncode == 0, f"{line}\n{result.stdout}{result.stderr}"
        return result.stdout

    before = digests(tmp_path)
    for line in COMMANDS.splitlines():
        written = [row for row in cdmo(line).splitlines() if row.endswith(": written")]
        assert len(written) == 1
    after = digests(tmp_path)
    assert sorted(name for name in before if after[name] != before[name]) == [
        "mappings/rxnorm.sssom.tsv",
        "ontology/claims/medications.ttl",
        "ontology/modules/interventions.ttl",
    ]
    assert after.keys() - before.keys() == {"ontology/questions/what-cyclosporine-is.ttl"}
    accepted = cdmo("cdmo accept drugs-of-each-class members-of-the-defined-classes").splitlines()
    assert "  +immunosuppressant,cyclosporine" in accepted
    assert "  +medication that acts on the immune system,cyclosporine" in accepted
    assert sum(line.endswith(".ttl: written") for line in accepted) == 2
    assert cdmo("cdmo check").splitlines()[-1:] in ([], ["All checks passed."])
