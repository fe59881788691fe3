"""What is measured, as a closed list: names, labels and every value a label may have. Owns no values; `vitals` carries them."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from watchkeeper.model.level import LEVELS
from watchkeeper.model.live import Status
from watchkeeper.model.received import Listener

CHANNELS = ("mail", "webhook", "slack", "feishu", "dingtalk", "wecom")
"""Ways to tell people; a test compares this with what `notify` has."""
_LISTENERS = get_args(Listener)
_REASONS = ("full", "unknown", "turned-away")


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is measured."""

    kind: Literal["counter", "gauge"]
    """A counter only grows while its process lives; a gauge is what it is now."""
    says: str
    """What it is, in a sentence."""
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Each label with every value it may have: no label grows with what strangers send."""


MEASURES: dict[str, Measure] = {
    "events_accepted": Measure("counter", "Events that are on disk and were acknowledged.", {"listener": _LISTENERS}),
    "bytes_accepted": Measure("counter", "Bytes of accepted events, as they came and unpacked.", {"listener": _LISTENERS}),
    "events_refused": Measure(
        "counter",
        "Events that could not be kept (full), and requests of nobody known (unknown) or turned away otherwise; all were told so.",
        {"listener": _LISTENERS, "reason": _REASONS},
    ),
    "events_malformed": Measure("counter", "Records that were none, of which their senders were told.", {"listener": _LISTENERS}),
    "events_cut": Measure("counter", "Records that were too long and were cut.", {"listener": _LISTENERS}),
    "events_dropped": Measure("counter", "Records that were lost because nobody could be told to wait: UDP.", {"listener": _LISTENERS}),
    "journal_bytes": Measure("gauge", "Bytes in the journal that the lake does not have yet."),
    "journal_lag_seconds": Measure("gauge", "Age of the oldest accepted record that is not in the lake yet."),
    "journal_free_bytes": Measure("gauge", "Room left on the disk of the journal."),
    "journal_damaged_bytes": Measure("gauge", "Bytes of the journal that were no whole entry: cut off at its end, or passed over."),
    "journal_set_aside": Measure("gauge", "Entries of the journal that could not be taken in; they lie in its folder `aside`."),
    "detection_lag_seconds": Measure("gauge", "Time from acceptance to detection of the newest batch."),
    "events_read": Measure("counter", "Events that were read from the journal."),
    "lake_events": Measure("counter", "Events that were committed to the lake."),
    "lake_commits": Measure("counter", "Commits to the lake."),
    "signals": Measure("counter", "Signals by level.", {"level": LEVELS}),
    "incidents": Measure("gauge", "Incidents by how they stand.", {"status": get_args(Status)}),
    "flows": Measure("gauge", "Flows of incidents by how they stand.", {"state": ("walking", "waiting", "failed")}),
    "rules": Measure("gauge", "Rules that are loaded."),
    "messages_sent": Measure("counter", "Messages to people that were handed over.", {"channel": CHANNELS}),
    "messages_failed": Measure("counter", "Attempts to send a message that failed.", {"channel": CHANNELS}),
    "messages_given_up": Measure("counter", "Messages that nobody will get.", {"channel": CHANNELS}),
    "messages_waiting": Measure("gauge", "Messages that are due and not sent."),
    "senders": Measure("gauge", "Senders that are let in."),
    "senders_silent": Measure("gauge", "Senders that have been silent for longer than they should."),
    "live_clients": Measure("gauge", "Clients that follow changes by server-sent events."),
}
"""Every measure by its name; in Prometheus each has `watchkeeper_` before it, and a counter `_total` after it."""


def checked(name: str, labels: dict[str, str]) -> Measure:
    """Give the measure of that name.

    Raises:
        ValueError: there is none, or the labels are not its own; a label that strangers could fill would grow without end.
    """
    measure = MEASURES.get(name)
    if measure is None:
        raise ValueError(f"{name!r} is not measured; add it to MEASURES in server/measures.py")
    if labels.keys() != measure.labels.keys():
        raise ValueError(f"{name!r} has the labels {sorted(measure.labels)}, not {sorted(labels)}")
    for label, value in labels.items():
        if value not in measure.labels[label]:
            raise ValueError(f"{label}={value!r} of {name!r} is none of {', '.join(measure.labels[label])}")
    return measure
