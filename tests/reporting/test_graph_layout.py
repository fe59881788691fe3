"""No drawing puts one thing on another, whatever the graph, and the same graph is drawn the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.reporting.graph_layout import HEIGHT, WIDTH, Drawing, arrange

GRAPHS = st.integers(1, 30).flatmap(
    lambda size: st.tuples(
        st.just([f"n{number}" for number in range(size)]),
        st.lists(
            st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).map(lambda pair: (f"n{pair[0]}", f"n{pair[1]}")), max_size=60
        ),
    )
)


def overlaps(drawing: Drawing) -> bool:
    boxes = drawing.boxes
    return any(abs(a.x - b.x) < WIDTH and abs(a.y - b.y) < HEIGHT for i, a in enumerate(boxes) for b in boxes[i + 1 :])


@settings(max_examples=60, deadline=None)
@given(GRAPHS)
def test_boxes_never_overlap_and_stay_on_the_canvas(graph: tuple[list[str], list[tuple[str, str]]]) -> None:
    ids, links = graph
    drawing = arrange(ids, links)
    assert [box.id for box in drawing.boxes] == ids
    assert not overlaps(drawing)
    assert all(box.x >= 0 and box.y >= 0 for box in drawing.boxes)
    assert all(box.x + WIDTH <= drawing.width and box.y + HEIGHT <= drawing.height for box in drawing.boxes)
    assert {(route.source, route.target) for route in drawing.routes} == {(a, b) for a, b in links if a != b}
    assert arrange(ids, links) == drawing


def test_causes_stand_left_of_effects() -> None:
    drawing = arrange(["mail", "word", "shell", "file"], [("mail", "word"), ("word", "shell"), ("shell", "file"), ("word", "file")])
    x = {box.id: box.x for box in drawing.boxes}
    assert x["mail"] < x["word"] < x["shell"] < x["file"]


def test_a_link_that_passes_a_column_does_not_run_through_its_boxes() -> None:
    drawing = arrange(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")])
    passing = next(box for box in drawing.boxes if box.id == "b")
    route = next(route for route in drawing.routes if (route.source, route.target) == ("a", "c"))
    inside = [y for x, y in route.points if passing.x <= x <= passing.x + WIDTH]
    assert inside
    assert all(y < passing.y or y > passing.y + HEIGHT for y in inside)


def test_nothing_to_draw_is_an_empty_drawing() -> None:
    assert arrange([], []).boxes == ()
