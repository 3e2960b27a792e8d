"""The image run as an operator would: emulated, without rights, read-only, and with a limit on its memory."""

import json
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any, Self

from edgeocr.client import Client
from tests.checks.image.build import image, inspect
from tests.checks.image.emulation import CPU

LIMITS_MIB = {"arm64": 420, "amd64": 300}
"""Of memory, by architecture; QEMU needs about 100 MiB of its own for what it translates."""
_START_SECONDS = 180.0
_CGROUPS = Path("/sys/fs/cgroup")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Container:
    """Runs the image from entering until leaving, on free ports of this machine's loopback.

    Attributes:
        limit_mib: the most memory that it may have.
        target: where it serves.
        start_seconds: from its start to SERVING.
    """

    def __init__(self, architecture: str, *arguments: str) -> None:
        self._architecture = architecture
        self.limit_mib = LIMITS_MIB[architecture]
        self._arguments = arguments
        self.target, self._metrics = (f"127.0.0.1:{_free_port()}" for _ in range(2))

    def __enter__(self) -> Self:
        started = time.monotonic()
        # runc, and limits on files and processes by name: Debian's crun and podman's defaults need more rights here.
        command = ["podman", "--runtime", "runc", "run", "--detach", "--network", "host", "--log-driver", "k8s-file"]
        command += ["--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096", "--read-only", "--cap-drop", "ALL"]
        command += [
            "--security-opt",
            "no-new-privileges",
            "--memory",
            f"{self.limit_mib}m",
            "--memory-swap",
            f"{self.limit_mib}m",
        ]
        # The image's own check is run by the test: podman would have systemd run it.
        command += ["--no-healthcheck", "--platform", f"linux/{self._architecture}"]
        settings = {"QEMU_CPU": CPU, "EDGEOCR_LISTEN": self.target, "EDGEOCR_METRICS": self._metrics}
        command += [part for name, value in settings.items() for part in ("--env", f"{name}={value}")]
        self._name = subprocess.run(
            [*command, image(self._architecture), *self._arguments], check=True, capture_output=True, text=True
        ).stdout.strip()
        try:
            with Client(self.target) as client:
                client.wait_until_serving(_START_SECONDS)
        except BaseException:
            print(self.log())
            self._remove()
            raise
        self.start_seconds = time.monotonic() - started
        group = Path(f"/proc/{self.state()['State']['Pid']}/cgroup").read_text()
        path = next(
            line.split(":", 2)[2] for line in group.splitlines() if ":memory:" in line or line.startswith("0::")
        )
        self._group = _CGROUPS / ("memory" if (_CGROUPS / "memory").is_dir() else "") / path.lstrip("/")
        return self

    def __exit__(self, *exception: object) -> None:
        self._remove()

    def _remove(self) -> None:
        subprocess.run(["podman", "rm", "--force", "--time", "1", self._name], capture_output=True, check=False)

    def state(self) -> dict[str, Any]:
        """What podman knows of it."""
        told = subprocess.run(["podman", "inspect", self._name], check=True, capture_output=True).stdout
        (found,) = json.loads(told)
        assert isinstance(found, dict)
        return found

    def log(self) -> str:
        done = subprocess.run(["podman", "logs", self._name], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def peak_mib(self) -> float:
        """The most memory that its control group has had."""
        names = ("memory.max_usage_in_bytes", "memory.peak")
        file = next(self._group / name for name in names if (self._group / name).exists())
        return int(file.read_text()) / (1 << 20)

    def check_health(self) -> int:
        """The exit code of the image's own check, run inside."""
        _, *command = inspect(self._architecture)["Healthcheck"]["Test"]
        # The image knows its usual port only.
        command = [self.target if part.startswith("127.0.0.1:") else part for part in command]
        return subprocess.run(["podman", "exec", self._name, *command], capture_output=True, check=False).returncode

    def scrape(self) -> str:
        with urllib.request.urlopen(f"http://{self._metrics}/metrics", timeout=60) as answer:
            text: bytes = answer.read()
        return text.decode()

    def terminate(self) -> None:
        subprocess.run(["podman", "kill", "--signal", "TERM", self._name], check=True, capture_output=True)

    def exit_code(self, seconds: float) -> int:
        """Waits for its end."""
        done = subprocess.run(["podman", "wait", self._name], capture_output=True, check=True, timeout=seconds)
        return int(done.stdout)
