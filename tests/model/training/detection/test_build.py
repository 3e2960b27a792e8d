import numpy as np
import onnxruntime
import pytest

from edgeocr.model.networks.x86_weights import exact_weights
from edgeocr.model.training.detection import build
from edgeocr.model.training.detection import neck as necks
from edgeocr.model.training.detection.forward import run, with_weights
from edgeocr.model.training.detection.narrow import narrowed
from edgeocr.model.training.detection.pages import Page
from edgeocr.model.training.detection.published import planes
from tests.model.training.detection.conftest import SOURCE, pixels, taken


@pytest.mark.usefixtures("few_points")
def test_the_file_has_the_neck_that_it_is_given(necked, tmp_path, monkeypatch):
    monkeypatch.setattr(build.published, "load", lambda _: necked)
    neck = necks.read(necked)
    new = narrowed(neck, taken(neck), 3, 2, np.random.default_rng(0))
    images, path = pixels(4), tmp_path / "detector.onnx"
    build.build(tmp_path, [Page(image, ()) for image in images], path, new)
    session = onnxruntime.InferenceSession(exact_weights(path.read_bytes()), providers=["CPUExecutionProvider"])
    for image in images[:, np.newaxis]:
        (got,) = session.run(None, {"pixels": image})
        wanted, original = (
            run(layers, {SOURCE: planes(image)})["map"][0, 0].numpy() for layers in (with_weights(necked, new), necked)
        )
        assert np.abs(got / 255 - wanted).mean() < 0.02
        assert np.abs(got / 255 - original).mean() > 2 * np.abs(got / 255 - wanted).mean()
