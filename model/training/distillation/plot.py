"""Plots the log of a run: parts of the loss, and accuracy on validation lines."""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # the backend has to be chosen first


def plot(log: Path, picture: Path) -> None:
    """Plot a log.jsonl: loss on the left in logarithmic scale, line accuracy in % on the right."""
    entries = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    for part in ("feature", "teacher", "truth"):
        left.plot([e["step"] for e in entries], [e[part] for e in entries], label=part)
    left.set(yscale="log", xlabel="step", ylabel="loss", title="Loss, mean of a round")
    left.legend()
    validated = [e for e in entries if "validation" in e]
    for kind in sorted({kind for e in validated for kind in e["validation"]}):
        points = [(e["step"], 100 * e["validation"][kind]) for e in validated if kind in e["validation"]]
        right.plot(*zip(*points, strict=True), label=kind)
    right.set(xlabel="step", ylabel="lines right, %", title="Synthetic validation lines")
    right.legend(fontsize=7, ncols=2)
    figure.tight_layout()
    figure.savefig(picture, dpi=110)
    plt.close(figure)


def main() -> None:
    """Write the plot of a log."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    arguments = parser.parse_args()
    plot(arguments.log, arguments.to)


if __name__ == "__main__":
    main()
