"""A walk as a tree of text, and as a picture. Owns how both look; what was walked is `tracing`'s."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Edge, Trace
from watchkeeper.model.walk import Branch, Walk
from watchkeeper.reporting.graph_svg import graph_svg
from watchkeeper.reporting.harmless import shown
from watchkeeper.reporting.sentences import say, word
from watchkeeper.reporting.times import moment

_ID, _COMMAND = 12, 160


def tree(walk: Walk, lang: Language) -> Iterator[str]:
    """Yield the lines: what led to it, what it did, then what is not shown and why."""
    for code, branches in (("walk.back", walk.back), ("walk.forward", walk.forward)):
        if branches:
            yield word(code, lang)
            yield from _lines(branches, lang)
            yield ""
    yield say(Note(code="walk.read", arguments={"count": str(walk.read), "event": ", ".join(walk.events)}), lang)
    yield from (say(note, lang) for note in walk.notes)


def _lines(branches: Sequence[Branch], lang: Language) -> Iterator[str]:
    under: dict[str | None, list[Branch]] = defaultdict(list)
    for branch in branches:
        under[branch.above].append(branch)
    waiting = [(branch, "", "") for branch in reversed(under[None])]
    while waiting:
        branch, lead, below = waiting.pop()
        yield f"{lead}{_said(branch, lang)}"
        command = branch.node.details.get("command", "")
        children = under[branch.node.id]
        if command:
            yield f"{below}{'│ ' if children else '  '}  {shown(command[:_COMMAND])}"
        last = len(children) - 1
        waiting += [
            (child, f"{below}{'└─ ' if place == last else '├─ '}", f"{below}{'   ' if place == last else '│  '}")
            for place, child in reversed(list(enumerate(children)))
        ]


def _said(branch: Branch, lang: Language) -> str:
    node = branch.node
    pid = f" (pid {shown(node.details['pid'])})" if node.kind == "process" and "pid" in node.details else ""
    kind = "" if node.kind == "process" else f"{word(f'kind.{node.kind}', lang)} "
    thing = f"{kind}{shown(node.details.get('path', node.label))}{pid}"
    place = f" @{shown(node.host)}" if node.host and node.kind != "host" else ""
    if not branch.kind:
        return f"{thing}{place}  {moment(node.time)}"
    arrow = "→" if not branch.acted else "←"
    more = say(Note(code="walk.alike", arguments={"count": str(branch.alike)}), lang) if branch.alike else ""
    return f"{arrow} {word(f'edge.{branch.kind}', lang)} {thing}{place}  {moment(branch.time)}  [{branch.event[:_ID]}]{more}"


def drawn(walk: Walk, lang: Language) -> Markup:
    """Draw the walk as one picture, the beginning left and the effects right."""
    every: Mapping[str, Branch] = {branch.node.id: branch for branch in (*walk.back, *walk.forward)}
    edges = [edge for branch in (*walk.back, *walk.forward) if (edge := _edge(branch)) is not None]
    trace = Trace(
        nodes=tuple(branch.node for branch in every.values()),
        edges=tuple(
            sorted(edges, key=lambda edge: (edge.time is None, edge.time.timestamp() if edge.time else 0.0, edge.source, edge.target))
        ),
        entry=None,
        entry_note=Note(code="trace.nothing"),
        story=(),
        dropped_claims=0,
        attackers=(),
        techniques=(),
        unknowns=walk.notes,
        events_read=walk.read,
    )
    return graph_svg(trace, "walk", lang)


def _edge(branch: Branch) -> Edge | None:
    if branch.above is None:
        return None
    ends = (branch.node.id, branch.above) if branch.acted else (branch.above, branch.node.id)
    return Edge(source=ends[0], target=ends[1], kind=branch.kind, time=branch.time, evidence=(branch.event,))
