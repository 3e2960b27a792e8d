"""Watches real servers with a real Prometheus: every shipped query has to have data, every alert has to fire.

    python -m tests.checks.monitoring [--cache FOLDER] [--picture FILE] [--only ALERT …]

Debian's `prometheus` is unpacked into the cache, if it is not installed; it takes no root. Checks the shipped files
with promtool, then puts a server under load and asks every query of the dashboard, of the rules and of the
autoscaler's adapter, then does to servers what each alert warns of, with minutes shortened to seconds. With --picture,
draws the dashboard's panels.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from edgeocr.client.bench import Plan
from tests.checks.monitoring.alarms import all_alarms
from tests.checks.monitoring.picture import draw
from tests.checks.monitoring.prometheus import RULES, Missing, Prometheus, install, shortened
from tests.checks.monitoring.web import work as work_over_http
from tests.checks.proof.rig.material import lines, pages
from tests.checks.proof.rig.servers import load, server
from tests.support.serving import ServerProcess

DASHBOARD = Path("deploy/arm64/grafana/edgeocr.json")
ADAPTER = Path("deploy/arm64/kubernetes/prometheus-adapter.yaml")
_LOAD_SECONDS = 8.0
"""Of each kind of load."""


def panels() -> Iterator[tuple[str, str, str]]:
    """Title, query and legend of everything on the dashboard."""
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], shortened(target["expr"]).replace("$instance", ".*"), target["legendFormat"]


def recorded() -> list[str]:
    """Names of the recording rules."""
    return re.findall(r"record: (\S+)", (RULES / "recording.yml").read_text())


def adapted() -> Iterator[str]:
    """What the autoscaler's adapter asks for."""
    for rule in yaml.safe_load(ADAPTER.read_text())["rules"]:
        series = rule["seriesQuery"].partition("{")[0]
        yield rule["metricsQuery"].replace("<<.Series>>", series).replace("<<.LabelMatchers>>", "")


def check_files(programs: Path, metrics_port: int) -> list[str]:
    """What promtool says of the shipped files and of a scrape, if it is displeased."""
    promtool = str(programs / "promtool")
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics_port}/metrics", timeout=10) as answer:
        scrape = answer.read()
    failures = []
    for name, command, given in (
        ("check config", [promtool, "check", "config", str(RULES / "prometheus.yml")], None),
        ("test rules", [promtool, "test", "rules", str(RULES / "tests.yml")], None),
        ("check metrics", [promtool, "check", "metrics"], scrape),
    ):
        done = subprocess.run(command, input=given, capture_output=True, check=False)
        said = (done.stdout + done.stderr).decode().strip()
        told = f": {said}" if done.returncode else ""
        print(f"promtool {name}: exit code {done.returncode}{told}")
        if done.returncode:
            failures.append(f"promtool {name}")
    return failures


def ask_everything(prometheus: Prometheus) -> list[str]:
    """Each query with how many series it gave and a value; those without data."""
    failures = []
    queries = [*panels(), *(("recorded", name, "") for name in recorded())]
    queries += [("for the autoscaler", query, "") for query in adapted()]
    for title, query, _ in queries:
        samples = prometheus.ask(query)
        value = samples[0]["value"][1] if samples else "no data"
        print(f"| {title} | `{query}` | {len(samples)} | {value} |")
        if not samples or any(sample["value"][1] == "NaN" for sample in samples):
            failures.append(f"{title}: {query}")
    return failures


def _work(running: ServerProcess) -> None:
    """All that the dashboard shows: lines, refusals, callers who give up, pages over streams, and in the end HTTP."""
    for plan in (
        Plan(lines(), mode="line", rate=60, duration_seconds=_LOAD_SECONDS),
        Plan(lines(), mode="line", rate=400, duration_seconds=_LOAD_SECONDS),
        Plan(pages(), mode="page", concurrency=8, timeout_seconds=0.6, duration_seconds=_LOAD_SECONDS),
        Plan(pages(), mode="page", streams=2, concurrency=4, duration_seconds=_LOAD_SECONDS),
    ):
        load(running.target, replace(plan, warm_up_seconds=0.0))
    work_over_http(running.http, lines(), pages(), _LOAD_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path("build/watching"), help="(default: %(default)s)")
    parser.add_argument("--picture", type=Path, help="draw the dashboard's panels here")
    parser.add_argument("--only", nargs="+", metavar="ALERT", help="these alerts, and nothing else")
    arguments = parser.parse_args()
    try:
        programs = install(arguments.cache)
    except Missing as missing:
        print(f"not run: {missing}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        alarms = all_alarms(Path(folder))
        failures = [] if arguments.only else _watch(programs, Path(folder), arguments.picture)
        for number, (alert, (start, act)) in enumerate(alarms.items()):
            if arguments.only and alert not in arguments.only:
                continue
            with Prometheus(programs, Path(folder) / f"alert-{number}") as prometheus, start() as running:
                prometheus.watch([running.metrics_port])
                prometheus.eventually("a scrape", lambda prometheus=prometheus: prometheus.ask("up == 1"))
                quiet = alert not in prometheus.firing()
                try:
                    act(running, lambda prometheus=prometheus, alert=alert: prometheus.eventually(
                        alert, lambda: alert in prometheus.firing(), 90))  # fmt: skip
                    fired = True
                except AssertionError:
                    fired = False
            print(
                f"alert {alert}: {'fired' if fired else 'NEVER FIRED'}{'' if quiet else ', as it did before'}",
                flush=True,
            )
            failures += [] if fired else [alert]
    for failure in failures:
        print(f"FAILED {failure}")
    return 1 if failures else 0


def _watch(programs: Path, folder: Path, picture: Path | None) -> list[str]:
    with (
        Prometheus(programs, folder / "watched") as prometheus,
        server("--workers", "1", "--queue-images", "16", "--http", "127.0.0.1:0") as running,
    ):
        prometheus.watch([running.metrics_port])
        prometheus.eventually("a scrape", lambda: prometheus.ask("up == 1"))
        _work(running)
        failures = check_files(programs, running.metrics_port) + ask_everything(prometheus)
        firing = prometheus.firing()
        print(f"firing after the load: {', '.join(sorted(firing)) or 'nothing'}")
        if picture is not None:
            series = [
                (title, prometheus.history(query, 5 * _LOAD_SECONDS + 10), legend) for title, query, legend in panels()
            ]
            draw(series, picture)
    return failures


if __name__ == "__main__":
    sys.exit(main())
