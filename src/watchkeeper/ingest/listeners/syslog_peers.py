"""Whose network an address is in. Owns the choice where several senders have it: the smallest network wins."""

from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network

from watchkeeper.model.sender import Sender

MOST_KNOWN = 65_536
"""Addresses whose sender is remembered."""


def by_networks(senders: Iterable[Sender]) -> Callable[[str], Sender | None]:
    """Give the function from an address to the sender in whose networks it is; senders that are switched off have none.

    Raises:
        ValueError: a sender has something in `peers` that is no network.
    """
    networks = sorted(
        ((network, sender) for sender in senders if sender.on for network in map(ip_network, _peers(sender))),
        key=lambda one: (-one[0].prefixlen, one[1].id),
    )
    known: dict[str, Sender | None] = {}

    def of_peer(address: str) -> Sender | None:
        if address not in known:
            if len(known) >= MOST_KNOWN:
                known.clear()
            known[address] = _found(address)
        return known[address]

    def _found(address: str) -> Sender | None:
        try:
            parsed = ip_address(address)
        except ValueError:
            return None
        return next((sender for network, sender in networks if parsed in network), None)

    return of_peer


def _peers(sender: Sender) -> Iterable[str]:
    for peer in sender.peers:
        try:
            yield str(ip_network(peer, strict=False))
        except ValueError as error:
            raise ValueError(f"sender {sender.name!r}: {peer!r} is no network; write it as 192.0.2.0/24 or 2001:db8::/64") from error
