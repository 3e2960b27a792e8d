"""Memory beside the budget while many HTTP clients send large files, batches, base64 and halves of files."""

import argparse
import base64
import json
import random
import socket
import threading
import time
from collections import Counter

import cv2
import httpx
import numpy as np

from tests.support.rendering import encoded, page
from tests.support.serving import ServerProcess

DENSE = encoded(page([(f"Line number {number} of many", (40, 40 * number)) for number in range(14)]))


def noise(side: int) -> bytes:
    """A PNG file that cannot be packed, of three bytes a pixel."""
    pixels = np.random.default_rng(side).integers(0, 256, (side, side, 3), np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


LARGE, MIDDLE = noise(2000), noise(900)


def post(url: str) -> str:
    """One request of some kind; what came of it."""
    kind = random.choice(("large", "batch", "base64", "stream", "half"))
    if kind == "half":
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            head = "POST /api/ocr HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
            connection.sendall(f"{head}Content-Length: {len(LARGE)}\r\n\r\n".encode())
            connection.sendall(LARGE[: len(LARGE) // 2])
            time.sleep(0.5)
        return "half"
    if kind == "base64":
        body = json.dumps({"image": [base64.b64encode(MIDDLE).decode()] * 2})
        answer = httpx.post(f"{url}/api/ocr", content=body, headers={"Content-Type": "application/json"}, timeout=120)
    else:
        images = {"large": [LARGE], "batch": [MIDDLE, DENSE] * 4, "stream": [DENSE, MIDDLE]}[kind]
        query = "?stream=1" if kind == "stream" else ""
        answer = httpx.post(f"{url}/api/ocr{query}", files=[("image", ("i", one)) for one in images], timeout=120)
    return f"{kind} {answer.status_code}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=32)
    asked = parser.parse_args()
    outcomes: Counter[str] = Counter()
    with ServerProcess("--http", "127.0.0.1:0") as server:
        end = time.monotonic() + asked.seconds

        def send() -> None:
            while time.monotonic() < end:
                try:
                    outcomes[post(server.http)] += 1
                except httpx.HTTPError as error:
                    outcomes[type(error).__name__] += 1

        threads = [threading.Thread(target=send) for _ in range(asked.clients)]
        for thread in threads:
            thread.start()
        most = 0.0
        while any(thread.is_alive() for thread in threads):
            metrics = server.metrics()
            most = max(most, metrics["process_resident_memory_bytes"])
            time.sleep(0.05)
        time.sleep(1)
        metrics = server.metrics()
        budget = metrics["edgeocr_memory_bytes[kind=budget]"]
        held = {use: metrics[f"edgeocr_admitted_bytes[use={use}]"] for use in ("arriving", "waiting", "running")}
        print(f"most resident: {most / 2**20:.0f} MiB of a budget of {budget / 2**20:.0f} MiB; held in the end: {held}")
        print(", ".join(f"{name}: {count}" for name, count in sorted(outcomes.items())))


if __name__ == "__main__":
    main()
