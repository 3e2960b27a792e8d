import numpy as np
import pytest
import torch

from edgeocr.model.training.data.lines import LineMaker
from edgeocr.model.training.integer import calibration
from edgeocr.model.training.integer.ranges import Range
from edgeocr.model.training.networks.backbone import Backbone
from edgeocr.model.training.networks.crnn import Crnn, Neck
from edgeocr.model.training.networks.tensors import Image

CLASSES = 30


@pytest.fixture(scope="session")
def images(maker: LineMaker) -> list[Image]:
    """Rendered lines of one bucket."""
    lines = (maker.line(index).image for index in range(300))
    return [line for line in lines if 288 < line.shape[1] <= 320][:6]


@pytest.fixture
def student() -> Crnn:
    """A network of the real shape whose weights mean nothing."""
    torch.manual_seed(0)
    network = Crnn(Backbone("silu"), Neck(8), CLASSES).eval()
    with torch.no_grad():
        network.neck.out.weight.normal_(0, 0.1)
    return network


@pytest.fixture
def ranges(student: Crnn, images: list[Image]) -> dict[str, Range]:
    backbone = calibration.backbone_ranges(student, images, "extremes")
    return {**backbone, **calibration.neck_ranges(student, backbone, images)}


@pytest.fixture
def lines(images: list[Image]) -> torch.Tensor:
    return calibration.batch(images, 2)


def relative_error(found: np.ndarray, wanted: np.ndarray) -> float:
    """Root mean square of the difference, as a share of what is wanted."""
    return float(np.sqrt(((found - wanted) ** 2).mean() / wanted.var()))
