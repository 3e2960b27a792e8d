import copy

import torch

from edgeocr.model.training.integer.backbone import look
from edgeocr.model.training.integer.floats import Rounded, row_steps
from edgeocr.model.training.integer.ranges import Range
from edgeocr.model.training.integer.tune import head_error, tune
from edgeocr.model.training.networks.crnn import Crnn


def _error(student: Crnn, whole: Crnn, ranges: dict[str, Range], lines: torch.Tensor) -> float:
    with torch.no_grad():
        guess = whole.neck(look(student.backbone, lines, Rounded(ranges)).squeeze(2))
        return float(head_error(guess, whole.neck(whole.backbone(lines))))


def _narrowed(ranges: dict[str, Range]) -> dict[str, Range]:
    """Ranges that cut off what matters."""
    return {name: Range(0.4 * range_.low, 0.4 * range_.high) for name, range_ in ranges.items()}


def test_tuning_mends_what_bad_ranges_break(student: Crnn, ranges: dict[str, Range], lines: torch.Tensor) -> None:
    whole, begun = copy.deepcopy(student), _narrowed(ranges)
    before = _error(student, whole, begun, lines)
    learned = tune(student, whole, begun, [lines] * 12, lambda *_: None)
    assert _error(student, whole, learned, lines) < 0.9 * before


def test_no_weight_goes_further_than_the_next_step(
    student: Crnn, ranges: dict[str, Range], lines: torch.Tensor
) -> None:
    whole = copy.deepcopy(student)
    tune(student, whole, _narrowed(ranges), [lines] * 4, lambda *_: None)
    for path in ("stem.right", "blocks.5.narrow", "blocks.11.excite.excite"):
        steps, _ = row_steps(whole.backbone.get_submodule(path).weight.detach())
        turned, _ = row_steps(student.backbone.get_submodule(path).weight.detach())
        assert torch.allclose(turned, turned.round(), atol=1e-3)  # its scale is what it was
        assert float((turned - steps).abs().max()) <= 1.5 + 1e-3


def test_neck_and_head_are_left_alone(student: Crnn, ranges: dict[str, Range], lines: torch.Tensor) -> None:
    whole = copy.deepcopy(student)
    tune(student, whole, _narrowed(ranges), [lines] * 2, lambda *_: None)
    for name, value in whole.neck.state_dict().items():
        assert torch.equal(value, student.neck.state_dict()[name])
