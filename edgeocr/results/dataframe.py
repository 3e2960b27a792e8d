"""Documents as data frames of pandas."""

import pandas

from edgeocr.results.document import Document

_COLUMNS = (
    *("page", "line", "row", "paragraph", "text", "confidence", "min_confidence"),
    *("left", "top", "right", "bottom"),
)


def dataframe_of(document: Document) -> pandas.DataFrame:
    """A row for every line, see `Document.to_dataframe`."""
    rows = []
    for page in document.pages:
        for place, line in enumerate(page.lines):
            across, down = zip(*line.polygon, strict=True)
            rows.append(
                (
                    *(page.index + 1, place, line.row, line.paragraph, line.text, line.confidence, line.min_confidence),
                    *(min(across), min(down), max(across), max(down)),
                )
            )
    return pandas.DataFrame(rows, columns=list(_COLUMNS))
