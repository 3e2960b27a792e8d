"""Builds the image for aarch64 and x86-64 on this machine, and tries it, for aarch64 on an emulated CPU.

    python -m tests.checks.image build [--anew] [--architectures …]
    python -m tests.checks.image try [--lines NUMBER] [--architectures …]

Both images are put into one manifest list, in an OCI layout, with a bill of materials (CycloneDX) beside it.

Needs root and an x86-64 Debian with podman, buildah, runc and mmdebstrap, and no registry: the base images are made of
Debian's packages. QEMU, as a Neoverse N1, is unpacked into the cache and made known to the kernel while
this runs. Emulation proves function and no time.
"""

import argparse
import io
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.checks.arm64 import errors as emulation_errors
from tests.checks.arm64.emulator import debian
from tests.checks.image import contents, drive
from tests.checks.image.build import ARCHITECTURES, LIST, assemble, build, check_tools, image, inspect
from tests.checks.image.emulation import emulated
from tests.checks.image.errors import Missing
from tests.checks.image.materials import write_materials

_LEAST_LINES = 10


def main() -> int:
    """The command; 0 if all is as it should be, 1 if not, 2 if it cannot be tried here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("build", "try"))
    parser.add_argument("--cache", type=Path, default=Path("build/image"), help="(default: %(default)s)")
    parser.add_argument("--lines", type=int, default=24, help="lines to read beside the pages (default: %(default)s)")
    parser.add_argument("--architectures", nargs="+", choices=ARCHITECTURES, default=ARCHITECTURES)
    parser.add_argument(
        "--anew", action="store_true", help="build once more, and compare the layers with the last ones"
    )
    arguments = parser.parse_args()
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=True)
    try:
        check_tools()
        qemu = debian.emulator_package(arguments.cache / "qemu") / "qemu-aarch64"
        with emulated(qemu):
            if arguments.command == "build":
                return _build(arguments.cache, arguments.architectures, anew=arguments.anew)
            lines = max(arguments.lines, _LEAST_LINES)
            faults = []
            for architecture in arguments.architectures:
                faults += contents.check(architecture) + drive.run(architecture, lines)
    except (Missing, emulation_errors.Missing) as missing:
        print(f"not run: {missing}", file=sys.stderr)
        return 2
    for fault in faults:
        print(f"FAILED {fault}")
    return 1 if faults else 0


def _build(cache: Path, architectures: Sequence[str], *, anew: bool) -> int:
    for architecture in architectures:
        before = inspect(architecture)["RootFS"]["Layers"] if anew else []
        try:
            built = build(cache, architecture, anew=anew)
        except subprocess.CalledProcessError as error:
            print(f"FAILED {error.cmd[0]} ended with {error.returncode}")
            return 1
        layers = " + ".join(f"{size / 1e6:.0f}" for size in built.layers)
        print(
            f"{image(architecture)}: {built.size_bytes / 1e6:.0f} MB (layers {layers}), built in {built.seconds:.0f} s"
        )
        if anew:
            same = sum(one == other for one, other in zip(before, built.digests, strict=True))
            print(f"{architecture}: {same} of {len(built.digests)} layers are the same as before")
    if set(architectures) == set(ARCHITECTURES):
        sizes = assemble((cache / "layout").absolute())
        print(f"{LIST}: {', '.join(f'{name} {size / 1e6:.0f} MB' for name, size in sizes.items())}, compressed")
    materials = cache / "edgeocr.cdx.json"
    print(f"{materials}: {write_materials(materials)} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
