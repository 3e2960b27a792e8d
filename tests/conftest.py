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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what tests measured, by the name under which they recorded it."""
    measured: dict[str, list[str]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                measured.setdefault(name, []).append(str(value))
    for name, values in measured.items():
        terminalreporter.write_line(f"{name}: {', '.join(values)}")
