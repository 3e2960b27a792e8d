"""Checks what puts the server on machines: `python -m tests.checks.deploying PYTHON`, where PYTHON has the schemas.

systemd's own tools judge the units, kustomize builds the overlays, published schemas judge what it builds and the
Compose files, and a server reads under the strictest of the units' settings. Nothing is started by systemd, Kubernetes
or Compose.
"""

import subprocess
import sys

from tests.checks.deploying import units


def main() -> int:
    """The command; 0 if nothing is amiss."""
    good = [units.check(), units.check_memory_protection()]
    good.append(subprocess.run([sys.argv[1], "-m", "tests.checks.deploying.schemas"], check=False).returncode == 0)
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
