"""The register of assets. Owns reading `assets.yml` and looking an asset up; guessing from events is `learning`'s."""

from collections.abc import Iterable
from pathlib import Path
from typing import cast

import yaml
from pydantic import TypeAdapter, ValidationError

from watchkeeper.assets.accounts import Accounts
from watchkeeper.assets.held import Held
from watchkeeper.model.asset import Asset, Own

_TOLD = TypeAdapter(tuple[Asset, ...])


class Register:
    """Assets by name and by address; what people told wins over what was learnt."""

    def __init__(
        self, told: Iterable[Asset] = (), learnt: Iterable[Asset] = (), held: Held | None = None, accounts: Accounts | None = None
    ) -> None:
        """Merge both; addresses learnt for a told asset are added to it.

        `held` says which host held an address when, `accounts` which names are one account's.
        """
        self._assets = {asset.name: asset for asset in told}
        self._told_addresses = {address: asset.name for asset in self._assets.values() for address in asset.addresses}
        self._held = held or Held()
        self._accounts = accounts or Accounts()
        for asset in learnt:
            known = self._assets.get(asset.name)
            addresses = tuple(sorted({*(known.addresses if known else ()), *asset.addresses}))
            self._assets[asset.name] = (known or asset).model_copy(update={"addresses": addresses})
        self._by_address = {address: asset for asset in self._assets.values() for address in asset.addresses}

    def of(self, name: str) -> Asset:
        """Give the asset of that name or address; one nobody knows is ordinary and learnt. An account has its other names."""
        found = self._assets.get(name) or self._by_address.get(name) or Asset(name=name)
        names = self._accounts.others(name)
        return found.model_copy(update={"names": names}) if names else found

    def has(self, name: str) -> bool:
        """Say whether an asset of that name is known, told or learnt."""
        return name in self._assets

    def host_of(self, address: str, time: int | None) -> str | None:
        """Give the host that held an address at a time, µs since 1970; none if nobody knows. What people told holds at any time."""
        return self._told_addresses.get(address) or self._held.host_of(address, time)

    def name_of(self, account: str, host: str = "") -> str:
        """Give the one name of an account that a host speaks of, however it is written."""
        return self._accounts.name_of(account, host)

    def all(self) -> tuple[Asset, ...]:
        """Every asset, by name."""
        return tuple(asset for _, asset in sorted(self._assets.items()))


def read_assets(path: Path) -> tuple[Asset, ...]:
    """Read `assets.yml`: a list under `assets:`, each with a name and what `Asset` has besides.

    A file that only says which networks and domains are the organisation's own has no assets.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not such a list; the message says which entry and what to do.
    """
    parsed = _parsed(path)
    entries = parsed.get("assets", () if parsed.keys() & {"networks", "domains"} else None)
    if not isinstance(entries, list | tuple):
        raise ValueError(  # noqa: TRY004 -- the file's content is wrong, not a type in our code
            f"{str(path)!r} has no list under 'assets:'; each entry needs a name, and may have {_FIELDS}"
        )
    try:
        told = _TOLD.validate_python(entries)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{str(path)!r}, entry {place}: {first['msg']}; an entry may have name, {_FIELDS}") from error
    return tuple(entry.model_copy(update={"name": _short(entry.name), "learnt": False}) for entry in told)


def read_own(path: Path) -> Own:
    """Read what `assets.yml` says is the organisation's own: lists under `networks:` and `domains:`.

    Raises:
        OSError: the file cannot be read.
        ValueError: one of them is no list of texts.
    """
    parsed = _parsed(path)
    try:
        return Own.model_validate({name: parsed[name] or () for name in ("networks", "domains") if name in parsed})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{str(path)!r}, {place}: {first['msg']}; write a list of texts") from error


def _parsed(path: Path) -> dict[str, object]:
    try:
        parsed: object = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot read {str(path)!r} as YAML: {error}") from error
    return cast("dict[str, object]", parsed) if isinstance(parsed, dict) else {}


_FIELDS = (
    "owner, role, criticality (1 to 5), protected, addresses, exposed, software (each with name and any of vendor, version, cpe, purl)"
)


def _short(name: str) -> str:
    return name.lower().split(".", 1)[0]
