import pytest

from edgeocr import extras
from edgeocr.server.errors import StartError
from edgeocr.server.extras import load_web
from edgeocr.server.settings.config import Config


def missing(name):
    def import_module(_):
        raise ModuleNotFoundError(name=name)

    return import_module


def test_nothing_is_loaded_where_it_is_off(monkeypatch):
    monkeypatch.setattr(extras, "import_module", missing("fastapi"))
    assert load_web(Config()) is None


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr(extras, "import_module", missing("uvicorn.config"))
    with pytest.raises(StartError, match=r"http needs uvicorn.config, .* `pip install 'edgeocr\[web\]'` installs it"):
        load_web(Config(http="127.0.0.1:0"))


def test_other_missing_modules_are_no_missing_extra(monkeypatch):
    monkeypatch.setattr(extras, "import_module", missing("edgeocr.server.http.nothing"))
    with pytest.raises(ModuleNotFoundError):
        load_web(Config(http="127.0.0.1:0"))
