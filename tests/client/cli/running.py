"""`edgeocr read`, run in this process."""

from edgeocr.client.cli.main import main


def run(server, *arguments):
    return main(["read", "--target", server.target, *arguments])
