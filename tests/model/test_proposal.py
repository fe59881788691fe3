"""A proposal's digest follows from everything it says; its id from what is done to what for which incident."""

from collections.abc import Mapping
from typing import Any

import pytest

from watchkeeper.model.entity import Entity
from watchkeeper.model.proposal import Proposal

_TOLD: Mapping[str, Any] = {
    "tenant": "default", "incident": "i1", "action": "block_address",
    "targets": (Entity(kind="address", value="203.0.113.9"), Entity(kind="address", value="203.0.113.10")), "arguments": {"reason": "c2"},
    "evidence": ("e1",), "kinds": ("windows/Sysmon",), "confidence": 0.9, "blast_radius": 1, "undoable": True, "expiry_seconds": 60,
    "asked_by": "playbook:intrusion", "wave": 0,
}  # fmt: skip
_OTHERWISE: Mapping[str, Any] = {
    "tenant": "acme", "incident": "i2", "action": "isolate_host", "targets": (Entity(kind="address", value="203.0.113.11"),),
    "arguments": {}, "evidence": ("e2",), "kinds": (), "confidence": 0.1, "blast_radius": None, "undoable": False, "expiry_seconds": 61,
    "asked_by": "person:ann", "wave": 1,
}  # fmt: skip
_WHAT = {"tenant", "incident", "action", "targets", "arguments", "wave"}


@pytest.mark.parametrize("name", Proposal.model_fields)
def test_whatever_is_otherwise_changes_the_digest_and_what_is_done_the_id(name: str) -> None:
    before, after = Proposal.model_validate(_TOLD), Proposal.model_validate({**_TOLD, name: _OTHERWISE[name]})
    assert before.digest != after.digest
    assert (before.id != after.id) == (name in _WHAT)


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("name", Proposal.model_fields)
def test_a_copy_that_says_something_else_has_a_digest_of_its_own(name: str, *, deep: bool) -> None:
    before, after = Proposal.model_validate(_TOLD), Proposal.model_validate({**_TOLD, name: _OTHERWISE[name]})
    assert len({before.digest, before.id}) == 2
    copied = before.model_copy(update={name: _OTHERWISE[name]}, deep=deep)
    assert (copied.digest, copied.id, copied) == (after.digest, after.id, after)
    assert before == Proposal.model_validate(_TOLD)


@pytest.mark.parametrize(("name", "value"), [("confidence", float("nan")), ("confidence", float("inf")), ("expiry_seconds", 10**15)])
def test_what_could_not_be_kept_or_reckoned_with_is_no_proposal(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        Proposal.model_validate({**_TOLD, name: value})


def test_the_order_of_targets_asks_for_the_same() -> None:
    told = Proposal.model_validate(_TOLD)
    assert told.id == told.model_copy(update={"targets": told.targets[::-1]}).id
    assert Proposal.model_validate_json(told.model_dump_json()).digest == told.digest
