"""Intelligence for a run: what is installed, the organisation's own, its watchlists, what is followed. Owns bringing these together."""

from datetime import UTC, datetime

from watchkeeper.assets import read_own
from watchkeeper.autopilot.following import followed
from watchkeeper.autopilot.options import Options
from watchkeeper.detection.intel.allow import NO_LISTS
from watchkeeper.detection.intel.installed import open_installed
from watchkeeper.detection.intel.known import Known, Owned, owned
from watchkeeper.detection.intel.lookup import make_lookup
from watchkeeper.detection.intel.matching import Matcher
from watchkeeper.detection.intel.watchlists import read_watchlists
from watchkeeper.model.indicator import INDICATOR_SCHEMA


def installed_of(options: Options) -> Known:
    """Give installed intelligence with its allow-lists and what is the organisation's own; without any, the latter alone.

    Raises:
        OSError: something of it cannot be read.
        ValueError: something of it is damaged or wrong.
    """
    installed = open_installed(options.intel) if options.intel else None
    lookup = installed.lookup if installed else make_lookup(INDICATOR_SCHEMA.empty_table())
    return Known(lookup, installed.allow() if installed else NO_LISTS, _own(options))


def known_of(options: Options) -> tuple[Known, ...]:
    """Give what a run compares events with; empty if that is nothing.

    Raises:
        OSError: something of it cannot be read.
        ValueError: something of it is damaged or wrong.
    """
    installed = installed_of(options)
    known = [installed] if installed.lookup.indicators.num_rows else []
    if options.watchlists:
        known.append(Known(make_lookup(read_watchlists(options.watchlists, datetime.now(UTC))), always=True))
    following = followed(options.state)
    if following.by_rule:
        known.append(following.known(installed.allow, installed.own))
    return tuple(known)


def matcher_of(options: Options) -> Matcher | None:
    """Give the matcher of a run; none if there is nothing to compare with.

    Raises:
        OSError: something of it cannot be read.
        ValueError: something of it is damaged or wrong.
    """
    known = known_of(options)
    return Matcher(known) if known else None


def _own(options: Options) -> Owned:
    if options.assets is None:
        return owned()
    said = read_own(options.assets)
    try:
        return owned(said.networks, said.domains)
    except ValueError as error:
        raise ValueError(f"{str(options.assets)!r}: {error}") from error
