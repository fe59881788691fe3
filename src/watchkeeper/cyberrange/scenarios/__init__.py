"""Scenarios: the five intrusions, and a day without one. Owns their names; each is one file with a `play`."""

from collections.abc import Callable, Mapping
from random import Random

from watchkeeper.cyberrange.intrusion import Story as Story
from watchkeeper.cyberrange.scenarios import insider_copying, phishing_ransomware, stolen_account, supply_chain, web_shell
from watchkeeper.cyberrange.world import World


def _quiet(_world: World, _rng: Random) -> None:
    return None


SCENARIOS: Mapping[str, Callable[[World, Random], Story | None]] = {
    "phishing-ransomware": phishing_ransomware.play,
    "web-shell": web_shell.play,
    "stolen-account": stolen_account.play,
    "insider-copying": insider_copying.play,
    "supply-chain": supply_chain.play,
    "none": _quiet,
}
"""By name; `none` is the background alone."""
