"""The contracts compile with nothing but themselves, and say what compilers of other languages want to know."""

import re
from pathlib import Path

import pytest

PROTO = Path("proto")
OWN = sorted({*PROTO.glob("edgeocr/v1/*.proto"), *PROTO.glob("inference/*.proto")})
BUILT_IN = "google/protobuf/"
"""What every compiler brings along."""


@pytest.mark.parametrize("path", OWN, ids=str)
def test_everything_that_a_contract_imports_is_next_to_it(path):
    waiting, seen = [path], set()
    while waiting:
        text = waiting.pop().read_text("utf-8")
        imported = {name for name in re.findall(r'^import "([^"]+)";', text, re.MULTILINE) if BUILT_IN not in name}
        assert all((PROTO / name).is_file() for name in imported)
        waiting += [PROTO / name for name in imported - seen]
        seen |= imported


@pytest.mark.parametrize("path", OWN, ids=str)
def test_packages_of_go_java_and_csharp_are_named(path):
    text = path.read_text("utf-8")
    for option in ("go_package", "java_package", "java_multiple_files", "csharp_namespace"):
        assert re.search(rf"^option {option} = ", text, re.MULTILINE), option
    # protoc-gen-go takes a path for an import alone.
    assert "/" in re.search(r'go_package = "([^;"]+)', text)[1]


def test_the_vendored_message_is_that_of_the_package():
    from_package = pytest.importorskip("google.rpc.status_pb2").Status.DESCRIPTOR
    text = (PROTO / "google/rpc/status.proto").read_text("utf-8")
    fields = {name: int(number) for name, number in re.findall(r"^  [\w. ]+ (\w+) = (\d);", text, re.MULTILINE)}
    assert fields == {field.name: field.number for field in from_package.fields}
