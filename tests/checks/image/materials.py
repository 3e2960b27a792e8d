"""The bill of materials (CycloneDX) of what is installed into the image, from its locked requirements."""

import json
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path("requirements")


def write_materials(file: Path, extra: str = "server") -> int:
    """Writes it, each component with the hashes of its files; returns how many there are."""
    command = [Path(sys.executable).with_name("cyclonedx-py"), "requirements", "--output-reproducible", "--of", "JSON"]
    subprocess.run([*command, "-o", file, REQUIREMENTS / f"{extra}.txt"], check=True)
    return len(json.loads(file.read_text())["components"])
