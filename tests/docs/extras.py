"""Stands in for pip in the examples: fails where a requirement of this project names an extra that it does not have."""

import configparser
import os
import re
import sys
from pathlib import Path


def missing_extras(arguments: list[str], declared: set[str]) -> set[str]:
    """Extras that requirements among pip's arguments ask of this project, and that it has not."""
    asked = re.findall(r"(?:^|\s)(?:\.|\S*edgeocr[^\[\s]*)\[([\w,-]+)\]", "\n".join(arguments))
    return {extra for extras in asked for extra in extras.split(",")} - declared


if __name__ == "__main__":
    setup = configparser.ConfigParser()
    setup.read(Path(os.environ["PROJECT"]) / "setup.cfg", "utf-8")
    if missing := missing_extras(sys.argv[1:], set(setup["options.extras_require"])):
        sys.exit(f"there is no extra {', '.join(sorted(missing))}")
