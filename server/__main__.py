"""`python -m edgeocr.server`, the same as `edgeocr serve`."""

import argparse
import signal
import sys

from edgeocr.commands import COMMANDS
from edgeocr.extras import MissingExtra, load_extra

# Until the command installs a handler, which it does while loading, SIGHUP would end the process.
signal.signal(signal.SIGHUP, signal.SIG_IGN)

parser = argparse.ArgumentParser(prog="edgeocr serve", description=COMMANDS["serve"].summary)
try:
    load_extra("edgeocr.server.arguments", "server", "edgeocr serve").add_arguments(parser)
    arguments = parser.parse_args()
    command = load_extra("edgeocr.server.command", "server", "edgeocr serve")
except MissingExtra as error:
    sys.exit(f"edgeocr: {error}")
sys.exit(command.run(arguments))
