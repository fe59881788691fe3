"""Lines of JSON: what they mean, what is malformed, and that nothing is lost beside it."""

from collections.abc import Callable

import msgspec
import pytest

from watchkeeper.detection import RuleSet
from watchkeeper.detection.lines import Events, LineDetector
from watchkeeper.detection.logsources import log_sources
from watchkeeper.detection.plan import Plans

Rules = Callable[..., RuleSet]
EVENTS = Events(Plans((), log_sources()), log_sources(), "windows")

MEANT = {
    '{"Channel":"Security","EventID":4688}': {"Channel": "Security", "EventID": "4688"},
    '{"Hostname":"a","Computer":"b"}': {"Computer": "b"},
    '{"Computer":"b","Hostname":"a"}': {"Computer": "b"},
    '{"A":1,"A":2}': {"A": "2"},
    '{"A":[1,"x",null,true]}': {"A": ["1", "x", "true"]},
    '{"A":[{"b":1},{"b":[2,3],"c":null}]}': {"A.b": ["1", "2", "3"]},
    '{"A":[]}': {"A": []},
    '{"A":{"b":{"c":1.50}},"N":null}': {"A.b.c": "1.50"},
    '{"Event":{"System":{"EventID":{"#text":1},"Channel":"c"},"EventData":{"Image":"i","Channel":"x"}}}': {
        "EventID": "1", "Channel": "c", "Image": "i", "EventData_Channel": "x",
    },
    '{"A":"\t\\u0041","B":NaN}': {"A": "\tA", "B": "NaN"},
}  # fmt: skip


@pytest.mark.parametrize("line", MEANT)
def test_a_line_means_these_fields(line: str) -> None:
    assert EVENTS.fields(line.encode()) == MEANT[line]


@pytest.mark.parametrize("line", ["x", "[]", '"a"', "{", '{"a":01}', '{"a":"\\x"}', "{}{}", '{"a":' * 30 + "1" + "}" * 30, "[" * 5_000])
def test_what_is_no_object_is_malformed(line: str) -> None:
    assert EVENTS.fields(line.encode()) is None


def test_a_malformed_line_is_counted_and_costs_itself(rules: Rules) -> None:
    detector = LineDetector(rules({"selection": {"F": "a"}, "condition": "selection"}), "windows")
    good = msgspec.json.encode({"F": "A"})
    hits = detector.hits(b"\n".join([good, b"{", b"", b"  ", good]))
    assert hits.offsets.tolist() == [0, len(good) + 7]
    assert hits.lengths.tolist() == [len(good)] * 2
    assert (detector.events, detector.malformed) == (2, 1)
