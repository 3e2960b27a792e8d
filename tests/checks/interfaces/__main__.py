"""Reads pages of each kind through every interface, and compares what they say with what is read in this process.

    python -m tests.checks.interfaces

Prints a table, and the differences; exit code 1 if there are any.
"""

import sys

from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.pipeline import Models
from tests.checks.interfaces.exports import differences_of_exports, has_node
from tests.checks.interfaces.pages import PAGES
from tests.checks.interfaces.ways import WAYS, alike, differences_of_archive, in_process
from tests.support.serving import ServerProcess


def main():
    models = Models.load(DEFAULT_FOLDER)
    names = [*WAYS, "archive (Parquet)", "the browser's TXT, Markdown, CSV, JSON"]
    print(f"| page | lines, rows, tables, blocks | {' | '.join(names)} |\n| --- | --- |{' --- |' * len(names)}")
    differences = []
    with ServerProcess("--http", "127.0.0.1:0") as server:
        for name, data in PAGES.items():
            expected = in_process(data, models)
            cells = []
            for way, read in WAYS.items():
                found = read(server, data)
                cells.append("same" if found == alike(expected) else "other")
                if cells[-1] == "other":
                    differences.append(f"{name}, {way}: {found} is not {expected}")
            for way, other in (
                ("archive", differences_of_archive(data, models)),
                ("exports", differences_of_exports(server, data, expected) if has_node() else None),
            ):
                cells.append("no Node" if other is None else ", ".join(other) or "same")
                differences += [f"{name}, {way}: {one}" for one in other or ()]
            print(f"| {name} | {_counts(expected)} | {' | '.join(cells)} |", flush=True)
    print("\n".join(["", *differences] if differences else ["", "all interfaces say the same"]))
    return 1 if differences else 0


def _counts(pages):
    lines = [line for page in pages for line in page["lines"]]
    rows = {(page["index"], line["row"]) for page in pages for line in page["lines"]}
    tables = sum(len(page.get("tables", [])) for page in pages)
    return f"{len(lines)}, {len(rows)}, {tables}, {sum(len(page['blocks']) for page in pages)}"


if __name__ == "__main__":
    sys.exit(main())
