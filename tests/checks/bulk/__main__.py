"""Reads archives with `edgeocr bulk` as users do, with Ray: it takes some minutes.

    python -m tests.checks.bulk [--pages NUMBER] [--only WAY …]

speed: as many pages as `edgeocr read --local` on the same files, in turn, and the strings of both.
resume: ended with SIGKILL half-way and started again, with nothing missing and nothing twice.
worker: one process is ended with SIGKILL, and what it was at is read by another.
url: from and to an S3 server on loopback, which counts what is fetched.
token: Ray runs nothing for processes without the run's token.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from tests.checks.bulk.processes import readers
from tests.checks.bulk.s3 import S3Server
from tests.checks.bulk.token_access import address, gets_in, new_token
from tests.checks.proof.rig.material import unique_page, unique_texts

_EDGEOCR = str(Path(sys.executable).with_name("edgeocr"))
_WORKERS = 2
_PART_FILES = 4
_LONGER = 3
"""Times as many pages where speed is measured, so that starting weighs little."""
_LINES_A_PAGE = 8
_TIMEOUT_SECONDS = 900
_END_SECONDS = 60


def make_archive(folder: Path, pages: int) -> dict[str, str]:
    """Pages in folders of a hundred, and the text of each by its path."""
    texts = unique_texts(pages * _LINES_A_PAGE)
    expected = {}
    for number in range(pages):
        own = texts[number * _LINES_A_PAGE : (number + 1) * _LINES_A_PAGE]
        path = folder / f"{number // 100:03}" / f"{number:05}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(unique_page(own))
        expected[str(path)] = "\n".join(own)
    return expected


def bulk(source: str, output: str, environment: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    """The command, begun, with further variables."""
    command = [_EDGEOCR, "bulk", source, "--output", output]
    command += ["--workers", str(_WORKERS), "--part-files", str(_PART_FILES)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | (environment or {}))


def finish(process: "subprocess.Popen[str]") -> str:
    """Waits for the command, which has to end well; what it said."""
    _, said = process.communicate(timeout=_TIMEOUT_SECONDS)
    assert process.returncode == 0, f"exit code {process.returncode}: {said}"
    return said.splitlines()[-1]


def rows(output: Path) -> list[dict[str, str]]:
    """Path and text of every row in finished parts."""
    parts = sorted(output.glob("part-*.parquet"))
    return [row for part in parts for row in pq.read_table(part, columns=["path", "text"]).to_pylist()]


def wait_for_rows(output: Path, least: int) -> int:
    """Waits until so many rows are in parts; how many there are."""
    end = time.monotonic() + _TIMEOUT_SECONDS
    while (found := len(rows(output))) < least:
        assert time.monotonic() < end, f"{found} rows after {_TIMEOUT_SECONDS} s"
        time.sleep(0.1)
    return found


def faults(found: Sequence[dict[str, str]], expected: dict[str, str]) -> list[str]:
    """Files that are missing or there twice."""
    paths = [row["path"] for row in found]
    missing = [f"{path} is missing" for path in expected if path not in set(paths)]
    return missing + [f"{path} is there twice" for path in set(paths) if paths.count(path) > 1]


def speed(folder: Path, pages: int) -> list[str]:
    pages *= _LONGER
    expected = make_archive(folder / "archive", pages)
    begun = time.monotonic()
    served, local = _read_locally(folder / "archive")
    middle = time.monotonic()
    print(finish(bulk(str(folder / "archive"), str(folder / "out"))))
    ended = time.monotonic()
    found = {row["path"]: row["text"] for row in rows(folder / "out")}
    alike = sum(found[path] == served[path] for path in served)
    right = sum(found[path] == text for path, text in expected.items())
    several = _steady([(part.stat().st_mtime, _pages(part)) for part in (folder / "out").glob("part-*.parquet")])
    print(
        f"{pages} pages: edgeocr read --local {pages / (middle - begun):.1f} pages/s, "
        f"edgeocr bulk {pages / (ended - middle):.1f} pages/s, starts included; "
        f"without the first quarter {local:.1f} and {several:.1f}, a ratio of {several / local:.2f}; "
        f"{alike} pages alike, {right} as they were drawn"
    )
    return faults(rows(folder / "out"), expected) + ([] if alike == pages else ["both read differently"])


def _read_locally(archive: Path) -> tuple[dict[str, str], float]:
    """The text of each page by `edgeocr read --local`, and its steady pages per second."""
    command = [_EDGEOCR, "read", "--local", "--format", "jsonl", str(archive)]
    texts, events = {}, []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            events.append((time.monotonic(), 1))
            answer = json.loads(line)
            texts[answer["path"]] = "\n".join(one["text"] for page in answer["pages"] for one in page["lines"])
    assert process.returncode == 0
    return texts, _steady(events)


def _steady(events: Sequence[tuple[float, int]]) -> float:
    """Pages a second after the first quarter, when all that reads has started; from times and pages done then."""
    ordered = sorted(events)
    first = len(ordered) // 4
    return sum(pages for _, pages in ordered[first + 1 :]) / (ordered[-1][0] - ordered[first][0])


def _pages(part: Path) -> int:
    count: int = pq.read_metadata(part).num_rows
    return count


def resume(folder: Path, pages: int) -> list[str]:
    expected = make_archive(folder / "archive", pages)
    output = folder / "out"
    process = bulk(str(folder / "archive"), str(output))
    wait_for_rows(output, pages // 2)
    reading = readers(process.pid)
    process.kill()
    process.wait()
    _wait_for_end(reading)
    before = rows(output)
    said = finish(bulk(str(folder / "archive"), str(output)))
    after = rows(output)
    # What was in a part is not touched, and what was not is read in the second run.
    kept = sum(row in after for row in before)
    print(f"killed after {len(before)} of {pages} pages; then: {said}; {kept} kept, {len(after)} in the end")
    now = int(said.split()[0])
    again = [] if now == pages - len(before) else [f"{now} files were read again, {pages - len(before)} were left"]
    again += [] if now else ["it was killed too late"]
    return faults(after, expected) + again + ([] if kept == len(before) else ["what was done is not there"])


def _wait_for_end(processes: Sequence[int]) -> None:
    """Whoever reads ends soon after the one that started it."""
    end = time.monotonic() + _END_SECONDS
    while any(Path(f"/proc/{number}/exe").exists() for number in processes):
        assert time.monotonic() < end, "readers live on"
        time.sleep(0.2)


def worker(folder: Path, pages: int) -> list[str]:
    expected = make_archive(folder / "archive", pages)
    output = folder / "out"
    process = bulk(str(folder / "archive"), str(output))
    wait_for_rows(output, pages // 4)
    os.kill(readers(process.pid)[0], signal.SIGKILL)
    said = finish(process)
    print(f"one of {_WORKERS} processes killed: {said}")
    return faults(rows(output), expected)


def url(folder: Path, pages: int) -> list[str]:
    expected = make_archive(folder / "archive", pages)
    with S3Server(folder / "archive", "scans") as server:
        said, again = (finish(bulk("s3://scans", "s3://results/out", server.environment)) for _ in range(2))
        server.download("results", "out", folder / "out")
        fetched = server.fetched("scans")
    print(f"from and to S3: {said}; then {again}; {max(fetched.values())} times at most was a file fetched")
    found = [
        {**row, "path": row["path"].replace("s3://scans", str(folder / "archive"))} for row in rows(folder / "out")
    ]
    twice = [name for name, times in fetched.items() if times > 1]
    wrong = [row["path"] for row in found if row["text"] != expected[row["path"]]]
    print(f"{len(found) - len(wrong)} of {pages} pages as they were drawn")
    return faults(found, expected) + [f"{name} was fetched twice" for name in twice]


def token(folder: Path, pages: int) -> list[str]:
    make_archive(folder / "archive", pages)
    own = new_token()
    process = bulk(str(folder / "archive"), str(folder / "out"), own)
    wait_for_rows(folder / "out", 1)
    # It must not end before all have tried.
    reading = readers(process.pid)
    for number in reading:
        os.kill(number, signal.SIGSTOP)
    where = address(process.pid)
    entered = [gets_in(where, environment) for environment in ({"RAY_AUTH_MODE": "disabled"}, new_token())]
    control = gets_in(where, own)
    for number in reading:
        os.kill(number, signal.SIGCONT)
    finish(process)
    print(f"access to Ray: {sum(entered)} of 2 without the token; with it: {control}")
    return ["access without the token"] if any(entered) else [] if control else ["no access with the token"]


WAYS: dict[str, Callable[[Path, int], list[str]]] = {
    "speed": speed,
    "resume": resume,
    "worker": worker,
    "url": url,
    "token": token,
}


def main() -> int:
    """The command; 0 if all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200, help="of each way, thrice for speed (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=WAYS, default=list(WAYS))
    arguments = parser.parse_args()
    failures = []
    for name in arguments.only:
        print(f"{name}:", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            failures += [f"{name}: {fault}" for fault in WAYS[name](Path(folder), arguments.pages)]
    for failure in failures:
        print(f"FAILED {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
