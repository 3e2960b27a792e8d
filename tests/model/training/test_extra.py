from importlib.util import find_spec

import pytest


@pytest.mark.skipif(find_spec("torch") is None, reason="without the training extra, much is left out: see `make check`")
def test_the_training_extra_has_all_that_the_pipeline_imports():
    needed = ("brotli", "faker", "fontTools", "jieba", "matplotlib", "onnx", "opencc", "PIL", "torch", "wordfreq")
    assert [name for name in needed if find_spec(name) is None] == []
