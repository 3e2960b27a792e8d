import json

import pytest

from edgeocr.model.training.evaluation.accuracy import evaluate


def test_rows_are_matched_with_labels_by_path_and_what_is_missing_counts_as_wrong(tmp_path):
    folder = tmp_path / "en_receipt"
    folder.mkdir()
    (folder / "labels.tsv").write_text(
        "images/a.png\tTOTAL 5\nimages/b.png\tCASH\nimages/c.png\tTAX\nimages/d.png\tX\n"
    )

    def row(name, *texts):
        return json.dumps({"path": str(folder / "images" / name), "pages": [{"lines": [{"text": t} for t in texts]}]})

    failed = json.dumps({"path": str(folder / "images" / "d.png"), "error": {"code": "X", "message": "y"}})
    result = evaluate(folder / "labels.tsv", [row("b.png", "CASE"), row("a.png", "Total", "5"), failed])
    assert (result.lines, result.accuracy) == (4, 0.25)
    assert result.cer == pytest.approx((1 + 3 + 1) / (6 + 4 + 3 + 1))
