"""`python -m edgeocr.server`, the same as `edgeocr serve`."""

import argparse
import sys

from edgeocr.server import command

parser = argparse.ArgumentParser(prog="edgeocr serve", description=command.SUMMARY)
command.add_arguments(parser)
sys.exit(command.run(parser.parse_args()))
