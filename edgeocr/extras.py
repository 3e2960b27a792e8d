"""Modules whose packages come with an extra: loaded when they are needed, and missed in one line."""

from importlib import import_module
from types import ModuleType


class MissingExtra(ImportError):
    """What was asked for needs packages that are not installed; the text says how to install them."""


def load_extra(module: str, extra: str, purpose: str) -> ModuleType:
    """Imports one of edgeocr's own modules.

    Args:
        module: its full name.
        extra: the extra that has the packages it needs.
        purpose: what it is for, as the subject of the error's sentence.

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
    """Whether a module of edgeocr itself is missing, which no extra brings."""
    return (error.name or "").partition(".")[0] == __package__


def missing(extra: str, purpose: str, error: ImportError) -> str:
    """The sentence that says what to install."""
    return f"{purpose} needs {error.name}, which is not installed; `pip install 'edgeocr[{extra}]'` installs it"
