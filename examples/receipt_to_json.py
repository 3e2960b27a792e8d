"""Prints the rows of a receipt, and its total, as JSON: `python receipt_to_json.py receipt.png`."""

import json
import os
import re
import sys

import edgeocr

AMOUNT = re.compile(r"(\d[\d,]*\.\d\d)\s*$")
TOTAL = re.compile(r"\btotal\b|合计|总计", re.IGNORECASE)


def receipt(path: str) -> dict[str, object]:
    """Rows that end with an amount, each as its words and that amount, and the amount of the row that says total."""
    with edgeocr.Client(os.environ.get("EDGEOCR_TARGET", "127.0.0.1:50051")) as client:
        rows = client.read(path).text.splitlines()
    items, total = [], None
    for row in rows:
        if found := AMOUNT.search(row):
            amount = found[1].replace(",", "")
            if TOTAL.search(row):
                total = amount
            else:
                items.append({"item": row[: found.start()].strip(), "amount": amount})
    return {"items": items, "total": total}


if __name__ == "__main__":
    print(json.dumps(receipt(sys.argv[1]), ensure_ascii=False, indent=2))
