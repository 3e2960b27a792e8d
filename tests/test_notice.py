"""What images carry is named in NOTICE, with its licence."""

import re
from importlib.metadata import files
from pathlib import Path

import pytest

NOTICE = Path("NOTICE").read_text()
WORDS = set(re.findall(r"[A-Za-z0-9_-]+", NOTICE))


def names(extra):
    return re.findall(r"^([a-z0-9-]+)==", Path(f"requirements/{extra}.txt").read_text(), re.MULTILINE)


@pytest.mark.parametrize("extra", ["server", "web", "tracing"])
def test_every_package_of_the_image_is_named(extra):
    found = names(extra)
    assert "grpcio" in found
    assert set(found) <= WORDS


@pytest.mark.parametrize("package", ["numpy", "opencv-python-headless", "pillow"])
def test_every_library_in_a_wheel_is_named(package):
    paths = [path for path in files(package) or () if path.parts[0].endswith(".libs") and ".so" in path.name]
    # auditwheel puts a hash behind the name.
    found = {re.sub(r"-[0-9a-f]{8}.*$", "", path.name) for path in paths}
    assert found
    assert found <= WORDS


def test_whatever_is_locked_has_a_hash():
    for file in Path("requirements").glob("*.txt"):
        locked = re.split(r"\n(?=\S)", file.read_text().strip())[1:]
        assert len(locked) == len(re.findall("==.*\n *--hash=sha256:", file.read_text())) > 10
