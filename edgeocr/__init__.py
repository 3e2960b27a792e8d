"""edgeocr: reads text out of images, and serves it. The four layers are links to the folders of their names.

Nothing of them is loaded before it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgeocr.client import AsyncClient, Client

    __version__: str

__all__ = ["AsyncClient", "Client", "__version__"]


def __getattr__(name: str) -> object:
    """Loads what is public when it is first asked for."""
    match name:
        case "AsyncClient" | "Client":
            return getattr(import_module("edgeocr.client"), name)
        case "__version__":
            # Loading this takes more memory than a decoder process has use for.
            return import_module("importlib.metadata").version("edgeocr")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
