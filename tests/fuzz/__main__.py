"""Fuzzes one target: `python -m tests.fuzz TARGET CORPUS [libFuzzer's flags]`."""

import sys

import atheris

with atheris.instrument_imports(include=["edgeocr.model", "edgeocr.server", "tests.fuzz.targets"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
