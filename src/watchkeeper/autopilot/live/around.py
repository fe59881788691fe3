"""What the keeper knows of the world when it runs beside a lake. Owns putting it together for each tenant; asking is the steps'."""

from pathlib import Path

import pyarrow as pa

from watchkeeper.assets import Register, read_assets
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.world import World
from watchkeeper.correlation import Knowledge
from watchkeeper.ingest.native import native_fields
from watchkeeper.lake import StoredEvents
from watchkeeper.model.asset import Asset
from watchkeeper.model.signal import PLACED_SCHEMA


class Surroundings:
    """Assets and events of every tenant."""

    def __init__(self, options: Options, table: Path) -> None:
        """Take the options, with the inventory, and the folder of the event table.

        Raises:
            OSError: the inventory cannot be read.
            ValueError: the inventory cannot be used.
        """
        self._register = Register(read_assets(options.assets) if options.assets else ())
        self._table = table
        self._events: dict[str, StoredEvents] = {}

    def asset_of(self, name: str) -> Asset:
        """Give what is known of a host, account or address."""
        return self._register.of(name)

    def knowledge_of(self, _: str) -> Knowledge:
        """Give what correlation asks of a tenant's assets."""
        return Knowledge(self._register.of, self._register.host_of, name_of=self._register.name_of)

    def world_of(self, tenant: str) -> World:
        """Give what steps may ask for, but what follows from incidents themselves."""
        return World(search=self.events_of(tenant).search, signals_of=_no_signals, asset_of=self._register.of, record_end=None)

    def events_of(self, tenant: str) -> StoredEvents:
        """Give a tenant's events in the lake."""
        if tenant not in self._events:
            self._events[tenant] = StoredEvents(self._table, tenant, native_fields)
        return self._events[tenant]

    def close(self) -> None:
        """Give the databases' memory back."""
        for one in self._events.values():
            one.close()


def _no_signals(_: object) -> pa.Table:
    return PLACED_SCHEMA.empty_table()
