import pytest

from tests.checks.arm64.emulator import debian, qemu
from tests.checks.arm64.errors import Missing


def command(folder, name, words):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{words}\n", "utf-8")
    path.chmod(0o755)


@pytest.fixture(autouse=True)
def keyring(tmp_path, monkeypatch):
    path = tmp_path / "keyring.gpg"
    path.touch()
    monkeypatch.setattr(debian, "KEYRING", path)
    return path


def test_all_lacking_packages_are_named_together(tmp_path, monkeypatch, keyring):
    keyring.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    packages = "apt gcc libc6-dev mmdebstrap pkg-config libglib2.0-dev debian-archive-keyring"
    with pytest.raises(Missing, match=f"apt-get install {packages}$"):
        qemu.check_tools()


def test_only_what_is_lacking_is_named(tmp_path, monkeypatch):
    for name in ("apt-get", "cc", "mmdebstrap"):
        command(tmp_path, name, "exit 0")
    command(tmp_path, "pkg-config", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Missing, match=r"lacks glib-2.0; on Debian: apt-get install libglib2.0-dev$"):
        qemu.check_tools()


def test_a_machine_with_everything_passes(tmp_path, monkeypatch):
    for name in ("apt-get", "cc", "mmdebstrap", "pkg-config"):
        command(tmp_path, name, "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    qemu.check_tools()


def test_the_mirror_is_the_one_that_apt_uses(tmp_path, monkeypatch):
    listed = (
        "main http://a.example/debian-security/",
        "contrib http://b.example/debian/",
        "main http://c.example/debian/",
    )
    command(tmp_path, "apt-get", "\n".join(f"echo {row}" for row in listed))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert debian.mirror() == "http://c.example/debian/"


def test_a_system_without_debians_archive_is_reported(tmp_path, monkeypatch):
    command(tmp_path, "apt-get", "echo main http://a.example/ubuntu/")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Missing, match="no mirror of Debian"):
        debian.mirror()
