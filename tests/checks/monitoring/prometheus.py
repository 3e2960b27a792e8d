"""A real Prometheus: Debian's package, unpacked into a folder, run against servers, and asked."""

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

RULES = Path("deploy/arm64/prometheus")
# Minutes become seconds, so that a check need not wait for as long as an operator may.
_SHORTER = (
    (r"\[1d\] offset 30m", "[40s] offset 8s"),
    (r"\[30m\]", "[8s]"),
    (r"\[(5|15)m\]", "[8s]"),
    (r"for: \d+m", "for: 1s"),
)


class Missing(Exception):
    """Prometheus cannot be had here."""


def install(folder: Path) -> Path:
    """The folder with `prometheus` and `promtool`: from the PATH, or from Debian's package unpacked into `folder`.

    Raises:
        Missing: neither is to be had.
    """
    if (found := shutil.which("promtool")) and shutil.which("prometheus"):
        return Path(found).parent
    programs = folder / "usr/bin"
    if not (programs / "promtool").exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["apt-get", "download", "-q", "prometheus"], cwd=folder, check=True, capture_output=True)
            (package,) = folder.glob("prometheus_*.deb")
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise Missing(f"Debian's package prometheus cannot be downloaded here: {error}") from None
    return programs


def shortened(rules: str) -> str:
    """Rules whose minutes are seconds."""
    for pattern, short in _SHORTER:
        rules = re.sub(pattern, short, rules)
    return rules


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Prometheus:
    """Scrapes metrics ports on loopback once a second, with the shipped rules shortened, while its block runs."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        self._targets = folder / "targets.json"
        self.port = _free_port()

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        for name in ("recording.yml", "alerts.yml"):
            (self._folder / name).write_text(shortened((RULES / name).read_text()))
        shipped = (RULES / "prometheus.yml").read_text()
        # The one change beside the times: which servers there are.
        config = re.sub(r"file_sd_configs:.*", "file_sd_configs:\n      - files: [targets.json]\n        refresh_interval: 1s\n", shipped, flags=re.DOTALL)  # fmt: skip  # noqa: E501
        (self._folder / "prometheus.yml").write_text(re.sub(r"_interval: 15s", "_interval: 1s", config))
        self.watch(())
        self._process = subprocess.Popen(
            [
                self._programs / "prometheus",
                f"--config.file={self._folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={self._folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
            ],
            stderr=(self._folder / "log").open("w"),
        )
        self.eventually("its readiness", lambda: bool(self._get("/-/ready")))
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.terminate()
        self._process.wait(30)

    def watch(self, ports: Sequence[int]) -> None:
        """Scrape these from now on."""
        self._targets.write_text(json.dumps([{"targets": [f"127.0.0.1:{port}" for port in ports]}]))

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """An instant query's samples."""
        return self._result("/api/v1/query", query=expression)

    def history(self, expression: str, seconds: float) -> list[dict[str, Any]]:
        """A range query's series over the last seconds."""
        now = time.time()
        return self._result("/api/v1/query_range", query=expression, start=now - seconds, end=now, step=1)

    def firing(self) -> set[str]:
        """Names of the alerts that fire."""
        alerts = json.loads(self._get("/api/v1/alerts"))["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def eventually(self, what: str, condition: Any, seconds: float = 60) -> None:
        """Waits until it is true; AssertionError if it never is."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except OSError:
                pass
            time.sleep(0.2)
        raise AssertionError(f"Prometheus never told {what}")

    def _result(self, path: str, **parameters: object) -> list[dict[str, Any]]:
        answer = json.loads(self._get(f"{path}?{urllib.parse.urlencode(parameters)}"))
        assert answer["status"] == "success", answer
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            text: bytes = answer.read()
        return text
