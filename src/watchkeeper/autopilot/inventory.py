"""A tenant's inventory as people uploaded it: assets, networks, domains. Owns its bounds and where it is kept."""

import tempfile
from pathlib import Path

from pydantic import TypeAdapter

from watchkeeper.assets import read_assets, read_own
from watchkeeper.model.asset import Asset, Own
from watchkeeper.model.missing import MissingError
from watchkeeper.store import Store

MOST_BYTES = 4 << 20
_ASSETS, _OWN = "assets", "own"
_TOLD = TypeAdapter(tuple[Asset, ...])


def keep_inventory(store: Store, content: bytes) -> tuple[Asset, ...]:
    """Keep an inventory in the place of the one before, and give its assets.

    Raises:
        ValueError: it is too large, or no `assets.yml`; the message says which entry and what to do.
    """
    if len(content) > MOST_BYTES:
        raise ValueError(f"an inventory has {MOST_BYTES >> 20} MiB at most; give hosts and accounts, not all that is installed on them")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "assets.yml"
        path.write_bytes(content)
        try:
            told, own = read_assets(path), read_own(path)
        except ValueError as error:
            raise ValueError(str(error).replace(str(path), "assets.yml")) from error
    store.keep_setting(_ASSETS, _TOLD.dump_json(told).decode())
    store.keep_setting(_OWN, own.model_dump_json())
    return told


def inventory(store: Store) -> tuple[Asset, ...]:
    """Give the assets that people told of, by name."""
    body = store.setting(_ASSETS)
    return tuple(sorted(_TOLD.validate_json(body), key=lambda one: one.name)) if body else ()


def own_of(store: Store) -> Own:
    """Give the networks and domains that people called their own."""
    body = store.setting(_OWN)
    return Own.model_validate_json(body) if body else Own()


def asset_called(store: Store, name: str) -> Asset:
    """Give the asset of that name or address.

    Raises:
        MissingError: nobody told of it.
    """
    wanted = name.lower()
    found = next((one for one in inventory(store) if wanted == one.name or wanted in one.addresses or wanted in one.names), None)
    if found is None:
        raise MissingError(f"nobody told of an asset {name[:200]!r}")
    return found
