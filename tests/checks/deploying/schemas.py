"""Checks the Kubernetes and Compose files against what is published of their formats.

    PYTHON -m tests.checks.deploying.schemas

PYTHON is an interpreter that has kubectl, which is kustomize as well, and the schemas: `make deploy-check` makes one.
Spoiled copies are checked first, and have to be refused.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from cloudcoil.models.prometheus_operator.v1 import ServiceMonitor
from compose_spec import PyCompose
from pydantic import ValidationError

_KUBERNETES = Path("deploy/arm64/kubernetes")
_COMPOSE = Path("deploy/arm64")
_CHART = Path("deploy/arm64/helm/edgeocr")
_HELM = Path("build/helm/layer/helm/helm")
_CHOICES: tuple[tuple[str, ...], ...] = (
    (),
    ("autoscaling.enabled=true", "serviceMonitor.enabled=true"),
    ("http.enabled=true", "http.hosts={ocr.example}", "tls.secretName=tls", "tokens.secretName=tokens"),
    ("settings.queue_images=96", "image.tag=1.2.3", "networkPolicy.enabled=false"),
)
_VERSIONS = ("1.31", "1.34", "1.37")
"""Of Kubernetes: the oldest that knows every field, and the newest that there is a schema of."""

Document = dict[str, Any]
Check = Callable[[Document], str | None]
"""What is wrong with a document, or None."""


def built(folder: Path) -> list[Document]:
    """What kustomize makes of a folder."""
    kubectl = Path(sys.executable).with_name("kubectl")
    done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(done.stdout))


def built_with(component: Path, folder: Path) -> list[Document]:
    """What kustomize makes of an overlay on a folder that names a component as well."""
    with tempfile.TemporaryDirectory() as overlay:
        named = {"resources": [folder], "components": [component]}
        paths = {key: [os.path.relpath(path.resolve(), Path(overlay).resolve())] for key, (path,) in named.items()}
        Path(overlay, "kustomization.yaml").write_text(yaml.safe_dump(paths))
        return built(Path(overlay))


def charted(*choices: str) -> list[Document]:
    """What Helm makes of the chart with some values set, once it has found nothing to complain of."""
    values = [argument for choice in choices for argument in ("--set", choice)]
    subprocess.run([_HELM, "lint", "--strict", "--quiet", _CHART, *values], check=True)
    done = subprocess.run([_HELM, "template", "ocr", _CHART, *values], capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(done.stdout))


def refuses_unknown_values() -> bool:
    """Whether a value that the chart does not know is refused."""
    done = subprocess.run([_HELM, "template", "ocr", _CHART, "--set", "replica=3"], capture_output=True, check=False)
    print(f"| chart with an unknown value | | {'refused' if done.returncode else 'NOT REFUSED'} |")
    return done.returncode != 0


def kubernetes(document: Document) -> str | None:
    """By Kubernetes' own schemas, which no further field passes; the operator's kind by models made from its own."""
    if document["kind"] == "ServiceMonitor":
        return _operator(document)
    try:
        for version in _VERSIONS:
            kubernetes_validate.validate(document, version, strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.InvalidSchemaError) as error:
        return f"{error}".splitlines()[0]
    return None


def _operator(document: Document) -> str | None:
    try:
        read = ServiceMonitor.model_validate(document).model_dump(mode="json", by_alias=True, exclude_unset=True)
    except ValidationError as error:
        return str(error)
    # Unknown fields are left out silently.
    return None if read == document else "has fields that the kind does not have"


def compose(document: Document) -> str | None:
    """By the Compose specification; networks have to be declared, and services that are extended have to be there."""
    try:
        # From JSON: the package's own reader of YAML does not merge anchors.
        PyCompose.from_json(json.dumps(document)).validate()
    except ValueError as error:
        return str(error)
    for name, service in document["services"].items():
        if extended := service.get("extends"):
            others = yaml.safe_load((_COMPOSE / extended["file"]).read_text())["services"]
            if extended["service"] not in others:
                return f"{name} extends what is not there"
    return None


def check(name: str, documents: Sequence[Document], judge: Check) -> bool:
    """Prints a row for each document; whether all are valid."""
    valid = True
    for document in documents:
        fault = judge(document)
        print(f"| {name} | {document.get('kind', 'Compose')} | {fault or 'valid'} |")
        valid = valid and fault is None
    return valid


def controls() -> bool:
    """Whether spoiled copies are refused."""
    kinds = {document["kind"]: document for document in built(_KUBERNETES / "base")}
    analyse_layout = yaml.safe_load((_COMPOSE / "compose.yaml").read_text())
    container = ("spec", "template", "spec", "containers", 0)
    spoiled = [
        (_with(kinds["Deployment"], ("spec", "replicsa"), 2), kubernetes),
        (_with(kinds["Deployment"], (*container, "readOnlyRootFilesystem"), True), kubernetes),
        (_with(kinds["Deployment"], (*container, "livenessProbe", "httpGet"), {}), kubernetes),
        (_with(kinds["HorizontalPodAutoscaler"], ("spec", "maxReplicas"), "many"), kubernetes),
        (_with(kinds["ServiceMonitor"], ("spec", "endpoints", 0, "prot"), "metrics"), kubernetes),
        (_with(kinds["ServiceMonitor"], ("spec", "selector"), None), kubernetes),
        (_with(analyse_layout, ("services", "edgeocr", "mem_limt"), "1g"), compose),
        (_with(analyse_layout, ("services", "edgeocr", "networks"), ["elsewhere"]), compose),
        (_with(analyse_layout, ("services", "edgeocr", "extends", "service"), "nobody"), compose),
    ]
    refused = sum(judge(document) is not None for document, judge in spoiled)
    print(f"controls: {refused} of {len(spoiled)} spoiled documents are refused")
    return refused == len(spoiled)


def _with(document: Document, path: Sequence[str | int], value: object) -> Document:
    """A copy in which something is set."""
    copy = deepcopy(document)
    inner: Any = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


def main() -> int:
    """The command; 0 if all are valid and all controls are refused."""
    valid = [controls()]
    print("| file | kind | verdict |\n| --- | --- | --- |")
    components = sorted((_KUBERNETES / "components").iterdir())
    for folder in (_KUBERNETES / "base", *sorted((_KUBERNETES / "overlays").iterdir())):
        name = str(folder.relative_to(_KUBERNETES))
        valid.append(check(name, built(folder), kubernetes))
        for component in components:
            valid.append(check(f"{name} with {component.name}", built_with(component, folder), kubernetes))
    for choices in _CHOICES:
        valid.append(check(f"chart with {', '.join(choices) or 'its defaults'}", charted(*choices), kubernetes))
    valid.append(refuses_unknown_values())
    for path in sorted(_COMPOSE.glob("compose*.yaml")):
        valid.append(check(path.name, [yaml.safe_load(path.read_text())], compose))
    return 0 if all(valid) else 1


if __name__ == "__main__":
    sys.exit(main())
