"""The recipe of a bundle: a YAML file that says which files go into it and whose they are. Owns reading it, not the files."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import yaml
from msgspec import Meta
from msgspec.structs import replace

from watchkeeper.bundle.manifest import Kind, Part, is_name
from watchkeeper.model.indicator import Tlp

_LARGEST = 1 << 20


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry under `parts:`."""

    kind: Kind
    path: str
    """A file or folder; in the file relative to the recipe's folder."""
    licence: Annotated[str, Meta(min_length=1, max_length=500)]
    """Under which terms the content may be passed on."""
    name: str = ""
    """What its folder in the bundle is called; by default the path's last part without its ending."""
    version: str = ""
    """As its publisher counts."""
    source: str = ""
    """Who says so, for intelligence."""
    confidence: Annotated[int, Meta(ge=0, le=100)] | None = None
    """How far the source is believed, for intelligence."""
    tlp: Tlp = ""
    """Whom it may be shown to, for intelligence."""

    def part(self) -> Part:
        """Give what the manifest says of it."""
        name = self.name or Path(self.path).name.partition(".")[0]
        return Part(name, self.kind, self.licence, self.version, self.source, self.confidence, self.tlp)


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a bundle is made of."""

    name: str
    """Which series of bundles it belongs to."""
    parts: Annotated[tuple[Asked, ...], Meta(min_length=1, max_length=1000)]
    """What goes into it."""
    version: str = ""
    """What people call this one; by default the time it is built."""

    def called(self, created: datetime) -> str:
        """Give the bundle's version."""
        return self.version or f"{created:%Y-%m-%dT%H:%M:%SZ}"


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        OSError: it cannot be read.
        ValueError: it is none; the message says which entry and what to do.
    """
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError(f"{str(path)!r} is larger than {_LARGEST:,} bytes, which no recipe is")
    try:
        loaded: object = yaml.load(content, Loader=yaml.BaseLoader)  # noqa: S506 -- makes text alone, so that a version like 1.10 stays one
        recipe = msgspec.convert(loaded, Recipe, strict=False)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"{str(path)!r} is no recipe of a bundle: {error}; docs/content.md shows one") from error
    parts = [asked.part() for asked in recipe.parts]
    wrong = [name for name in (recipe.name, *(part.name for part in parts)) if not is_name(name)]
    if wrong:
        raise ValueError(f"{str(path)!r}: {wrong[0]!r} cannot be a name; give one of letters, digits, '.', '_', '+' and '-' with `name:`")
    folders = [f"{part.kind}/{part.name}" for part in parts]
    if twice := next((name for name in folders if folders.count(name) > 1), None):
        raise ValueError(f"{str(path)!r}: two parts would be {twice!r}; give one of them another `name:`")
    return replace(recipe, parts=tuple(replace(asked, path=str(path.parent / asked.path)) for asked in recipe.parts))
