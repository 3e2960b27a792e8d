"""`edgeocr mcp`: serves the Model Context Protocol to the program that starts it, over standard input and output."""

import argparse
import asyncio
from collections.abc import Callable
from contextlib import ExitStack

from edgeocr.client.aio import AsyncClient
from edgeocr.client.cli.target import connect, credentials, private_server
from edgeocr.client.mcp.root_folder import RootFolder
from edgeocr.client.mcp.tools import Access, make_server
from edgeocr.commands import UsageError


def run(arguments: argparse.Namespace) -> int:
    """Serves until standard input ends; returns 0.

    Raises:
        NoServer: its private server does not start.
        UsageError: an argument is invalid.
    """
    if arguments.root is None and arguments.no_urls:
        raise UsageError("--root: name a folder, since --no-urls leaves nothing else to read")
    if arguments.pages_per_call < 1:
        raise UsageError(f"--pages-per-call: must be at least 1, not {arguments.pages_per_call}")
    with ExitStack() as stack:
        root = None
        if arguments.root is not None:
            try:
                root = RootFolder(arguments.root)
            except OSError as error:
                raise UsageError(f"--root: {error.strerror}: {arguments.root}") from None
            stack.callback(root.close)
        target = stack.enter_context(private_server()) if arguments.local else arguments.target
        access = Access(root, not arguments.no_urls, _connects(arguments, target), target, arguments.pages_per_call)
        asyncio.run(make_server(access).run_stdio_async())
    return 0


def _connects(arguments: argparse.Namespace, target: str) -> Callable[[], AsyncClient]:
    if arguments.local:
        return lambda: AsyncClient(target)
    # Reports invalid arguments before serving.
    connect(arguments).close()
    tls, token = credentials(arguments)
    return lambda: AsyncClient(target, tls=tls, token=token, insecure_token=arguments.insecure_token)
