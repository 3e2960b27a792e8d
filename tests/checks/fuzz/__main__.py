"""Fuzzes one target: `python -m tests.checks.fuzz TARGET CORPUS [libFuzzer's flags]`."""

import sys

import atheris
import cv2

with atheris.instrument_imports(include=["edgeocr.model", "edgeocr.server", "multipart", "tests.checks.fuzz"]):
    from tests.checks.fuzz.targets import TARGETS


def main() -> None:
    name = sys.argv.pop(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
