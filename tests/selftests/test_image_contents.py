import pytest

from tests.checks.image.build import check_tools
from tests.checks.image.contents import faults
from tests.checks.image.errors import Missing

LABELS = {
    f"org.opencontainers.image.{name}": "told" for name in ("title", "description", "licenses", "version", "revision")
}


def _told(**config):
    settings = {"User": "65532:65532", "Entrypoint": ["edgeocr", "serve"], "Labels": LABELS}
    return {
        "Architecture": "arm64",
        "Healthcheck": {"Test": ["CMD", "edgeocr", "health"]},
        "Config": settings | config,
    }


@pytest.fixture
def image(tmp_path):
    for name in ("usr/bin/python3", "opt/edgeocr/bin/edgeocr", "opt/edgeocr/lib/numpy/testing/checks.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def test_an_image_with_what_the_server_needs_has_no_faults(image):
    assert faults(image, _told()) == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("usr/bin/gcc-12", "a compiler"),
        ("usr/bin/aarch64-linux-gnu-ld", "a compiler"),
        ("opt/edgeocr/bin/cc", "a compiler"),
        ("opt/edgeocr/lib/numpy/tests", "a test"),
        ("opt/edgeocr/lib/numpy/test_pipeline.py", "a test"),
        ("opt/edgeocr/lib/pip", "an installer"),
    ],
)
def test_what_has_no_place_in_the_image_is_found(image, name, fault):
    (image / name).write_text("")

    (found,) = faults(image, _told())

    assert found.startswith(f"{fault}: ")
    assert found.endswith(name)


@pytest.mark.parametrize(
    "config",
    [{"User": ""}, {"User": "root"}, {"Entrypoint": ["sh", "-c", "edgeocr serve"]}, {"Labels": None}],
    ids=str,
)
def test_what_the_image_says_of_itself_is_looked_at(image, config):
    assert faults(image, _told(**config))


def test_an_image_whose_check_needs_a_shell_is_refused(image):
    told = _told()
    told["Healthcheck"] = {"Test": ["CMD-SHELL", "edgeocr health"]}

    assert faults(image, told) == ["it has no check of its health, or one that needs a shell"]


def test_missing_programs_are_named_with_how_to_get_them(monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(Missing, match="apt-get install podman buildah runc mmdebstrap"):
        check_tools()
