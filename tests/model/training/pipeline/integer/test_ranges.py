import pytest
import torch

from edgeocr.model.training.integer.floats import rounded, rounded_rows
from edgeocr.model.training.integer.ranges import Range, Seen, holding_zero


@pytest.mark.parametrize(("low", "high"), [(-1.3, 2.7), (0.0, 5.0), (-4.0, 0.0), (0.5, 2.0), (0.0, 0.0)])
def test_zero_is_a_byte_of_its_own(low: float, high: float) -> None:
    range_ = holding_zero(low, high)
    assert 0 <= range_.zero_point <= 255
    assert float(rounded(torch.zeros(1), range_)) == 0.0
    assert range_.low == pytest.approx(-range_.zero_point * range_.scale, abs=1e-5)


def test_rounding_goes_to_the_nearest_step_and_saturates() -> None:
    range_ = Range(0.0, 2.55)
    values = rounded(torch.tensor([-1.0, 0.004, 0.006, 1.0, 9.0]), range_)
    assert values.tolist() == pytest.approx([0.0, 0.0, 0.01, 1.0, 2.55], abs=1e-6)


def test_one_outlier_moves_the_average_less_than_the_extremes() -> None:
    seen = Seen()
    for number in range(200):
        seen.note(torch.linspace(0, 10 if number == 20 else 1, 1000))
    assert seen.chosen("extremes").high == pytest.approx(10)
    assert 1 <= seen.chosen("average").high < 2


def test_least_error_clips_a_single_outlier_but_no_common_value() -> None:
    seen = Seen()
    values = torch.rand(400_000, generator=torch.Generator().manual_seed(0))
    seen.note(torch.cat((values, torch.tensor([1.5]))))
    assert 0.95 < seen.chosen("error").high < 1.2


def test_every_row_has_a_scale_of_its_own() -> None:
    weight = torch.tensor([[127.0, 1.0], [0.0127, 0.0001]]).view(2, 2, 1, 1)
    assert torch.allclose(rounded_rows(weight), weight, rtol=1e-5)
