"""Asks a real server all that its description allows, and more, with Schemathesis; `make web-check` runs it.

What is sent as images is anything: most of it is refused, and none of it may fail the server or be answered otherwise
than the description says.
"""

import argparse
import subprocess
import sys

from tests.support.serving import ServerProcess

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "negative_data_rejection",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="for each phase of each path")
    examples = parser.parse_args().examples
    with ServerProcess("--http", "127.0.0.1:0") as server:
        command = [
            sys.executable, "-m", "schemathesis.cli", "run", f"{server.http}/api/openapi.json",
            "--checks", ",".join(CHECKS), "--max-examples", str(examples), "--generation-database", "none",
        ]  # fmt: skip
        failed = subprocess.run(command, check=False).returncode
    traces = [row for row in server.log if "Traceback" in row]
    print(f"traces in the server's log: {len(traces)}")
    return failed or len(traces)


if __name__ == "__main__":
    sys.exit(main())
