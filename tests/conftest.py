from pathlib import Path

import pytest

from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.pipeline import Models, Reader


@pytest.fixture(scope="session")
def weights() -> Path:
    assert DEFAULT_FOLDER.is_dir(), "the weights are part of the repository: is it checked out whole?"
    return DEFAULT_FOLDER


@pytest.fixture(scope="session")
def models(weights: Path) -> Models:
    return Models.load(weights)


@pytest.fixture
def reader(models: Models) -> Reader:
    return Reader(models)
