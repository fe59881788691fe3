from typing import Any

from watchkeeper.model.asset import Asset
from watchkeeper.model.impact import Impact
from watchkeeper.tracing import assess, trace


def _assessed(made: Any) -> Impact:
    attack = made.intrusion()
    incident = made.incident_of("ws7", "srv2")
    found = trace(incident, made.signals_on(made.alarming(attack), technique="T1003.001"), made.over(attack + made.everyday()))
    return assess(incident.model_copy(update={"trace": found}), lambda name: Asset(name=name, criticality=5 if name == "srv2" else 2))


def test_hosts_where_the_attack_ran_or_went_on_to_are_confirmed_most_critical_first(made: Any) -> None:
    hosts = [touched.entity.value for touched in _assessed(made).confirmed if touched.entity.kind == "host"]
    assert hosts == ["srv2", "ws7"]
    assert _assessed(made).confirmed[0].criticality == 5


def test_what_it_installed_and_wrote_is_confirmed(made: Any) -> None:
    confirmed = {(touched.entity.kind, touched.entity.value) for touched in _assessed(made).confirmed}
    assert ("service", "upd") in confirmed
    assert ("account", "svc-backup") in confirmed
    assert ("file", made.DROPPED) in confirmed


def test_an_account_is_in_one_set_only_and_has_its_evidence(made: Any) -> None:
    impact = _assessed(made)
    every = [touched.entity for touched in (*impact.confirmed, *impact.probable, *impact.possible)]
    assert len(every) == len(set(every))
    assert all(touched.evidence and touched.why for touched in (*impact.confirmed, *impact.probable, *impact.possible))


def test_without_a_trace_no_set_is_claimed(made: Any) -> None:
    impact = assess(made.incident_of("ws7"), lambda name: Asset(name=name))
    assert (impact.confirmed, impact.probable, impact.possible) == ((), (), ())
    assert [note.code for note in impact.why] == ["impact.untraced"]


def test_an_account_is_shown_with_its_other_names(made: Any) -> None:
    attack = made.intrusion()
    incident = made.incident_of("ws7", "srv2")
    found = trace(incident, made.signals_on(made.alarming(attack), technique="T1003.001"), made.over(attack + made.everyday()))
    impact = assess(incident.model_copy(update={"trace": found}), lambda name: Asset(name=name, names=(f"corp\\{name}",)))
    also = {(touched.entity.kind, touched.entity.value): touched.also for touched in impact.confirmed}
    assert also["account", "svc-backup"] == (r"corp\svc-backup",)
    assert also["host", "ws7"] == ()
