import numpy as np
import pytest

from edgeocr.model.recognition.rules.circled import with_circled_numbers
from edgeocr.model.results import Character


def read(*placed):
    """Texts, and where their centres are in squares of six time steps; behind them are two Han a square apart."""
    placed = [*placed, ("确", 8.0), ("认", 9.0)]
    characters = [Character(text, 0.9, at / 10, at / 10 + 0.05) for text, at in placed]
    found, centres = with_circled_numbers(characters, np.array([6 * at for _, at in placed]))
    assert len(centres) == len(found)
    return "".join(one.text for one in found).removesuffix("确认")


@pytest.mark.parametrize(
    ("placed", "found"),
    [
        ([("①", 0.3), ("②", 0.7)], "⑫"),
        ([("①", 0.3), ("5", 0.7)], "⑮"),
        ([("⑩", 0.4), ("0", 0.8)], "⑩"),
        ([("①", 0.5), ("②", 1.5)], "①②"),
        ([("①", 0.5), ("2", 1.5)], "①2"),
        ([("③", 0.3), ("5", 0.7)], "③5"),
        ([("①", 0.3), ("设", 0.8)], "①设"),
        ([("1", 0.3), ("2", 0.7)], "12"),
    ],
)
def test_two_digits_in_one_circle_are_one_number(placed, found):
    assert read(*placed) == found


def test_the_number_reaches_from_the_first_digit_to_the_last():
    characters = [Character("①", 0.9, 0.1, 0.2), Character("②", 0.8, 0.2, 0.3)]
    (found,), centres = with_circled_numbers(characters, np.array([1.0, 3.0]))
    assert centres.tolist() == [1.0]
    assert (found.text, found.start, found.end) == ("⑫", 0.1, 0.3)
