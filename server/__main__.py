"""`python -m edgeocr.server`, the same as `edgeocr serve`."""

import argparse
import sys

from edgeocr.extras import MissingExtra, load_extra

try:
    command = load_extra("edgeocr.server.command", "server", "edgeocr serve")
except MissingExtra as error:
    sys.exit(f"edgeocr: {error}")
parser = argparse.ArgumentParser(prog="edgeocr serve", description=command.SUMMARY)
command.add_arguments(parser)
sys.exit(command.run(parser.parse_args()))
