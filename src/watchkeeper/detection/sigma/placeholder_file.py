"""Reading the values that a person gives for placeholders. Owns the form of the file."""

from pathlib import Path
from typing import cast

import yaml

from watchkeeper.detection.sigma.placeholders import Placeholders


def read_placeholders(path: Path) -> Placeholders:
    """Read a YAML file that gives each name a value or a list of values.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no such file; the message says where.
    """
    try:
        parsed: object = yaml.safe_load(path.read_text("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: it is not YAML: {error}") from error
    if not isinstance(parsed, dict):
        raise ValueError(f"{path}: it must give names of placeholders, each with its values")  # noqa: TRY004 - the file's content, not a type
    return {_name(name): _texts(path, name, values) for name, values in cast("dict[object, object]", parsed).items()}


def _name(name: object) -> str:
    return str(name).strip("%")


def _texts(path: Path, name: object, values: object) -> tuple[str, ...]:
    several = cast("list[object]", values) if isinstance(values, list) else [values]
    if any(isinstance(one, dict | list) or one is None for one in several):
        raise ValueError(f"{path}: the values of {name!r} must be text, or a list of text")
    return tuple(str(one) for one in several)
