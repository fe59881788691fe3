"""What may come next is counted, lies later, and was not seen yet."""

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.attack import TACTICS, Catalogue, Known, technique
from watchkeeper.model.outlook import Telemetry
from watchkeeper.tracing.outlook.following import MOST_STEPS, Watching, following, later, ranked, sharing, users_of

KEYS = ["T1566.001", "T1059.001", "T1003.001", "T1021.001", "T1005", "T1041", "T1486", "T1490", "T1105", "T9999"]


def nobody(_: str) -> Watching:
    return Watching(0, ())


def test_the_most_common_later_techniques_come_first_with_their_counts(catalogue: Catalogue) -> None:
    found = following(catalogue, ("T1003.001", "T1047"), "credential-access", nobody)
    assert found is not None
    assert [(step.technique, step.used) for step in found.steps] == [("T1105", 2), ("T1486", 1), ("T1490", 1)]
    assert (found.of, found.after, found.steps[0].tactics) == (4, "credential-access", ("command-and-control",))


def test_what_those_do_that_share_techniques_is_told_once_they_are_enough() -> None:
    alike = [Known(f"G1{at:03}", "a", (), ("T1003.001", "T1047", "T1486")) for at in range(20)]
    others = [Known(f"G2{at:03}", "b", (), ("T1003.001", "T1490")) for at in range(30)]
    found = following(Catalogue("", "", (), {}, (*alike, *others), (), ()), ("T1003.001", "T1047"), "credential-access", nobody)
    assert found is not None
    assert (found.alike, found.shared) == (20, 2)
    assert [(step.technique, step.used, step.used_alike) for step in found.steps] == [("T1490", 30, 0), ("T1486", 20, 20)]


def test_rules_and_logs_for_a_step_are_told(catalogue: Catalogue) -> None:
    log = Telemetry(name="windows process_creation", rules=2, here=True)
    found = following(catalogue, ("T1003.001",), "lateral-movement", lambda key: Watching(2, (log,)) if key == "T1486" else Watching(0, ()))
    assert found is not None
    assert {step.technique: (step.rules, step.telemetry) for step in found.steps}["T1486"] == (2, (log,))


def test_nothing_comes_after_impact_and_nothing_is_said_without_techniques(catalogue: Catalogue) -> None:
    assert following(catalogue, ("T1003.001",), "impact", nobody) is None
    assert following(catalogue, (), "execution", nobody) is None


@given(
    users=st.lists(st.frozensets(st.sampled_from(KEYS)), max_size=30),
    seen=st.frozensets(st.sampled_from(KEYS)),
    after=st.sampled_from(TACTICS),
)
def test_steps_are_new_later_and_counted_right(users: list[frozenset[str]], seen: frozenset[str], after: str) -> None:
    counts = later(users, after, seen)
    for key in ranked(counts)[:MOST_STEPS]:
        known = technique(key)
        assert known is not None
        assert key not in seen
        assert all(TACTICS.index(name) > TACTICS.index(after) for name in known.tactics)
        assert counts[key] == sum(key in used for used in users)
    shared, alike = sharing(users, seen)
    assert all(len(used & seen) >= shared for used in alike)


def test_campaigns_and_groups_count_and_those_without_techniques_do_not(catalogue: Catalogue) -> None:
    empty, campaign = Known("G9", "x"), Known("C1", "c", (), ("T1086",))
    users = users_of(Catalogue("", "", (), {}, (*catalogue.groups, empty), (), (campaign,)))
    assert (len(users), users[0]) == (5, frozenset({"T1059.001"}))
