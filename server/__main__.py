"""`python -m edgeocr.server`, the same as `edgeocr serve`."""

import argparse
import signal
import sys

from edgeocr.extras import MissingExtra, load_extra

# It would end the process until the command has a handler, while all weights are still to be loaded.
signal.signal(signal.SIGHUP, signal.SIG_IGN)

try:
    command = load_extra("edgeocr.server.command", "server", "edgeocr serve")
except MissingExtra as error:
    sys.exit(f"edgeocr: {error}")
parser = argparse.ArgumentParser(prog="edgeocr serve", description=command.SUMMARY)
command.add_arguments(parser)
sys.exit(command.run(parser.parse_args()))
