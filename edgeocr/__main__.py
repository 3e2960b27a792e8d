"""The program `edgeocr`, which is `python -m edgeocr` as well."""

import signal
import sys
from importlib import import_module


def main() -> int:
    """Runs the program, and returns its exit code."""
    if sys.argv[1:2] == ["serve"]:
        # It would end the process until the command has a handler, while all weights are still to be loaded.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    code: int = import_module("edgeocr.client.cli.main").main()
    return code


if __name__ == "__main__":
    sys.exit(main())
