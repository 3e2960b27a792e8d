"""Drives a container from this machine with the client, and compares it with a server of this machine."""

import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from edgeocr.client import Client
from edgeocr.client.options import Mode
from tests.checks.image.container import Container
from tests.checks.proof.rig.material import TEXTS, unique_texts
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess

_TIMEOUT_SECONDS = 600.0
"""Of one image on an emulated CPU that others use as well."""
_MACHINES = {"arm64": "aarch64", "amd64": "x86_64"}
_SAMPLES = Path("docs/samples")


@dataclass(frozen=True)
class Work:
    """An image and how it is read."""

    name: str
    data: bytes
    mode: Mode


def material(lines: int) -> list[Work]:
    """Lines in Chinese and English of several sizes, pages, and a PDF file of two pages, one drawn and one scanned."""
    chance = random.Random(7)
    texts = [*TEXTS, *(f"{text} {chance.choice(TEXTS)}" for text in unique_texts(lines - len(TEXTS)))]
    work = [Work(f"line {text!r}", encoded(line(text, chance.randint(18, 44))), "line") for text in texts[:lines]]
    work += [Work(path.name, path.read_bytes(), "page") for path in sorted(_SAMPLES.iterdir()) if path.stem != "line"]
    scanned = page([("Scanned page 扫描页", (30, 40)), ("second line 第二行", (30, 120))], 400, 200)
    pages = [PdfPageSpec([("Drawn page", 40, 90), ("of a PDF file", 40, 40)]), PdfPageSpec(image=scanned)]
    return [*work, Work("a PDF file", pdf(pages), "page")]


def read(target: str, work: Sequence[Work]) -> Iterator[list[str]]:
    """The strings of each."""
    with Client(target, timeout_seconds=_TIMEOUT_SECONDS) as client:
        for each in work:
            document = client.read(each.data, mode=each.mode)
            yield [line.text for read_page in document.pages for line in read_page.lines]


def compare(container: Container, work: Sequence[Work]) -> list[str]:
    """Every string here and there; what differs."""
    with ServerProcess() as here:
        expected = list(read(here.target, work))
    found = read(container.target, work)
    differences = [
        f"{each.name}: here {wanted}, there {got}"
        for each, wanted, got in zip(work, expected, found, strict=True)
        if got != wanted
    ]
    strings = sum(map(len, expected))
    characters = sum(len(text) for texts in expected for text in texts)
    counts = {kind: sum(each.mode == kind for each in work) for kind in ("line", "page")}
    print(f"{strings} strings with {characters} characters of {counts['line']} lines and {counts['page']} documents "
          f"compared: {len(differences)} images differ")  # fmt: skip
    if strings < len(work):
        differences.append("images gave no strings")
    return differences


def watch(container: Container, sent: int, machine: str) -> list[str]:
    """What the metrics should contain and do not."""
    samples = {
        (sample.name, *sorted(sample.labels.values())): (sample.value, sample.labels)
        for family in text_string_to_metric_families(container.scrape())
        for sample in family.samples
    }
    done = sum(value for (name, *labels), (value, _) in samples.items() if name == "edgeocr_request_duration_seconds_count" and "OK" in labels)  # fmt: skip  # noqa: E501
    (build,) = [labels for (name, *_), (_, labels) in samples.items() if name == "edgeocr_build_info"]
    budget, _ = samples["edgeocr_memory_bytes", "budget"]
    print(f"metrics: {done:.0f} images answered, budget {budget / (1 << 20):.0f} MiB, {build}")
    faults = [] if done == sent else [f"metrics count {done:.0f} images of {sent}"]
    faults += [] if build["arch"] == machine else [f"metrics say {build['arch']}"]
    return faults + ([] if budget <= container.limit_mib << 20 else ["the budget is beyond the limit"])


def drain(container: Container, work: Work) -> list[str]:
    """SIGTERM while an image is read: it has to be answered, and the container to end with 0."""
    answered: list[list[str]] = []
    while True:
        reading = threading.Thread(target=lambda: answered.extend(read(container.target, [work])))
        reading.start()
        if _is_seen_busy(container, reading):
            break
        # It was read before anybody looked.
        answered.clear()
    container.terminate()
    reading.join(_TIMEOUT_SECONDS)
    code = container.exit_code(_TIMEOUT_SECONDS)
    print(f"SIGTERM while {work.name} was read: {len(answered)} of 1 answered, exit code {code}")
    return [] if answered and code == 0 else ["SIGTERM lost an image, or the container did not end well"]


def _is_seen_busy(container: Container, reading: threading.Thread) -> bool:
    while reading.is_alive():
        if "edgeocr_workers_busy 1" in container.scrape():
            return True
        threading.Event().wait(0.005)
    return False


def run(architecture: str, lines: int) -> list[str]:
    """All of it; what is amiss."""
    work = material(lines)
    with Container(architecture, "--workers", "2", "--drain-seconds", "300") as container:
        started = f"{container.start_seconds:.1f} s after its start, within {container.limit_mib} MiB"
        print(f"{architecture}: SERVING {started}, file system read-only")
        code = container.check_health()
        faults = [] if code == 0 else [f"its own check of its health gave {code}"]
        print(f"its own check of its health: exit code {code}")
        faults += compare(container, work)
        faults += watch(container, len(work), _MACHINES[architecture])
        peak = container.peak_mib()
        faults += drain(container, next(each for each in work if each.mode == "page"))
        print(f"most memory in its control group: {peak:.0f} MiB, an emulator's own included")
        state = container.state()
        faults += ["its file system could be written"] if not state["HostConfig"]["ReadonlyRootfs"] else []
        faults += ["it was killed for its memory"] if state["State"]["OOMKilled"] else []
    return faults
