"""Edges between the same two things are one line; what hangs on a thing alone is folded away with it, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.incident import Case
from watchkeeper.reporting.cited import OF_AN_EDGE, cited
from watchkeeper.reporting.graph_links import hanging, links, with_rows

IDS = [str(at) for at in range(9)]
PAIRS = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)), max_size=20)


def test_every_edge_stands_in_one_line(case: Case) -> None:
    trace = case.incidents[0].trace
    assert trace
    joined = [edge for line in links(trace) for edge in line.edges]
    assert sorted(map(repr, joined)) == sorted(map(repr, trace.edges))
    assert all((edge.source, edge.target) == (line.source.id, line.target.id) for line in links(trace) for edge in line.edges)


def test_the_events_of_an_edge_are_bounded_and_the_rest_counted(case: Case) -> None:
    incident = case.incidents[0]
    assert incident.trace
    ids = tuple(f"many{at}" for at in range(40))
    edge = incident.trace.edges[0].model_copy(update={"evidence": ids})
    busy = incident.model_copy(update={"trace": incident.trace.model_copy(update={"edges": (edge,)})})
    shown = with_rows(edge, cited(busy, None, None))
    assert [row.event_id for row in shown.rows] == list(ids[:OF_AN_EDGE])
    assert shown.more == 40 - OF_AN_EDGE


def test_a_branch_hangs_on_what_started_it_and_a_second_way_keeps_it() -> None:
    pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("1", "4"), ("0", "4")]
    assert hanging(IDS[:5], pairs, "0") == {"0": ("1", "2", "3", "4"), "1": ("2", "3"), "2": ("3",)}


@given(PAIRS, st.sampled_from(IDS))
def test_what_hangs_on_a_thing_has_no_way_around_it(pairs: list[tuple[str, str]], entry: str) -> None:
    for key, alone in hanging(IDS, pairs, entry).items():
        assert key not in alone
        led_to = {target for source, target in pairs if source != target}
        for root in (one for one in IDS if one != key and (one == entry or one not in led_to)):
            assert not (_reach(root, pairs, key) & set(alone))


def _reach(root: str, pairs: list[tuple[str, str]], avoiding: str) -> set[str]:
    seen = {root}
    while more := {target for source, target in pairs if source in seen and target != avoiding} - seen:
        seen |= more
    return seen
