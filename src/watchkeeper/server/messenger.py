"""The messenger: tells people of incidents as routes say, and says how that goes. Owns reading routes anew and the figures."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from watchkeeper.autopilot.deliveries import deliver, tell
from watchkeeper.model.asset import Asset
from watchkeeper.model.live import LiveIncident
from watchkeeper.notify.routes import FILE, Routes, read_routes
from watchkeeper.server.vitals import Pulse
from watchkeeper.settings.references import Reveal, reveal
from watchkeeper.store import Store

_log = structlog.get_logger("watchkeeper.messages")
_TIDY = timedelta(hours=1)
_MOST_LOGGED = 5


class Messenger:
    """Messages of one server; `tell` and `round` may be called from two threads."""

    def __init__(self, state: Path, store: Store, pulse: Pulse, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Take the state folder, in which `notify.yml` lies, and the store of any tenant."""
        self._path = state / FILE
        self._store = store
        self._pulse = pulse
        self._clock = clock
        self._stamp: tuple[int, int] | None = None
        self._routes = Routes()
        self._tidied = clock()

    def routes(self) -> Routes:
        """Give the routes, read anew when the file is another; one that cannot be read leaves those before in force and is logged once."""
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._routes = read_routes(self._path)
            except (OSError, ValueError) as error:
                _log.error("routes cannot be read; those before stay in force", why=str(error))
        return self._routes

    def tell(self, tenant: str, asset_of: Callable[[str], Asset], before: LiveIncident | None, after: LiveIncident) -> None:
        """Keep the messages that follow from how an incident stood and stands.

        Raises:
            OSError: the database cannot be written; tell it again.
        """
        tell(self._store.of(tenant), self.routes(), asset_of, (before, after), self._clock())

    def round(self, reveal: Reveal = reveal) -> None:
        """Send what is due, once.

        Raises:
            OSError: the database cannot be read or written.
        """
        now = self._clock()
        done = deliver(self._store, self.routes(), now, reveal)
        for name, counted in (("messages_sent", done.sent), ("messages_failed", done.failed), ("messages_given_up", done.given_up)):
            for channel, number in counted.items():
                self._pulse.add(name, number, channel=channel)
        for why in done.why[:_MOST_LOGGED]:
            _log.warning("a message was not taken", why=why)
        self._pulse.set("messages_waiting", self._store.waiting_messages(now).due)
        if now - self._tidied >= _TIDY:
            self._tidied = now
            self._store.drop_messages(now)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size
