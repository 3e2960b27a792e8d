"""The arguments for the server that a command calls: address, TLS and token."""

import argparse
import os

from edgeocr.client.connection.targets import DEFAULT_TARGET

TARGET_VARIABLE = "EDGEOCR_TARGET"
BEARER_VARIABLE = "EDGEOCR_TOKEN"
BEARER_FILE_VARIABLE = "EDGEOCR_TOKEN_FILE"


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
    """Adds the token arguments to a parser."""
    arguments.add_argument(
        "--token-file",
        metavar="FILE",
        default=os.environ.get(BEARER_FILE_VARIABLE) or None,
        help=f"file with the token to send (default: {BEARER_FILE_VARIABLE}, or the token in {BEARER_VARIABLE})",
    )
    arguments.add_argument(
        "--insecure-token", action="store_true", help="send the token to other machines even without TLS"
    )
