"""Clients that are compiled, with Debian's packages of their languages."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_CLIENTS = Path("examples/clients").absolute()
_CONTRACT = ("proto/edgeocr/v1/ocr.proto", "proto/google/rpc/status.proto")
_JARS = "/usr/share/java/*"
_GO_PACKAGES = "/usr/share/gocode"


@dataclass(frozen=True)
class Compiled:
    """A client.

    Attributes:
        needs: programs and files that have to be there.
        packages: Debian's, that have them.
        build: compiles it in a folder; gives the command that runs it.
    """

    needs: Sequence[str]
    packages: str
    build: Callable[[Path], Sequence[str]]

    def lacks(self) -> str:
        """What is not there, and how to get it; empty if nothing is."""
        lacking = [one for one in self.needs if shutil.which(one) is None and not Path(one).exists()]
        return f"without {', '.join(lacking)}: apt-get install {self.packages}" if lacking else ""


def _go(folder: Path) -> Sequence[str]:
    source, program = folder / "src", folder / "read"
    source.mkdir(parents=True, exist_ok=True)
    _run("protoc", "-Iproto", f"--go_out={source}", f"--go-grpc_out={source}", _CONTRACT[0])
    # What Debian's gRPC depends on is older than what Debian's compiler writes code for; this one fits both.
    package = "golang-github-golang-protobuf-1-5-dev"
    if not list(folder.glob(f"{package}_*.deb")):
        subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True, capture_output=True)
    (file,) = folder.glob(f"{package}_*.deb")
    _run("dpkg-deb", "-x", file, folder)
    paths = (str(folder.absolute()), f"{folder.absolute()}{_GO_PACKAGES}", _GO_PACKAGES)
    settings = {"GO111MODULE": "off", "GOPATH": ":".join(paths), "GOCACHE": str(folder.absolute() / "cache")}
    _run("go", "build", "-o", program, _CLIENTS / "go/read.go", **settings)
    return [str(program)]


def _java(folder: Path) -> Sequence[str]:
    source, classes = folder / "src", folder / "classes"
    source.mkdir(parents=True, exist_ok=True)
    plugin = f"--plugin=protoc-gen-grpc-java={shutil.which('grpc_java_plugin')}"
    _run("protoc", "-Iproto", plugin, f"--java_out={source}", f"--grpc-java_out={source}", _CONTRACT[0])
    files = [*source.rglob("*.java"), _CLIENTS / "java/Read.java"]
    _run("javac", "-nowarn", "-d", classes, "-classpath", _JARS, *files)
    # The language's own default writes ASCII where there is no locale.
    return ["java", "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-classpath", f"{classes}:{_JARS}", "Read"]


def _cpp(folder: Path) -> Sequence[str]:
    folder.mkdir(parents=True, exist_ok=True)
    plugin = f"--plugin=protoc-gen-grpc={shutil.which('grpc_cpp_plugin')}"
    _run("protoc", "-Iproto", plugin, f"--cpp_out={folder}", f"--grpc_out={folder}", *_CONTRACT)
    told = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "grpc++", "protobuf"], check=True, capture_output=True, text=True
    )
    program, generated = folder / "read", sorted(folder.rglob("*.cc"))
    _run("c++", "-std=c++17", f"-I{folder}", _CLIENTS / "cpp/read.cc", *generated, *told.stdout.split(), "-o", program)
    return [str(program)]


def _run(*command: str | Path, **environment: str) -> None:
    subprocess.run(command, check=True, env={**os.environ, **environment})


COMPILED = {
    "Go": Compiled(
        ("go", "protoc", "protoc-gen-go", "protoc-gen-go-grpc", f"{_GO_PACKAGES}/src/google.golang.org/grpc"),
        "golang-go golang-google-{grpc,protobuf}-dev protobuf-compiler protoc-gen-go protoc-gen-go-grpc",
        _go,
    ),
    "Java": Compiled(
        (
            "java",
            "javac",
            "protoc",
            "grpc_java_plugin",
            "/usr/share/java/grpc-netty.jar",
            "/usr/share/java/netty-all.jar",
        ),
        "default-jdk-headless libgrpc-java libnetty-java protobuf-compiler protobuf-compiler-grpc-java-plugin",
        _java,
    ),
    "C++": Compiled(
        ("c++", "protoc", "grpc_cpp_plugin", "pkg-config", "/usr/include/grpcpp/grpcpp.h"),
        "g++ libgrpc++-dev pkg-config protobuf-compiler protobuf-compiler-grpc",
        _cpp,
    ),
}
"""By language."""
