"""The commands of the program `edgeocr`, by name: stated here, so that none is loaded to be listed.

A command's exit codes are 0, 1 if something failed, and 2 for a UsageError; `edgeocr serve` has codes of its own.
"""

from dataclasses import dataclass
from importlib.util import find_spec

EXIT_FAILED = 1
"""The exit code of commands of which something failed."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command, whose package has two modules: `arguments`, with `add_arguments(parser)`, and `command`, with
    `run(arguments)`, which returns the exit code.

    Attributes:
        package: the package's full name.
        summary: what the command does, in a few words.
        extra: the extra that it needs, if any.
        requires: a module that comes with this extra alone.
    """

    package: str
    summary: str
    extra: str = ""
    requires: str = ""

    def is_installed(self) -> bool:
        """Whether what it needs is there."""
        return not self.requires or find_spec(self.requires) is not None


class UsageError(Exception):
    """A command's arguments are invalid in a way that only running it shows; the text says how."""


COMMANDS = {
    "bench": Command("edgeocr.client.cli.bench", "put a load on a server and measure it"),
    "bulk": Command(
        "edgeocr.server.bulk", "read archives of images and documents into Parquet, without a server", "bulk", "ray"
    ),
    "doctor": Command(
        "edgeocr.server.doctor",
        "look at this machine: processor, limits, weights, and what to set",
        "server",
        "onnxruntime",
    ),
    "health": Command("edgeocr.client.cli.health", "check whether a server is ready"),
    "info": Command("edgeocr.client.cli.info", "describe a server"),
    "mcp": Command("edgeocr.client.mcp", "read for language models, by the Model Context Protocol", "mcp", "mcp"),
    "read": Command("edgeocr.client.cli.read", "read the text of images and documents"),
    "serve": Command("edgeocr.server", "run the OCR server", "server", "onnxruntime"),
}
