"""`python -m edgeocr.server`, the same as `edgeocr serve`."""

import argparse
import signal
import sys
from importlib import import_module

# It would end the process until the command has a handler, while all weights are still to be loaded.
signal.signal(signal.SIGHUP, signal.SIG_IGN)

command = import_module("edgeocr.server.command")
parser = argparse.ArgumentParser(prog="edgeocr serve", description=command.SUMMARY)
command.add_arguments(parser)
sys.exit(command.run(parser.parse_args()))
