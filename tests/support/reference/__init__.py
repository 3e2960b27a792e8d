"""The reference pages of `docs/`, made from what declares settings, commands, metrics, errors, the contract,
the REST call and the SDK."""

from collections.abc import Callable
from pathlib import Path

from tests.support.reference import commands, contract, errors, metrics, rest, sdk, settings

FOLDER = Path("docs")
PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands.page,
    "contract.md": contract.page,
    "errors.md": errors.page,
    "metrics.md": metrics.page,
    "python-reference.md": sdk.page,
    "rest.md": rest.page,
    "settings.md": settings.page,
}
"""What makes each page, by its file's name."""
