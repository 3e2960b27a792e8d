"""The server that a command calls: arguments for its address, TLS and token, and the messages if it does not answer."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from edgeocr.client.cli.messages import complain
from edgeocr.client.cli.secrets import read_secret
from edgeocr.client.connection.channel import DEFAULT_TARGET
from edgeocr.client.connection.tls import Tls
from edgeocr.client.errors import OcrError, UsageError
from edgeocr.client.local import LocalServerError
from edgeocr.client.sync import Client

TARGET_VARIABLE = "EDGEOCR_TARGET"
BEARER_VARIABLE = "EDGEOCR_TOKEN"
BEARER_FILE_VARIABLE = "EDGEOCR_TOKEN_FILE"

EXIT_UNREACHABLE = 3

ANSWER_SECONDS = 10.0
"""Timeout of GetServerInfo."""


def add_target(arguments: argparse._ActionsContainer) -> None:
    """Adds `--target` to a parser or group."""
    arguments.add_argument(
        "--target",
        metavar="HOST:PORT",
        default=os.environ.get(TARGET_VARIABLE) or DEFAULT_TARGET,
        help="the server, also unix:PATH; several: dns:///NAME:PORT, or ADDRESS:PORT,ADDRESS:PORT "
        f"(default: {TARGET_VARIABLE}, or else {DEFAULT_TARGET})",
    )


def add_tls(arguments: argparse._ActionsContainer) -> None:
    """Adds the TLS arguments to a parser."""
    for flag, variable, metavar, meaning in (
        (
            "--tls-ca",
            "EDGEOCR_CLIENT_TLS_CA",
            "FILE",
            "PEM file with the authorities that signed the server's certificate",
        ),
        ("--tls-certificate", "EDGEOCR_CLIENT_TLS_CERTIFICATE", "FILE", "PEM file with the client certificate"),
        ("--tls-key", "EDGEOCR_CLIENT_TLS_KEY", "FILE", "PEM file with the key of that certificate"),
        ("--tls-name", "EDGEOCR_CLIENT_TLS_NAME", "NAME", "name in the server's certificate, if not the target's"),
    ):
        default = os.environ.get(variable) or None
        arguments.add_argument(flag, metavar=metavar, default=default, help=f"{meaning} (default: {variable})")
    arguments.add_argument(
        "--tls", action="store_true", help="encrypt, and trust public authorities; any other --tls-… encrypts as well"
    )


def add_token(arguments: argparse._ActionsContainer) -> None:
    """Adds where the token is and where it may go to a parser."""
    arguments.add_argument(
        "--token-file",
        metavar="FILE",
        default=os.environ.get(BEARER_FILE_VARIABLE) or None,
        help=f"file with the token to send (default: {BEARER_FILE_VARIABLE}, or the token in {BEARER_VARIABLE})",
    )
    arguments.add_argument(
        "--insecure-token", action="store_true", help="send the token to other machines even without TLS"
    )


def connect(arguments: argparse.Namespace, *, with_token: bool = True) -> Client:
    """A client of the server that the arguments name.

    Raises:
        UsageError: they contradict each other, or a file cannot be read.
    """
    with _usage_errors():
        if not with_token:
            return Client(arguments.target, tls=_tls(arguments))
        token = _token(arguments.token_file)
        return Client(arguments.target, tls=_tls(arguments), token=token, insecure_token=arguments.insecure_token)


def way_in(arguments: argparse.Namespace) -> tuple[Tls | None, str | None]:
    """The arguments' TLS and token, which `connect` has found fit.

    Raises:
        UsageError: a file cannot be read.
    """
    with _usage_errors():
        return _tls(arguments), _token(arguments.token_file)


@contextmanager
def _usage_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None


def _tls(arguments: argparse.Namespace) -> Tls | None:
    files = {name: getattr(arguments, f"tls_{name}") for name in ("ca", "certificate", "key", "name")}
    return Tls(**files) if arguments.tls or any(files.values()) else None


def _token(file: str | None) -> str | None:
    """The token from the file or the environment; the command line is visible to every user of a machine."""
    if file is None:
        return os.environ.get(BEARER_VARIABLE) or None
    lines = [line.strip() for line in read_secret("--token-file", file).splitlines()]
    tokens = [line for line in lines if line and not line.startswith("#")]
    if len(tokens) != 1:
        raise ValueError(f"{file}: has {len(tokens)} tokens, one is needed")
    # In a server's file the name of its caller may come before it.
    return tokens[0].split()[-1]


def report_unreachable(target: str, error: OcrError) -> int:
    """Reports on stderr that the server does not answer, and returns the exit code."""
    complain(f"no answer from the server at {target}: {error}")
    if error.code is grpc.StatusCode.UNAUTHENTICATED:
        complain(f"name a token with `--token-file` or in {BEARER_VARIABLE}")
        return EXIT_UNREACHABLE
    complain("start one with `edgeocr serve`, or read with `--local`")
    return EXIT_UNREACHABLE


def report_not_started(error: LocalServerError) -> int:
    """Reports on stderr that the private server did not start, with its last lines, and returns the exit code."""
    for row in str(error).splitlines():
        complain(row)
    return EXIT_UNREACHABLE
