"""A real server with something wrong, or with its reading replaced: what gates must notice, and what they need.

    python -m tests.checks.proof.rig.faulty_server --fault leak [--fault …] [arguments of `edgeocr serve`]

Each fault alters the server's own classes in this process; the product knows nothing of it.
"""

import argparse
import sys

from edgeocr.server import command
from edgeocr.server.arguments import add_arguments
from tests.checks.proof.rig import faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fault", action="append", default=[], choices=sorted(faults.FAULTS), help="what is wrong")
    add_arguments(parser)
    arguments = parser.parse_args()
    for name in arguments.fault:
        faults.FAULTS[name]()
    return command.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
