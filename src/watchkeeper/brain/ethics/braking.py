"""Braking: stopping everything. Owns setting and releasing a brake, and that a flood pulls it by itself."""

from datetime import datetime, timedelta

from watchkeeper.brain.ethics.approving import is_person
from watchkeeper.brain.ethics.ledger import Kept, Ledger, RecordsWanted
from watchkeeper.brain.ethics.policy import Policy
from watchkeeper.brain.ethics.rates import RATE
from watchkeeper.brain.ethics.telling import SYSTEM, happened
from watchkeeper.model.policy import Brake
from watchkeeper.model.principal import EVERY_TENANT
from watchkeeper.model.proposal import ActionRecord

_MOST = 500


def set_brake(ledger: Ledger, brake: Brake) -> Brake:
    """Set or release a brake, for a tenant or for every one; only people release it.

    Raises:
        OSError: it could not be kept.
        ValueError: it is another tenant's, or the system would release it.
    """
    if brake.scope not in (ledger.tenant, EVERY_TENANT):
        raise ValueError(f"the brake is for {brake.scope!r}, and this is the ledger of {ledger.tenant!r}")
    if not brake.on and not is_person(brake.by):
        raise ValueError(f"{brake.by!r} is no person; only a person releases a brake or says what a dry run is")
    with ledger.alone() as kept:
        _put(kept, ledger.tenant, brake)
    return brake


def brake_if_flooded(kept: Kept, record: ActionRecord, policy: Policy, now: datetime) -> None:
    """Pull the tenant's brake if so much was refused because of a rate that this is no work any more."""
    tenant = record.proposal.tenant
    if not _is_over_rate(record) or any(brake.on for brake in kept.brakes()):
        return
    refused = kept.records(RecordsWanted(states=("refused",), changed_since=now - timedelta(hours=1), most=_MOST))
    count = sum(map(_is_over_rate, refused))
    if count >= policy.rates.brake_after:
        dry_run = any(brake.dry_run for brake in kept.brakes() if brake.scope == tenant)
        why = f"{count} proposals within an hour were over a rate"
        _put(kept, tenant, Brake(scope=tenant, on=True, dry_run=dry_run, by=SYSTEM, time=now, why=why))


def _put(kept: Kept, tenant: str, brake: Brake) -> None:
    what = "brake on" if brake.on else "dry run" if brake.dry_run else "brake off"
    kept.put_brake(brake, happened(tenant, brake.time, brake.by, (what, brake.scope), brake.why))


def _is_over_rate(record: ActionRecord) -> bool:
    return record.state == "refused" and any(note.code == RATE for note in record.ruling.why)
