from tests.checks.proof import kept_outcomes
from tests.checks.proof.outcome import Check, Control, Outcome
from tests.checks.proof.report import page

OUTCOME = Outcome([Check("growth", "< 1 MB", "0.2 MB", passed=True)], [Control("leak", True, "40 MB")], {"images": "9"})


def test_an_outcome_that_was_kept_comes_back_whole(tmp_path):
    kept_outcomes.keep("soak", OUTCOME, tmp_path)
    date, outcome = kept_outcomes.kept("soak", tmp_path)
    assert outcome == OUTCOME
    assert date.startswith("20")
    assert kept_outcomes.kept("drain", tmp_path) is None


def test_the_page_says_checks_controls_and_what_was_not_kept():
    failed = Outcome([Check("growth", "< 1 MB", "3 | 4 MB", passed=False)], [Control("leak", False, "1 MB")])
    text = page({"soak": ("Soak", "2026-11-24", OUTCOME), "other": ("Other", "2026-11-23", failed)}, {"machine": "x"})
    assert "| growth | < 1 MB | 0.2 MB | kept |" in text
    assert "| leak | 40 MB | flagged |" in text
    assert "| growth | < 1 MB | 3 \\| 4 MB | **not kept** |" in text
    assert "**missed**" in text
