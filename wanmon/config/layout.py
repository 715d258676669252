"""Where the data that comes with the program lies: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED = _PACKAGE / "_data"


def shipped(folder: str) -> Path:
    """The shipped folder of that name: `inventory` or `exporters`."""
    installed = _INSTALLED / folder
    return installed if installed.is_dir() else _PACKAGE.parent / folder
