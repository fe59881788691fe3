"""Content: the YAML and text that we wrote. Owns finding and parsing it; what it means is its users' business."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml


def folder(name: str) -> Path:
    """Give the folder of that name inside the content.

    Raises:
        FileNotFoundError: there is no such folder; the installation is damaged.
    """
    path = Path(str(files(__name__))) / name
    if not path.is_dir():
        raise FileNotFoundError(f"content folder {name!r} is missing from the installation; reinstall watchkeeper")
    return path


@cache
def document(name: str) -> Any:
    """Parse one YAML file of the content, such as `logsources.yml`; the same object is given each time, so don't change it."""
    return yaml.load(text(name), Loader=_LOADER)  # noqa: S506 - a safe loader, the fast one if there is one


def text(name: str) -> str:
    """Read one file of the content as text, for those who parse it more strictly than YAML does."""
    return (Path(str(files(__name__))) / name).read_text("utf-8")


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
