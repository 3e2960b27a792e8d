"""Loads the public names of packages on first use."""

from collections.abc import Callable, Container, Iterable
from importlib import import_module


def lazy_names(package: str, names: Container[str], modules: Iterable[str]) -> Callable[[str], object]:
    """A package's `__getattr__`.

    Args:
        package: its full name.
        names: its public names.
        modules: those that have the names. They are searched in this order, so the costliest to import is the last.
    """

    def load(name: str) -> object:
        if name in names:
            for module in map(import_module, modules):
                if hasattr(module, name):
                    return getattr(module, name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return load
