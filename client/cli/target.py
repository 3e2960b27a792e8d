"""The server that a command calls, or starts for itself, and the client for it."""

import argparse
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import grpc

from edgeocr.client.cli.messages import NoServer
from edgeocr.client.cli.secrets import read_secret
from edgeocr.client.cli.target_arguments import BEARER_VARIABLE
from edgeocr.client.connection.tls import Tls
from edgeocr.client.errors import SPEAKS_HTTP, OcrError
from edgeocr.client.local import LocalServer, LocalServerError
from edgeocr.client.sync import Client
from edgeocr.commands import UsageError
from edgeocr.proto.edgeocr.v1 import ocr_pb2

ANSWER_SECONDS = 10.0
"""Timeout of GetServerInfo."""


def connect(arguments: argparse.Namespace, *, with_token: bool = True) -> Client:
    """A client for the server that the arguments name.

    Raises:
        UsageError: the arguments contradict each other, or a file cannot be read.
    """
    with _usage_errors():
        if not with_token:
            return Client(arguments.target, tls=_tls(arguments))
        token = _token(arguments.token_file)
        return Client(arguments.target, tls=_tls(arguments), token=token, insecure_token=arguments.insecure_token)


def credentials(arguments: argparse.Namespace) -> tuple[Tls | None, str | None]:
    """The TLS settings and the token of arguments that `connect` has accepted.

    Raises:
        UsageError: a file cannot be read.
    """
    with _usage_errors():
        return _tls(arguments), _token(arguments.token_file)


@contextmanager
def private_server() -> Iterator[str]:
    """Runs a server for `--local`; yields its address.

    Raises:
        NoServer: it does not start; the text has its last log lines.
    """
    with ExitStack() as stack:
        try:
            server = stack.enter_context(LocalServer())
        except LocalServerError as error:
            raise NoServer(str(error)) from None
        yield server.target


def server_info(client: Client, target: str) -> ocr_pb2.GetServerInfoResponse:
    """Asks the server for its description.

    Raises:
        NoServer: it does not answer; the text says what to do.
    """
    try:
        return client.info(timeout_seconds=ANSWER_SECONDS)
    except OcrError as error:
        advice = "start one with `edgeocr serve`, or read with `--local`"
        if error.code is grpc.StatusCode.UNAUTHENTICATED:
            advice = f"name a token with `--token-file` or in {BEARER_VARIABLE}"
        elif error.reason == SPEAKS_HTTP:
            advice = ""
        raise NoServer(f"no answer from the server at {target}: {error}\n{advice}") from None


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
    """The token from a file or the environment; the command line is visible to every user of the machine."""
    if file is None:
        return os.environ.get(BEARER_VARIABLE) or None
    lines = [line.strip() for line in read_secret("--token-file", file).splitlines()]
    tokens = [line for line in lines if line and not line.startswith("#")]
    if len(tokens) != 1:
        raise ValueError(f"{file}: has {len(tokens)} tokens, one is needed")
    # In a server's token file, the caller's name may precede the token.
    return tokens[0].split()[-1]
