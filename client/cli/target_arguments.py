"""The arguments for the server that a command calls: address, TLS and token."""

import argparse
import os

from edgeocr.client.connection.targets import DEFAULT_TARGET

TARGET_VARIABLE = "EDGEOCR_TARGET"
BEARER_VARIABLE = "EDGEOCR_TOKEN"
BEARER_FILE_VARIABLE = "EDGEOCR_TOKEN_FILE"


def add_server(parser: argparse.ArgumentParser, *, with_token: bool = True, may_be_local: bool = False) -> None:
    """Adds the server's address, and `--local` as its alternative, TLS, and the token."""
    where = parser.add_mutually_exclusive_group() if may_be_local else parser
    where.add_argument(
        "--target",
        metavar="HOST:PORT",
        default=os.environ.get(TARGET_VARIABLE) or DEFAULT_TARGET,
        help="the server, also unix:PATH; several: dns:///NAME:PORT, or ADDRESS:PORT,ADDRESS:PORT "
        f"(default: {TARGET_VARIABLE}, or else {DEFAULT_TARGET})",
    )
    if may_be_local:
        where.add_argument("--local", action="store_true", help="start a private server for this command")
    _add_tls(parser)
    if with_token:
        _add_token(parser)


def _add_tls(parser: argparse.ArgumentParser) -> None:
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
        parser.add_argument(flag, metavar=metavar, default=default, help=f"{meaning} (default: {variable})")
    parser.add_argument(
        "--tls", action="store_true", help="encrypt, and trust public authorities; any other --tls-… encrypts as well"
    )


def _add_token(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        default=os.environ.get(BEARER_FILE_VARIABLE) or None,
        help=f"file with the token to send (default: {BEARER_FILE_VARIABLE}, or the token in {BEARER_VARIABLE})",
    )
    parser.add_argument(
        "--insecure-token", action="store_true", help="send the token to other machines even without TLS"
    )
