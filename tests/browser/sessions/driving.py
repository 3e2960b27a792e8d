"""Sessions in Chromium and in Firefox, which programs of their own drive."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
BROWSERS = {"chrome": ("chromium", "chromium-browser", "google-chrome"), "firefox": ("firefox-esr", "firefox")}


def driven(program: str, browser: str, *arguments: object, out: Path) -> Any:
    """What a program wrote as JSON that drove a browser; skips the test where there is no such browser."""
    path = next((found for name in BROWSERS[browser] if (found := shutil.which(name))), None)
    node = shutil.which("node")
    if path is None or node is None or not (HERE / "node_modules/puppeteer-core").exists():
        pytest.skip(f"needs {browser}, node and puppeteer-core, which `make web-check` installs")
    subprocess.run([node, HERE / program, browser, path, *map(str, arguments)], check=True, timeout=420)
    return json.loads(out.read_text())
