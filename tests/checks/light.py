"""Installs the client alone into a fresh virtual environment, and tries what it says and does there.

    python -m tests.checks.light FOLDER

Prints the size of what is installed and the processor time of an import; exit code 1 if something is not as promised.
"""

import subprocess
import sys
import venv
from pathlib import Path

_UNWANTED = ("PIL", "cv2", "numpy", "onnxruntime", "pi_heif", "pypdfium2")
_NOT_OURS = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "__pycache__")
_IMPORT = "import time; start = time.process_time(); import edgeocr.client; print(time.process_time() - start)"
_TURNS = 5


class Light:
    """A virtual environment with the client alone."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=True, clear=True)
        self._programs = folder / "bin"
        self.packages = next(folder.glob("lib/python*/site-packages"))
        pip = self._programs / "pip"
        subprocess.run([pip, "install", "--quiet", "--disable-pip-version-check", "."], check=True)

    def run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([self._programs / program, *arguments], capture_output=True, text=True, check=False)

    def size_bytes(self) -> int:
        entries = [entry for entry in self.packages.iterdir() if not entry.name.startswith(_NOT_OURS)]
        files = [file for entry in entries for file in (entry, *entry.rglob("*")) if file.is_file()]
        return sum(file.stat().st_size for file in files)


def main() -> int:
    light = Light(Path(sys.argv[1]))
    seconds = min(float(light.run("python", "-c", _IMPORT).stdout) for _ in range(_TURNS))
    print(
        f"installed: {light.size_bytes() / 1e6:.0f} MB; import edgeocr.client: {1e3 * seconds:.0f} ms of processor time"
    )
    wrong = [f"{name} is installed" for name in _UNWANTED if (light.packages / name).exists()]
    for what, run in (
        ("edgeocr serve", light.run("edgeocr", "serve")),
        ("edgeocr.read", light.run("python", "-c", "import edgeocr; edgeocr.read('scan.jpg')")),
    ):
        line = run.stderr.strip().splitlines()[-1]
        print(f"{what}: {line}")
        if not (run.returncode and line.endswith("`pip install 'edgeocr[server]'` installs it")):
            wrong.append(f"{what} does not say what to install")
    print("\n".join(wrong) or "all as promised")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
