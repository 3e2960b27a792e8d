"""A spreadsheet program that opens what is saved: LibreOffice, where there is one."""

import csv
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

# Commas, double quotes, UTF-8, from the first row on; cells as they are shown; a file for each sheet.
_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"


def opened(path: Path) -> tuple[list[list[list[str]]], list[str]]:
    """The rows of each sheet as they are shown, and all formulas; skips the test where there is no LibreOffice."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("needs LibreOffice: `apt-get install libreoffice-calc`")
    folder = path.parent / f"{path.name}-opened"
    command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    # Text files are taken for CSV in UTF-8.
    command += ["--infilter=CSV:44,34,76,1"] if path.suffix == ".csv" else []
    for form in (_CSV, "fods"):
        made = subprocess.run(
            [*command, "--convert-to", form, "--outdir", str(folder), str(path)], capture_output=True, timeout=240
        )
        assert made.returncode == 0, made.stderr
    (document,) = folder.glob("*.fods")
    tree = ElementTree.parse(document).getroot()  # noqa: S314 (it is our own)
    names = [sheet.get(f"{{{_TABLE}}}name") for sheet in tree.iter(f"{{{_TABLE}}}table")]
    formulas = [found for cell in tree.iter() if (found := cell.get(f"{{{_TABLE}}}formula")) is not None]
    return [rows(folder / f"{path.stem}-{name}.csv") for name in names], formulas


def rows(path: Path) -> list[list[str]]:
    """Those of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))
