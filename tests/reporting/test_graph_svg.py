"""The attack graph shows every node once, in place, and nothing from a log can break it."""

import xml.etree.ElementTree as ET

from watchkeeper.model.incident import Case
from watchkeeper.model.trace import Trace
from watchkeeper.reporting.graph_svg import graph_svg, tactic_class


def traced(case: Case) -> Trace:
    trace = case.incidents[0].trace
    assert trace
    return trace


def drawn(trace: Trace) -> ET.Element:
    return ET.fromstring(str(graph_svg(trace, "g", "en")))  # noqa: S314 - our own text


def test_every_node_and_pair_of_nodes_is_drawn(case: Case) -> None:
    trace, root = traced(case), drawn(traced(case))
    links = root.findall("a")
    assert {link.get("href") for link in links} == {f"#g-{at}" for at in range(len(trace.nodes))}
    edges = [group for group in root.findall("g") if "edge" in (group.get("class") or "")]
    assert len(edges) == len({(edge.source, edge.target) for edge in trace.edges})
    assert all(group.find("title") is not None for group in edges)


def test_kinds_and_tactics_show(case: Case) -> None:
    classes = [link.get("class") or "" for link in drawn(traced(case)).findall("a")]
    assert sum("unknown" in name.split() for name in classes) == 1
    assert sum("entry" in name.split() for name in classes) == 1
    assert any({"t-impact", "alerted", "process"} <= set(name.split()) for name in classes)
    assert (tactic_class("defense-evasion"), tactic_class("x'><script>")) == ("t-stealth", "t-none")


def test_a_folded_node_is_stacked_with_its_count(case: Case) -> None:
    folded = next(link for link in drawn(traced(case)).findall("a") if "folded" in (link.get("class") or ""))
    assert len(folded.findall("rect")) == 3
    assert any(text.text == "×212" for text in folded.findall("text"))


def test_hostile_labels_stay_text(hostile_case: Case) -> None:
    root = drawn(traced(hostile_case))
    assert {element.tag for element in root.iter()} <= {
        "svg", "title", "desc", "defs", "marker", "path", "a", "rect", "text", "circle", "g"
    }  # fmt: skip
    assert all(not (element.get("href") or "#").startswith("javascript") for element in root.iter())


def test_the_same_trace_is_drawn_the_same(case: Case) -> None:
    assert graph_svg(traced(case), "g", "zh") == graph_svg(traced(case), "g", "zh")
