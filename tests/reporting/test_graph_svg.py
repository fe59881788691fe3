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
    boxes, lines = ([link for link in root.findall("a") if kind in (link.get("class") or "").split()] for kind in ("node", "edge"))
    assert {link.get("href") for link in boxes} == {f"#g-{at}" for at in range(len(trace.nodes))}
    assert [link.get("href") for link in lines] == [f"#g-l{at}" for at in range(len({(edge.source, edge.target) for edge in trace.edges}))]
    assert all(link.find("title") is not None for link in (*boxes, *lines))
    places = [(float(box.findall("rect")[-1].get("x") or 0), float(box.findall("rect")[-1].get("y") or 0)) for box in boxes]
    assert places == sorted(places), "the tabulator goes from left to right"


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


def test_what_a_folded_node_holds_is_listed_with_what_is_not_named(case: Case) -> None:
    held = [group for group in drawn(traced(case)).findall("g") if group.get("class", "").startswith("held")]
    place = next(at for at, node in enumerate(traced(case).nodes) if node.members)
    assert [group.get("id") for group in held] == [f"g-{place}-held"]
    texts = [text.text for text in held[0].findall("text")]
    assert texts == ["D:\\Freigabe\\Rechnung.docx", "×3", "D:\\Freigabe\\Plan.xlsx", "×1", "others", "×208"]


def test_a_button_says_what_it_folds_away(case: Case) -> None:
    trace = traced(case)
    buttons = {group.get("data-of"): group for group in drawn(trace).findall("g") if group.get("class") == "fold"}
    assert buttons
    led_to = {edge.target for edge in trace.edges}
    for name, button in buttons.items():
        assert (button.get("role"), button.get("tabindex"), button.get("aria-expanded")) == ("button", "0", "true")
        hides = [trace.nodes[int(place)] for place in (button.get("data-hides") or "").split()]
        assert hides
        assert all(node.id in led_to and node.id != trace.entry for node in hides)
        assert name not in {f"#g-{trace.nodes.index(node)}" for node in hides}


def test_hostile_labels_stay_text(hostile_case: Case) -> None:
    root = drawn(traced(hostile_case))
    assert {element.tag for element in root.iter()} <= {
        "svg", "title", "desc", "defs", "marker", "path", "a", "rect", "text", "circle", "g"
    }  # fmt: skip
    assert all(not (element.get("href") or "#").startswith("javascript") for element in root.iter())


def test_the_same_trace_is_drawn_the_same(case: Case) -> None:
    assert graph_svg(traced(case), "g", "zh") == graph_svg(traced(case), "g", "zh")
