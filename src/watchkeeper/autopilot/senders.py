"""Tokens of senders: made, rolled and taken away, and quickly recognised. Owns no sender: those are rows of the store."""

import ipaddress
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic

from watchkeeper.access.tokens import digest, looks_like, new_secret
from watchkeeper.model.audit import Happened
from watchkeeper.model.principal import Principal
from watchkeeper.model.received import Recognise, RefusedError
from watchkeeper.model.sender import Sender
from watchkeeper.store import Store
from watchkeeper.store.audit import AuditLog

FRESH_SECONDS = 2.0
"""A token that was made or taken away in another process counts so much later at most."""
_MOST_PEERS = 100


def new_sender(store: Store, name: str, reader: str = "", peers: tuple[str, ...] = (), silent_after_seconds: int = 3_600) -> Sender:
    """Make a sender of a store's tenant, not kept yet.

    Raises:
        ValueError: it has no name, or a network is none.
    """
    if not (name.strip() and name.isprintable() and len(name) <= 100):
        raise ValueError("a sender needs a name of up to 100 characters; events show it as their source")
    if len(peers) > _MOST_PEERS:
        raise ValueError(f"{len(peers)} networks are too many for one sender; {_MOST_PEERS} at most")
    networks = tuple(str(ipaddress.ip_network(peer.strip(), strict=False)) for peer in peers)
    silent = silent_after_seconds
    made = secrets.token_hex(16)
    return Sender(id=made, tenant=store.tenant, name=name.strip(), reader=reader, peers=networks, silent_after_seconds=silent)


def add_sender(store: Store, audit: AuditLog, sender: Sender, who: Principal, now: datetime) -> str:
    """Keep a new sender and give the token that it shows, which nobody can be shown again.

    Raises:
        ValueError: another sender of the tenant has its name.
    """
    store.noting(audit, Happened.by(who, now, "sender added", sender.id, sender.name)).keep_sender(sender)
    return roll_token(store, audit, sender, who, now)


def roll_token(store: Store, audit: AuditLog, sender: Sender, who: Principal, now: datetime, days: int | None = None) -> str:
    """Give a sender another token; the one before counts no longer.

    Raises:
        KeyError: the tenant has no such sender.
    """
    secret = new_secret("wks")
    expires = None if days is None else now + timedelta(days=days)
    store.noting(audit, Happened.by(who, now, "sender's token made", sender.id, sender.name)).keep_sender_token(
        sender.id, digest(secret), expires
    )
    return secret


def take_token(store: Store, audit: AuditLog, sender: Sender, who: Principal, now: datetime) -> None:
    """Take a sender's token away; it may go on sending from its networks.

    Raises:
        KeyError: the tenant has no such sender.
    """
    store.noting(audit, Happened.by(who, now, "sender's token taken away", sender.id, sender.name)).keep_sender_token(sender.id, None)


def drop_sender(store: Store, audit: AuditLog, sender: Sender, who: Principal, now: datetime) -> None:
    """Forget a sender and its token; what it sent stays."""
    store.noting(audit, Happened.by(who, now, "sender dropped", sender.id, sender.name)).drop_sender(sender.id)


def switch_sender(store: Store, audit: AuditLog, sender: Sender, who: Principal, now: datetime, *, on: bool) -> Sender:
    """Say whether a sender is let in."""
    changed = sender.model_copy(update={"on": on})
    store.noting(audit, Happened.by(who, now, "sender switched on" if on else "sender switched off", sender.id, sender.name)).keep_sender(
        changed
    )
    return changed


def named_sender(store: Store, name: str) -> Sender:
    """Give the sender that a person means by its name, or by its id or the first characters of that.

    Raises:
        LookupError: there is none, or several.
    """
    every = store.senders()
    found = [one for one in every if one.name == name] or [one for one in every if name and one.id.startswith(name)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} senders of tenant {store.tenant!r} are called {name!r} or have an id that begins so")
    return found[0]


def recognise(store: Store, clock: Callable[[], float] = monotonic) -> Recognise:
    """Give the function that knows a sender by its token; it may be called for each request and from several threads.

    It keeps every digest in memory and asks the database once in two seconds at most, however many tokens are tried. While the database
    does not answer, senders that were known before are known, and of others it cannot be said, which is a refusal for now, not for good.
    """
    return _Recognised(store.token_holders, clock)


class _Recognised:
    def __init__(self, load: Callable[[], Mapping[str, tuple[Sender, datetime | None]]], clock: Callable[[], float]) -> None:
        self._load = load
        self._clock = clock
        self._known: Mapping[str, tuple[Sender, datetime | None]] = {}
        self._since = float("-inf")
        self._answers = False

    def __call__(self, token: str) -> Sender | None:
        """Give the sender of a token.

        Raises:
            RefusedError: it was not known before, and the database does not answer.
        """
        if not looks_like("wks", token):
            return None
        if self._clock() - self._since >= FRESH_SECONDS:
            self._refresh()
        sender, expires = self._known.get(digest(token), (None, None))
        if sender is None and not self._answers:
            raise RefusedError("whose token this is cannot be found out now: the database does not answer", retry_after_seconds=5)
        return None if expires is not None and expires <= datetime.now(UTC) else sender

    def _refresh(self) -> None:
        self._since = self._clock()
        try:
            self._known, self._answers = self._load(), True
        except OSError:
            self._answers = False
