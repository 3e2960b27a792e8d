import pytest
import torch

from edgeocr.model.training.integer.backbone import look
from edgeocr.model.training.integer.floats import Rounded, row_steps
from edgeocr.model.training.integer.ranges import Range
from edgeocr.model.training.integer.tune import head_error, tune
from edgeocr.model.training.networks.backbone import Backbone
from edgeocr.model.training.networks.crnn import Crnn
from edgeocr.model.training.networks.teacher import Teacher
from tests.model.training.pipeline.integer.conftest import CLASSES


@pytest.fixture
def teacher(student: Crnn) -> Teacher:
    """A teacher with the student's backbone."""
    found = Teacher(CLASSES, "silu").eval()
    found.backbone.load_state_dict(student.backbone.state_dict())
    return found


def _error(backbone: Backbone, teacher: Teacher, ranges: dict[str, Range], lines: torch.Tensor) -> float:
    with torch.no_grad():
        guess = teacher.neck(look(backbone, lines, Rounded(ranges)).squeeze(2))
        return float(head_error(guess, teacher.neck(teacher.backbone(lines))))


def _narrowed(ranges: dict[str, Range]) -> dict[str, Range]:
    """Ranges that cut off what matters."""
    return {name: Range(0.4 * range_.low, 0.4 * range_.high) for name, range_ in ranges.items()}


@pytest.mark.timeout(900)
def test_tuning_reduces_the_error_of_bad_ranges(
    student: Crnn, teacher: Teacher, ranges: dict[str, Range], lines: torch.Tensor
) -> None:
    begun = _narrowed(ranges)
    before = _error(student.backbone, teacher, begun, lines)
    learned = tune(student.backbone, teacher, begun, [lines] * 12, lambda *_: None)
    assert _error(student.backbone, teacher, learned, lines) < 0.9 * before


def test_no_weight_changes_by_more_than_a_step(
    student: Crnn, teacher: Teacher, ranges: dict[str, Range], lines: torch.Tensor
) -> None:
    tune(student.backbone, teacher, _narrowed(ranges), [lines] * 4, lambda *_: None)
    for path in ("stem.right", "blocks.5.narrow", "blocks.11.excite.excite"):
        steps, _ = row_steps(teacher.backbone.get_submodule(path).weight.detach())
        turned, _ = row_steps(student.backbone.get_submodule(path).weight.detach())
        assert torch.allclose(turned, turned.round(), atol=1e-3)  # its scale is what it was
        assert float((turned - steps).abs().max()) <= 1.5 + 1e-3


def test_layers_without_a_range_keep_their_weights(
    student: Crnn, teacher: Teacher, ranges: dict[str, Range], lines: torch.Tensor
) -> None:
    rounded = {name: range_ for name, range_ in ranges.items() if not name.startswith("stem.")}
    tune(student.backbone, teacher, rounded, [lines], lambda *_: None)
    for name, value in teacher.backbone.stem.state_dict().items():
        assert torch.equal(student.backbone.stem.state_dict()[name], value)


def test_teacher_is_unchanged(student: Crnn, teacher: Teacher, ranges: dict[str, Range], lines: torch.Tensor) -> None:
    before = {name: value.clone() for name, value in teacher.state_dict().items()}
    tune(student.backbone, teacher, _narrowed(ranges), [lines] * 2, lambda *_: None)
    assert all(torch.equal(value, before[name]) for name, value in teacher.state_dict().items())
