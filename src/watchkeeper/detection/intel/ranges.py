"""Networks and which of them an address is in. Owns the table of ranges; networks lie within each other or apart, so one search finds all.

Addresses are 17 bytes: 4 or 6, then the address. The table cuts the address space where a network begins or ends; each piece
knows the smallest network over it, and each network the next one around it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.detection.sigma.values import address

_WIDTH = 17
_SHIFT = 128
Network = IPv4Network | IPv6Network


def key_of(text: str) -> bytes | None:
    """Give the bytes of an address; none if the text is none."""
    found = address(text)
    if found is None:
        return None
    return _bytes((found.version << _SHIFT) + int(found))


@dataclass(frozen=True, slots=True)
class Ranges:
    """Where networks begin and end."""

    starts: NDArray[np.bytes_]
    """First address of each piece, ascending; the first piece begins at zero."""
    owners: NDArray[np.int32]
    """Place of the smallest network over each piece, -1 where there is none."""
    parents: NDArray[np.int32]
    """For each network the place of the next one around it, -1 if there is none."""

    def find(self, keys: Sequence[bytes]) -> list[list[int]]:
        """Give for each address the places of all networks it is in, the smallest first."""
        if not len(self.parents) or not keys:
            return [[] for _ in keys]
        pieces = np.searchsorted(self.starts, np.array(keys, f"S{_WIDTH}"), "right") - 1
        return [list(self._around(owner)) for owner in self.owners[pieces].tolist()]

    def around(self, network: Network) -> list[int]:
        """Give the places of all networks that the whole of this one is in, the smallest first."""
        first, last = ends(network)
        found = self.find([_bytes(first), _bytes(last)])
        return [place for place in found[0] if place in found[1]]

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """Give what is written to disk."""
        return {"starts": self.starts, "owners": self.owners, "parents": self.parents}

    def _around(self, place: int) -> Iterator[int]:
        while place >= 0:
            yield place
            place = int(self.parents[place])


def ends(network: Network) -> tuple[int, int]:
    """Give the first and the last address of a network as numbers, the version before the address."""
    version = network.version << _SHIFT
    return version + int(network.network_address), version + int(network.broadcast_address)


def _bytes(number: int) -> bytes:
    return number.to_bytes(_WIDTH, "big")


def ranges(networks: Sequence[Network]) -> Ranges:
    """Make the table of networks."""
    bounds = [ends(network) for network in networks]
    parents = np.full(len(networks), -1, np.int32)
    pieces: list[tuple[int, int]] = [(0, -1)]
    open_ones: list[int] = []

    def begin(start: int, owner: int) -> None:
        if pieces[-1][0] == start:
            pieces.pop()
        pieces.append((start, owner))

    def close(before: int | None) -> None:
        while open_ones and (before is None or bounds[open_ones[-1]][1] < before):
            last = bounds[open_ones.pop()][1]
            begin(last + 1, open_ones[-1] if open_ones else -1)

    for place in sorted(range(len(networks)), key=lambda place: (bounds[place][0], -bounds[place][1])):
        close(bounds[place][0])
        parents[place] = open_ones[-1] if open_ones else -1
        open_ones.append(place)
        begin(bounds[place][0], place)
    close(None)
    starts = np.array([_bytes(start) for start, _ in pieces], f"S{_WIDTH}")
    return Ranges(starts, np.array([owner for _, owner in pieces], np.int32), parents)
