"""Opening the state for commands about who may do what. Owns nothing else."""

from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from watchkeeper.cli.plainly import plain_errors
from watchkeeper.settings import read_settings
from watchkeeper.store import Store, open_store
from watchkeeper.store.people import People, open_people


@contextmanager
def opened(state: Path | None, tenant: str = "default") -> Generator[tuple[Store, People]]:
    """Give the store of a tenant and who may do what; what a person can mend becomes one plain line."""
    settings = read_settings(state)
    with plain_errors(), closing(open_store(settings.store, tenant)) as store:
        try:
            yield store, open_people(store.database, settings.state)
        except LookupError as error:
            raise ValueError(str(error.args[0])) from error
