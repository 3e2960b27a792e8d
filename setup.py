"""Generates the protobuf and gRPC stubs as part of every build; all other settings are in setup.cfg."""

import re
from importlib.resources import files
from pathlib import Path

from setuptools import Command, setup
from setuptools.command.build import build

PROTO_ROOT = Path("edgeocr/proto")
# The stubs live under edgeocr.proto, but the descriptors must keep their names, such as edgeocr/v1/ocr.proto, which
# reflection and other languages go by. So the import path is mended after generation.
PROTO_IMPORT = re.compile(r"^(from|import) (edgeocr|inference)\b", re.MULTILINE)


class BuildProto(Command):
    """Compiles proto/ into the source tree for an editable install, and into build_lib otherwise."""

    description = "generate protobuf and gRPC stubs"
    editable_mode = False

    def initialize_options(self) -> None:
        self.build_lib: str | None = None

    def finalize_options(self) -> None:
        self.set_undefined_options("build_py", ("build_lib", "build_lib"))

    def run(self) -> None:
        from grpc_tools import protoc

        if self.editable_mode:
            target = PROTO_ROOT
        else:
            target = Path(str(self.build_lib)) / "edgeocr" / "proto"
            target.mkdir(parents=True, exist_ok=True)
        includes = [PROTO_ROOT, files("grpc_tools") / "_proto"]
        sources = own_sources()
        arguments = [
            "protoc",
            *(f"-I{include}" for include in includes),
            *(f"--{kind}_out={target}" for kind in ("python", "grpc_python", "mypy", "mypy_grpc")),
            *map(str, sources),
        ]
        if protoc.main(arguments) != 0:
            raise SystemExit("protoc failed: see its messages above")
        for generated in (path for source in sources for path in generated_from(source, target)):
            generated.write_text(PROTO_IMPORT.sub(r"\1 edgeocr.proto.\2", generated.read_text()))

    def get_source_files(self) -> list[str]:
        return [str(path) for path in own_sources()]

    def get_outputs(self) -> list[str]:
        return []

    def get_output_mapping(self) -> dict[str, str]:
        return {}


def own_sources() -> list[Path]:
    """The contracts, without what is there for other languages' compilers: Python has it from a package."""
    return sorted(set(PROTO_ROOT.rglob("*.proto")) - set(PROTO_ROOT.glob("google/**/*.proto")))


def generated_from(source: Path, target: Path) -> list[Path]:
    """The stubs that protoc writes for one .proto file."""
    stem = target / source.relative_to(PROTO_ROOT).with_suffix("")
    return [stem.with_name(stem.name + ending) for ending in ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", "_pb2_grpc.pyi")]


class Build(build):
    """A build that begins with the stubs."""

    sub_commands = [("build_proto", None), *build.sub_commands]


setup(cmdclass={"build": Build, "build_proto": BuildProto})
