"""Debian's nginx and HAProxy, unpacked into a folder, with the shipped configurations."""

import os
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import grpc

CONFIGURATIONS = Path("deploy/arm64/proxies")
_PACKAGES = {
    "nginx": ("nginx",),
    "haproxy": ("haproxy", "liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1"),
}
_LISTEN = "127.0.0.1:50051"
_DOWNLOAD_SECONDS = 300
# Where the shipped file has the system's folders.
_SCRATCH = "".join(f"    {kind}_temp_path {kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))


class Missing(Exception):
    """A proxy cannot be had here."""


def install(name: str, cache: Path) -> Path:
    """The folder with Debian's package of this name and what it needs, unpacked.

    Raises:
        Missing: they cannot be downloaded.
    """
    folder = cache / name
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for package in _PACKAGES[name]:
                if not list(folder.glob(f"{package}_*.deb")):
                    command = ["apt-get", "download", "-q", package]
                    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_DOWNLOAD_SECONDS)
                (file,) = folder.glob(f"{package}_*.deb")
                subprocess.run(["dpkg-deb", "-x", file, folder], check=True)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise Missing(f"Debian's package {name} cannot be downloaded here: {error}") from None
        (folder / "complete").touch()
    return folder.absolute()


class Proxy:
    """One of them, on a port of its own, before servers at these addresses, while its block runs."""

    def __init__(self, name: str, installed: Path, folder: Path, target: str, servers: Sequence[str]) -> None:
        self.name, self.target = name, target
        self._installed, self._folder, self._servers = installed, folder, servers
        self._file = folder / {"nginx": "nginx.conf", "haproxy": "haproxy.cfg"}[name]

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True)
        self._configure()
        libraries = sorted({str(file.parent) for file in self._installed.rglob("*.so*")})
        environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}
        program = str(self._installed / "usr/sbin" / self.name)
        checked = {"nginx": [program, "-t", *self._arguments()], "haproxy": [program, "-c", *self._arguments()]}
        done = subprocess.run(checked[self.name], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"{self.name} refuses its configuration: {done.stdout}{done.stderr}")
        with (self._folder / "output").open("w") as output:
            self._process = subprocess.Popen(
                [program, *self._arguments()], env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        with grpc.insecure_channel(self.target) as channel:
            grpc.channel_ready_future(channel).result(timeout=20)
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.terminate()
        self._process.wait(20)

    def leave_out(self, address: str) -> None:
        """What an operator has to do before this server is drained, if anything."""
        if self.name == "nginx":
            self._configure(down=address)
            self._process.send_signal(1)
            time.sleep(1)

    def _arguments(self) -> list[str]:
        if self.name == "nginx":
            return ["-p", str(self._folder.absolute()), "-c", str(self._file.absolute()), "-g", "daemon off;"]
        return ["-db", "-f", str(self._file.absolute())]

    def _configure(self, down: str | None = None) -> None:
        """The shipped file with other addresses and folders."""
        text = (CONFIGURATIONS / self._file.name).read_text().replace(_LISTEN, self.target)
        for number, server in enumerate(self._servers, 1):
            text = text.replace(f"10.0.0.{number}:50051", f"{server} down" if server == down else server)
        text = text.replace("/var/log/nginx/", "").replace("/run/nginx.pid", "pid")
        text = re.sub(r"^http \{\n", lambda found: found[0] + _SCRATCH, text, flags=re.MULTILINE)
        self._file.write_text(text)
