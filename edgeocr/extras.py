"""Loads modules whose packages come with an extra when they are needed; if these are missing, one line says so."""

from importlib import import_module
from types import ModuleType


class MissingExtra(ImportError):
    """Required packages are not installed; the text says how to install them."""


def load_extra(module: str, extra: str, purpose: str) -> ModuleType:
    """Imports one of edgeocr's own modules.

    Args:
        module: its full name.
        extra: the extra with its packages.
        purpose: its purpose, as the subject of the error's sentence.

    Raises:
        MissingExtra: one of these packages is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if is_own(error):
            raise
        raise MissingExtra(missing(extra, purpose, error)) from None


def is_own(error: ImportError) -> bool:
    """Whether a module of edgeocr itself is missing, which no extra installs."""
    return (error.name or "").partition(".")[0] == __package__


def missing(extra: str, purpose: str, error: ImportError) -> str:
    """The sentence that says what to install."""
    return f"{purpose} needs {error.name}, which is not installed; `pip install 'edgeocr[{extra}]'` installs it"
