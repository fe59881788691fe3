"""Unbound, on this machine or over SSH: names refused by a response policy zone of our own. Owns the zone's file and its reloading.

A zone has no clock: what a job wants leaves the file when it is undone, or when the file is written next after its time.
Source: unbound.conf(5), "RPZ"; unbound-control(8), `auth_zone_reload`.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, IPvAnyAddress

from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.response.connectors.commands import Machine, obeyed, run
from watchkeeper.response.connectors.dns_question import resolved
from watchkeeper.response.connectors.domain_zone import Refused, canonical, mark, read, spared_by, written
from watchkeeper.response.connectors.nftables import remaining
from watchkeeper.response.connectors.place import Place
from watchkeeper.settings.references import Reveal

_MOST_BYTES = 64 << 20
_MOST_ASKED = 20
_TRIES = 5
_OTHERWISE = 75
_READ = 'if [ -e "$1" ]; then cat "$1"; fi'
_WRITE = """set -eu
umask 022
exec 9>"$1.lock"
flock -w 10 9
trap 'rm -f "$1.new"' EXIT
cat >"$1.new"
if [ -e "$1" ]; then is=$(sha256sum <"$1"); else is=$(sha256sum </dev/null); fi
[ "${is%% *}" = "$2" ] || exit 75
mv -f "$1.new" "$1"
"""
"""Writes a file anew, at once and for good, if it is still what was read."""


class UnboundPlace(Place):
    """A resolver that users ask."""

    by: Literal["unbound"]
    """Unbound 1.14 or later, with an `rpz:` clause for the zone."""
    at: Machine = Machine()
    """Where it is; rights: writing the zone's file, and `unbound-control`."""
    zone: Annotated[str, AfterValidator(canonical)] = "rpz.watchkeeper"
    """Name of the zone, as in its `rpz:` clause."""
    file: Annotated[str, Field(pattern=r"^/[^\x00-\x1f]+$")]
    """File of the zone, as in its `rpz:` clause, in a folder where it can be written anew."""
    config: Annotated[str, Field(pattern=r"^(/[^\x00-\x1f]+)?$")] = ""
    """Configuration that `unbound-control` reads; empty: its own choice."""
    resolver: IPvAnyAddress
    """Where this machine asks whether a name is refused."""
    port: Annotated[int, Field(ge=1, le=65_535)] = 53
    """Port of the resolver."""
    never: tuple[Annotated[str, AfterValidator(canonical)], ...] = ()
    """Names that are never refused, with all under them."""

    def means(self, action: str, reveal: Reveal) -> Means:
        """Give how names are refused there; no secret is needed, since SSH reads its key itself."""
        del reveal
        if action != "block_domain":
            raise ValueError(f"{self.name!r} is Unbound, which has 'block_domain' alone, not {action!r}")
        return Means(self.name, action, partial(_block, self), partial(_unblock, self), partial(_check, self))


def _block(place: UnboundPlace, job: Job) -> Done:
    remaining(job)
    wanted = _wanted(job)
    for one in wanted:
        if kept := spared_by(one, place.never):
            raise ValueError(f"{place.name!r} does not refuse {one.name!r}: {kept!r} stands in its `never`; nothing was refused")
    _rewrite(place, job, wanted)
    return Done(said=f"{_spoken(wanted)} refused by the resolver {place.resolver}", reference=mark(job.key, place.zone))


def _unblock(place: UnboundPlace, job: Job) -> Done:
    _rewrite(place, job, ())
    return Done(said=f"what this action had refused left the zone of the resolver {place.resolver}", reference=mark(job.key, place.zone))


def _check(place: UnboundPlace, job: Job) -> Seen:
    """Ask the resolver for the mark of the job, which shows that it has loaded it, and for names of it."""
    wanted = _wanted(job)
    asked = wanted[:: max(1, len(wanted) // _MOST_ASKED)]
    loaded = resolved(str(place.resolver), place.port, mark(job.key, place.zone), "TXT").records > 0
    answers = [resolved(str(place.resolver), place.port, one.name).refused for one in asked]
    gone = sum(answers)
    said = f"the resolver {place.resolver} says of {gone} of {len(asked)} names asked for that there are none"
    said += " and has loaded this action" if loaded else "; it has not loaded this action"
    outcome = "in-force" if loaded and gone == len(asked) else "not-in-force"
    return Seen(where="target", outcome=outcome, time=datetime.now(UTC), said=f"{said} ({len(wanted)} names are refused by it)")


def _wanted(job: Job) -> tuple[Refused, ...]:
    below = job.arguments.get("subdomains", "no")
    if below not in {"yes", "no"}:
        raise ValueError(f"`subdomains` is {below[:40]!r}; it is 'yes' or 'no'")
    names = sorted({canonical(target.value) for target in job.targets})
    return tuple(Refused(job.key, name, below == "yes", job.expires) for name in names)


def _spoken(wanted: tuple[Refused, ...]) -> str:
    under = " with every name under" if wanted[0].below else ""
    return f"{wanted[0].name!r}{under} is" if len(wanted) == 1 else f"{len(wanted):,} names{under} are"


def _rewrite(place: UnboundPlace, job: Job, wanted: Iterable[Refused]) -> None:
    """Write the zone with these for the job instead of what it had, and have it loaded."""
    for _ in range(_TRIES):
        before = obeyed(place.at, ("sh", "-c", _READ, "read", place.file), most_bytes=_MOST_BYTES)
        try:
            held = read(before.decode("utf-8"))
        except ValueError as error:
            raise ValueError(f"{place.name!r} does not change {place.file!r}: {error}") from error
        after = written([*(one for one in held if one.job != job.key), *wanted], place.zone, datetime.now(UTC)).encode("ascii")
        asked = ("sh", "-c", _WRITE, "write", place.file, hashlib.sha256(before).hexdigest())
        answer = run(place.at, asked, after)
        if answer.status == 0:
            obeyed(place.at, ("unbound-control", *(("-c", place.config) if place.config else ()), "auth_zone_reload", place.zone))
            return
        if answer.status != _OTHERWISE:
            raise ValueError(f"{place.name!r} cannot write {place.file!r}: {answer.complaint}")
    raise BlockingIOError(f"{place.file!r} of {place.name!r} was changed by somebody else each time it was about to be written")
