"""What the files that deploy the server say of it: settings that there are, times and sizes that fit each other."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from edgeocr.server.settings.config import ENVIRONMENT_PREFIX, Config
from edgeocr.server.settings.setting_values import Size
from tests.support.serving import ServerProcess

DEPLOY = Path("deploy/arm64")
BASE = DEPLOY / "kubernetes/base"
FILES = [Path("Dockerfile.arm64"), *sorted(path for path in DEPLOY.rglob("*") if path.is_file())]
SETTINGS = {ENVIRONMENT_PREFIX + setting.name.upper() for setting in fields(Config)}


def _document(name: str) -> Any:
    return yaml.safe_load((BASE / name).read_text())


def _pod() -> Any:
    return _document("deployment.yaml")["spec"]["template"]


def _container() -> Any:
    (container,) = _pod()["spec"]["containers"]
    return container


def _unit(key: str) -> list[str]:
    rows = (DEPLOY / "systemd/edgeocr.service").read_text().splitlines()
    return [row.partition("=")[2] for row in rows if row.startswith(f"{key}=")]


def _unit_settings() -> dict[str, str]:
    return dict(pair.split("=", 1) for row in _unit("Environment") for pair in row.split())


def _services(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text())["services"]


def _bytes(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([mMgG])i?", text).groups()
    return int(number) << {"m": 20, "g": 30}[unit.lower()]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_setting_that_a_file_names_is_one_of_the_servers(path):
    named = set(re.findall(rf"\b{ENVIRONMENT_PREFIX}[A-Z_]+\b", path.read_text()))

    assert named <= SETTINGS


def test_compose_leaves_time_to_drain_and_memory_beyond_the_budget():
    server = _services("compose.server.yaml")["server"]
    numa = _services("compose.numa.yaml")
    limited = [_services("compose.yaml")["edgeocr"], *(numa[f"node{node}"] for node in range(4))]

    assert int(server["stop_grace_period"].rstrip("s")) > int(server["environment"]["EDGEOCR_DRAIN_SECONDS"])
    for service in limited:
        assert Size(service["environment"]["EDGEOCR_MEMORY_BUDGET"]) < _bytes(service["mem_limit"])
        assert service["memswap_limit"] == service["mem_limit"]


def test_compose_servers_of_a_machine_share_neither_processors_nor_ports():
    numa = _services("compose.numa.yaml")
    nodes = [numa[f"node{node}"] for node in range(4)]
    ranges = [tuple(map(int, node["cpuset"].split("-"))) for node in nodes]
    processors = [number for first, last in ranges for number in range(first, last + 1)]
    ports = [port.rsplit(":", 1)[0] for node in nodes for port in node["ports"]]

    assert processors == list(range(96))
    assert len(set(ports)) == len(ports) == 8
    assert len({node["cgroup_parent"] for node in nodes}) == 4


def test_http_in_compose_is_the_servers_own_and_published_where_it_listens():
    (added,) = _services("compose.http.yaml").items()
    name, service = added
    (published,) = service["ports"]

    assert name in _services("compose.yaml")
    assert service["environment"]["EDGEOCR_HTTP"] == f"0.0.0.0:{published.rpartition(':')[2]}"
    assert published.startswith("127.0.0.1:")
    # Another image than the one without it.
    assert service["build"]["args"] == {"EXTRAS": "[web]"}
    assert "ARG EXTRAS=" in Path("Dockerfile.arm64").read_text()
    assert service["image"] != _services("compose.server.yaml")["server"]["image"]


def test_http_in_kubernetes_goes_to_the_port_that_it_listens_on():
    component = DEPLOY / "kubernetes/components/http"
    deployment, policy = yaml.safe_load((component / "kustomization.yaml").read_text())["patches"]
    (container,) = yaml.safe_load(deployment["patch"])["spec"]["template"]["spec"]["containers"]
    (port,) = container["ports"]
    (let_in,) = yaml.safe_load(policy["patch"])
    service = yaml.safe_load((component / "service.yaml").read_text())["spec"]

    assert container["name"] == _container()["name"]
    environment = {one["name"]: one["value"] for one in container["env"]}
    assert environment["EDGEOCR_HTTP"] == f"0.0.0.0:{port['containerPort']}"
    name = yaml.safe_load((component / "service.yaml").read_text())["metadata"]["name"]
    assert environment["EDGEOCR_HTTP_HOSTS"].split(",")[0] == name
    assert service["selector"] == _pod()["metadata"]["labels"]
    assert [served["targetPort"] for served in service["ports"]] == [port["name"]] == [let_in["value"]["port"]]
    # The policy's first rule is that of clients.
    assert let_in["path"] == "/spec/ingress/0/ports/-"


def test_prometheus_looks_at_every_server_of_compose():
    for name, suffix in (("compose.yaml", ""), ("compose.numa.yaml", ".numa")):
        (listed,) = yaml.safe_load((DEPLOY / f"prometheus/targets{suffix}.yml").read_text())
        servers = set(_services(name)) - {"prometheus", "grafana"}

        assert {target.partition(":")[0] for target in listed["targets"]} == servers


def test_the_unit_leaves_time_to_drain_and_memory_beyond_the_budget():
    settings = _unit_settings()

    assert int(*_unit("TimeoutStopSec")) > int(settings["EDGEOCR_DRAIN_SECONDS"])
    assert Size(settings["EDGEOCR_MEMORY_BUDGET"]) < _bytes(*_unit("MemoryMax"))


def test_the_unit_lets_processes_that_open_files_give_up_what_they_can():
    # None of systemd's groups that the unit allows has these.
    allowed = {name for row in _unit("SystemCallFilter") if not row.startswith("~") for name in row.split()}

    assert allowed >= {"seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"}


def test_kubernetes_leaves_time_to_drain():
    settings = {setting["name"]: setting.get("value") for setting in _container()["env"]}
    seconds = int(settings["EDGEOCR_DRAIN_DELAY_SECONDS"]) + int(settings["EDGEOCR_DRAIN_SECONDS"])

    assert _pod()["spec"]["terminationGracePeriodSeconds"] > seconds


def test_the_pod_gets_what_it_asks_for_and_no_rights():
    container, pod = _container(), _pod()["spec"]

    assert container["resources"]["requests"] == container["resources"]["limits"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["securityContext"]["runAsNonRoot"]
    # What the image says: Kubernetes cannot tell from a name.
    assert f"USER {pod['securityContext']['runAsUser']}:" in Path("Dockerfile.arm64").read_text()
    assert not pod["automountServiceAccountToken"]


def test_selectors_find_the_pods_and_ports_that_there_are():
    labels = _pod()["metadata"]["labels"]
    ports = {port["name"]: port["containerPort"] for port in _container()["ports"]}
    service = _document("service.yaml")
    policy = _document("networkpolicy.yaml")["spec"]

    assert _document("deployment.yaml")["spec"]["selector"]["matchLabels"] == labels
    assert service["spec"]["selector"] == labels
    assert {port["targetPort"] for port in service["spec"]["ports"]} == set(ports)
    assert _document("poddisruptionbudget.yaml")["spec"]["selector"]["matchLabels"] == labels
    assert policy["podSelector"]["matchLabels"] == labels
    assert [rule["ports"][0]["port"] for rule in policy["ingress"]] == ["grpc", "metrics"]
    (endpoint,) = _document("servicemonitor.yaml")["spec"]["endpoints"]
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}
    assert _document("horizontalpodautoscaler.yaml")["spec"]["scaleTargetRef"]["name"] == "edgeocr"
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert _container()[probe]["httpGet"] == {"path": "/readyz", "port": "metrics"}


def test_the_service_is_the_monitors_own():
    # kustomize gives the label to everything.
    (labels,) = _document("kustomization.yaml")["labels"]

    assert _document("servicemonitor.yaml")["spec"]["selector"]["matchLabels"] == labels["pairs"]


def test_the_autoscaler_goes_by_metrics_that_the_server_has():
    with ServerProcess() as server:
        offered = {name.partition("[")[0] for name in server.metrics()}
    rules = yaml.safe_load((DEPLOY / "kubernetes/prometheus-adapter.yaml").read_text())["rules"]
    names = {}
    for rule in rules:
        series = rule["seriesQuery"].partition("{")[0]
        asked = {series, *re.findall(r"\bedgeocr_\w+", rule["metricsQuery"])}
        assert asked <= offered
        names[rule.get("name", {}).get("as", series)] = rule

    metrics = _document("horizontalpodautoscaler.yaml")["spec"]["metrics"]

    assert {metric["pods"]["metric"]["name"] for metric in metrics} == set(names)
