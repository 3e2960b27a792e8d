import numpy as np
import pytest

from edgeocr.model.recognition.rules.wide_marks import corrected


def found(text, centres):
    """Of squares of five time steps."""
    return "".join(corrected(list(text), 5.0 * np.array(centres)))


@pytest.mark.parametrize(
    ("text", "centres", "expected"),
    [
        ("甲乙(A)", [0.5, 1.5, 2.75, 3.2, 3.6], "甲乙（A)"),
        ("甲乙(A)", [0.5, 1.5, 2.17, 2.6, 3.0], "甲乙(A)"),
        ("A)甲乙", [0.2, 0.6, 1.85, 2.85], "A）甲乙"),
        ("A)甲乙", [0.2, 0.6, 1.27, 2.27], "A)甲乙"),
        ("甲乙)：", [0.5, 1.5, 2.2, 3.2], "甲乙）："),
        ("甲乙、(A", [0.5, 1.5, 2.2, 3.75, 4.2], "甲乙、（A"),
        ("甲乙 (A", [0.5, 1.5, 2.1, 2.42, 2.9], "甲乙 (A"),
        ("(A)", [0.2, 1.0, 2.0], "(A)"),
    ],
)
def test_brackets_have_the_width_that_their_distance_shows(text, centres, expected):
    assert found(text, centres) == expected


@pytest.mark.parametrize(
    ("text", "centres", "expected"),
    [
        ("甲乙—丙", [0.5, 1.5, 3.0, 4.5], "甲乙——丙"),
        ("甲乙—丙", [0.5, 1.5, 2.5, 3.5], "甲乙—丙"),
        ("甲！—《乙", [0.5, 1.25, 3.0, 4.75, 5.5], "甲！——《乙"),
        ("—甲乙", [1.0, 2.5, 3.5], "——甲乙"),
        ("—甲乙", [0.5, 1.5, 2.5], "—甲乙"),
        ("甲——乙", [0.5, 1.5, 2.5, 3.5], "甲——乙"),
        ("1—3", [0.2, 2.0, 4.0], "1—3"),
        ("甲—", [0.5, 2.0], "甲—"),
    ],
)
def test_a_dash_is_as_long_as_the_space_that_it_fills(text, centres, expected):
    assert found(text, centres) == expected
