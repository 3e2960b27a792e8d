"""What systemd says of the shipped units, and a server under the strictest of what they ask for."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgeocr.client import Client
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, line
from tests.support.serving import ServerProcess

_UNITS = Path("deploy/arm64/systemd")
_MOST_EXPOSURE = 1.5
"""Of 10, as `systemd-analyze security` counts; below 2 it says OK."""
_DENY_WRITE_EXECUTE = (
    "import ctypes, os, sys;"
    "sys.exit('the kernel lacks PR_SET_MDWE') if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) else None;"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


@contextmanager
def _installed() -> Iterator[list[Path]]:
    """The units as the guide installs them, with programs that are here in place of those in /opt and /usr."""
    with tempfile.TemporaryDirectory() as folder:
        here = str(Path(sys.executable).parent)
        text = (_UNITS / "edgeocr.service").read_text().replace("/opt/edgeocr/bin", here)
        names = ["edgeocr.service", "edgeocr@.service", "edgeocr@0.service"]
        for name in names[:2]:
            Path(folder, name).write_text(text)
        dropped_in = Path(folder, "edgeocr@.service.d")
        dropped_in.mkdir()
        numa = (_UNITS / dropped_in.name / "numa.conf").read_text().replace("/opt/edgeocr/bin", here)
        (dropped_in / "numa.conf").write_text(numa.replace("/usr/bin/numactl", "/usr/bin/env"))
        yield [Path(folder, name) for name in (names[0], names[2])]


def check() -> bool:
    """Prints what systemd finds; whether it finds no fault, and little exposure."""
    if shutil.which("systemd-analyze") is None:
        print("systemd-analyze not found; on Debian: apt-get install systemd", file=sys.stderr)
        return False
    with _installed() as units:
        good = [_verified(unit) for unit in units]
        spoiled = units[0].with_name("spoiled.service")
        spoiled.write_text(units[0].read_text().replace("RestartSec=1", "RestartSecs=1"))
        refused = not _verified(spoiled)
        good += [refused, _exposure(units[0]) <= _MOST_EXPOSURE]
    return all(good)


def _verified(unit: Path) -> bool:
    command = ["systemd-analyze", "verify", "--recursive-errors=no", f"./{unit.name}"]
    done = subprocess.run(command, cwd=unit.parent, capture_output=True, text=True, check=False)
    words = (done.stdout + done.stderr).strip()
    print(f"systemd-analyze verify {unit.name}: {words or 'no fault'}")
    return not words and done.returncode == 0


def _exposure(unit: Path) -> float:
    command = ["systemd-analyze", "security", "--offline=true", f"./{unit.name}"]
    done = subprocess.run(command, cwd=unit.parent, capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+) (\w+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    print(f"systemd-analyze security {unit.name}: {found[1]} of 10, {found[2]}; at most {_MOST_EXPOSURE:g} is wanted")
    for row in done.stdout.splitlines():
        if row.startswith("✗"):
            print("  " + " ".join(row[1:].split()))
    return float(found[1])


def check_memory_protection() -> bool:
    """Whether a server reads where no memory can be written and run (MemoryDenyWriteExecute=)."""
    with (
        ServerProcess(launcher=[sys.executable, "-c", _DENY_WRITE_EXECUTE]) as running,
        Client(running.target) as client,
    ):
        texts = [client.read(encoded(line("Sealed 线上"))).pages[0].text,
                 client.read(pdf([PdfPageSpec([("Sealed page", 40, 90)])])).pages[0].text]  # fmt: skip
    print(f"under MemoryDenyWriteExecute a line reads {texts[0]!r} and a PDF page {texts[1]!r}")
    return texts == ["Sealed 线上", "Sealed page"]
