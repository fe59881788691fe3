"""Acknowledgements of Splunk's HTTP Event Collector. Owns their numbers by channel; who gives one has kept the records before."""

from collections import OrderedDict
from collections.abc import Sequence

MOST_CHANNELS = 10_000
MOST_CHANNEL_CHARS = 128


class Acks:
    """The next number of each sender's channel; the channels that were used longest ago are forgotten, their numbers count as not kept."""

    def __init__(self, most_channels: int = MOST_CHANNELS) -> None:
        """Take how many channels are remembered."""
        self._next: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._most = most_channels

    def give(self, sender: str, channel: str) -> int:
        """Number what was just kept."""
        number = self._next.pop((sender, channel), 0)
        self._next[sender, channel] = number + 1
        if len(self._next) > self._most:
            self._next.popitem(last=False)
        return number

    def known(self, sender: str, channel: str, numbers: Sequence[int]) -> dict[str, bool]:
        """Say of each number whether what it stands for is on disk: it was given, and none is given before."""
        end = self._next.get((sender, channel), 0)
        return {str(number): 0 <= number < end for number in numbers}
