"""Builds the image for aarch64 on this machine, and tries it on an emulated CPU.

    python -m tests.checks.image build
    python -m tests.checks.image try [--lines NUMBER]

Needs root and an x86-64 Debian with podman, buildah, runc and mmdebstrap, and no registry: the base images are made of
Debian's packages for aarch64. QEMU, as a Neoverse N1, is unpacked into the cache and made known to the kernel while
this runs. Emulation proves function and no time.
"""

import argparse
import io
import subprocess
import sys
from pathlib import Path

from tests.checks.arm64 import debian
from tests.checks.arm64 import errors as emulation_errors
from tests.checks.image import contents, drive
from tests.checks.image.build import IMAGE, build, check_tools
from tests.checks.image.emulation import emulated
from tests.checks.image.errors import Missing

_LEAST_LINES = 10


def main() -> int:
    """The command; 0 if all is as it should be, 1 if not, 2 if it cannot be tried here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("build", "try"))
    parser.add_argument("--cache", type=Path, default=Path("build/image"), help="(default: %(default)s)")
    parser.add_argument("--lines", type=int, default=24, help="lines to read beside the pages (default: %(default)s)")
    arguments = parser.parse_args()
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=True)
    try:
        check_tools()
        qemu = debian.emulator_package(arguments.cache / "qemu") / "qemu-aarch64"
        with emulated(qemu):
            if arguments.command == "build":
                return _build(arguments.cache)
            faults = contents.check() + drive.run(max(arguments.lines, _LEAST_LINES))
    except (Missing, emulation_errors.Missing) as missing:
        print(f"not run: {missing}", file=sys.stderr)
        return 2
    for fault in faults:
        print(f"FAILED {fault}")
    return 1 if faults else 0


def _build(cache: Path) -> int:
    try:
        built = build(cache)
    except subprocess.CalledProcessError as error:
        print(f"FAILED {error.cmd[0]} ended with {error.returncode}")
        return 1
    layers = " + ".join(f"{size / 1e6:.0f}" for size in built.layers)
    print(f"{IMAGE}: {built.size_bytes / 1e6:.0f} MB (layers {layers}), built in {built.seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
