"""What the page in the browser saves: its own modules, run by Node, since they need nothing else of a browser."""

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

from edgeocr.results.tables import cell_text
from tests.checks.interfaces.ways import by_rest, output

_MODULES = Path(__file__).parents[3] / "server" / "http" / "page"


def has_node():
    """Whether Node is there to run them."""
    return shutil.which("node") is not None


def exports(pages):
    """The texts of TXT, Markdown, CSV and JSON."""
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("exports.mjs")), str(_MODULES)],
        input=json.dumps({"name": "file", "pages": pages}),
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return json.loads(done.stdout)


def differences_of_exports(server, data, expected):
    """The forms that say something else than the pages that are expected."""
    found = exports(by_rest(server, data))
    saved = json.loads(found["json"])["pages"]
    rows = list(csv.reader(io.StringIO(found["csv"].removeprefix("\ufeff"))))
    grids = [grid for page in expected for table in page.get("tables", []) for grid in _grid(table)]
    same = {
        "txt": found["txt"] == "\n\n".join(page["text"] for page in expected) + "\n",
        "md": found["md"] == output(server, data, "markdown", "--formulas"),
        "csv": all([cell_text(text) for text in row] in rows for row in grids),
        "json": [page["text"] for page in saved] == [page["text"] for page in expected]
        and [_lines(page) for page in saved] == [_lines(page) for page in expected]
        and [[table["cells"] for table in page["tables"]] for page in saved]
        == [[_grid(table) for table in page.get("tables", [])] for page in expected],
    }
    return [form for form, is_same in same.items() if not is_same]


def _lines(page):
    return [(line["text"], line["row"], line["paragraph"]) for line in page["lines"]]


def _grid(table):
    rows = [[""] * table["columns"] for _ in range(table["rows"])]
    for cell in table["cells"]:
        rows[cell["row"]][cell["column"]] = cell["text"]
    return rows
