"""Builds what a release consists of, and tries it as somebody who installs it.

    python -m tests.checks.release dist

Makes the source distribution and the wheel, has twine judge both, installs the wheel into a fresh environment, reads
the samples there with what was installed, and writes a bill of materials (CycloneDX) of that environment next to them.
Exit code 1 if something is not as it should be; nothing is published.
"""

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

_SAMPLES = Path("docs/samples").resolve()
_WANTED = {"receipt.png": "TOTAL 25.90", "notice.jpg": "联系电话"}
_EXTRAS = "[web,pdf]"


def build(folder: Path) -> Path:
    """Makes both distributions, and returns the wheel."""
    shutil.rmtree(folder, ignore_errors=True)
    _run(sys.executable, "-m", "build", "--outdir", folder, ".")
    files = sorted(folder.iterdir())
    _run(sys.executable, "-m", "twine", "check", "--strict", *files)
    for file in files:
        print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    return next(file for file in files if file.suffix == ".whl")


def install(wheel: Path, folder: Path) -> Path:
    """Installs the wheel into a fresh environment, and returns its folder of programs."""
    venv.create(folder, with_pip=True)
    _run(folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", f"{wheel.resolve()}{_EXTRAS}")
    _run(folder / "bin/pip", "check")
    return folder / "bin"


def try_out(programs: Path, wheel: Path, folder: Path) -> None:
    """Reads the samples with what is installed, from a folder without the project."""
    said = _run(programs / "edgeocr", "--version", cwd=folder)
    assert said.split()[1] == wheel.name.split("-")[1], f"installed is {said}, built was {wheel.name}"
    place = _run(programs / "python", "-c", "import edgeocr.server; print(edgeocr.server.__file__)", cwd=folder)
    assert place.startswith(str(programs.parent)), f"{place} is not what was installed"
    for name, wanted in _WANTED.items():
        for command in (
            (programs / "edgeocr", "read", "--local", _SAMPLES / name),
            (programs / "python", "-c", "import sys, edgeocr; print(edgeocr.read(sys.argv[1]).text)", _SAMPLES / name),
        ):
            assert wanted in _run(*command, cwd=folder), f"{command}: {wanted} was not read"
    print("what is installed reads the samples, through a server and in process")


def list_parts(programs: Path, file: Path) -> None:
    """Writes the bill of materials of what is installed."""
    command = ("cyclonedx-py", "environment", "--output-reproducible", "--of", "JSON", "-o", file, programs / "python")
    _run(Path(sys.executable).with_name(command[0]), *command[1:])
    print(f"{file.name}: {file.stat().st_size / 1e3:.0f} kB")


def _run(*command: object, cwd: Path | None = None) -> str:
    done = subprocess.run([str(word) for word in command], cwd=cwd, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}{' '.join(map(str, command))} ended with {done.returncode}")
    return done.stdout


def main() -> int:
    folder = Path(sys.argv[1])
    wheel = build(folder)
    with tempfile.TemporaryDirectory() as place:
        programs = install(wheel, Path(place) / "installed")
        try_out(programs, wheel, Path(place))
        list_parts(programs, folder / f"{wheel.name.rsplit('-', 3)[0]}.cdx.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
