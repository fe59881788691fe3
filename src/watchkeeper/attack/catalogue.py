"""The catalogue: ATT&CK's groups, software and campaigns with what they use, as it was imported. Owns the shape and its bytes; no file."""

from collections.abc import Iterator
from itertools import chain

import msgspec

MOST_BYTES = 256 << 20
"""The most a kept catalogue may hold, as much as a bundle; ATT&CK's own is below one MiB."""


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One live technique of the bundle, in the bundle's own words."""

    id: str
    name: str
    tactics: tuple[str, ...]


class Known(msgspec.Struct, frozen=True, omit_defaults=True):
    """A group, a piece of software or a campaign."""

    id: str
    """Such as `G0016`, `S0002` or `C0024`."""
    name: str
    aliases: tuple[str, ...] = ()
    """Other names of it."""
    techniques: tuple[str, ...] = ()
    """Ids of techniques that it uses, as the bundle has them."""
    software: tuple[str, ...] = ()
    """Ids of software that it uses."""
    groups: tuple[str, ...] = ()
    """Ids of groups that a campaign is attributed to."""


class Catalogue(msgspec.Struct, frozen=True):
    """What one bundle says."""

    version: str
    """Version of ATT&CK; empty if neither the bundle nor the person said."""
    modified: str
    """When its newest object was changed, as written; empty if it does not say."""
    techniques: tuple[Row, ...]
    replaced: dict[str, str]
    """Id of a replaced technique to that of its successor, a live one."""
    groups: tuple[Known, ...]
    software: tuple[Known, ...]
    campaigns: tuple[Known, ...]

    def named(self, name: str) -> Known | None:
        """Give the group, software or campaign of that id, name or other name, in any case; none if there is none."""
        wanted = name.strip().casefold()
        return next((one for one in self._all() if wanted in {one.id.casefold(), one.name.casefold()}), None) or next(
            (one for one in self._all() if wanted in {alias.casefold() for alias in one.aliases}), None
        )

    def _all(self) -> Iterator[Known]:
        return chain(self.groups, self.software, self.campaigns)


def to_bytes(catalogue: Catalogue) -> bytes:
    """Give the catalogue as JSON; the same catalogue gives the same bytes."""
    return msgspec.json.encode(catalogue, order="sorted")


def from_bytes(content: bytes) -> Catalogue:
    """Read what `to_bytes` gave.

    Raises:
        ValueError: it is something else.
    """
    try:
        return msgspec.json.decode(content, type=Catalogue)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"no catalogue of ATT&CK: {error}") from error
