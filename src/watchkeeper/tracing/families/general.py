"""Every log that the schema maps and no other family reads: edges by class. Owns these; what a product's fields are, mappings say."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from watchkeeper.evidence import outcome, reading
from watchkeeper.evidence.naming import number, tail
from watchkeeper.evidence.predicates import (
    ACCOUNT,
    ACTING,
    CALLS,
    FILE,
    IMAGE,
    OPERATION,
    RECIPIENT,
    RESOURCE,
    SENDER,
    SERVER,
    TRAFFIC,
    URL,
    WHO,
)
from watchkeeper.model.event import Event
from watchkeeper.model.trace import NodeKind
from watchkeeper.schema import Reading
from watchkeeper.tracing.accounts import person
from watchkeeper.tracing.fact import Fact, Thing, named
from watchkeeper.tracing.families.pattern import Cast, machine, spoken

_SIGNONS = ("signon.from", "signon.here", "signon.failed.from", "signon.failed", "signon.seen.from")
_ASKED = ("web.requested", "web.requested.plain")
_SENT = ("traffic.refused", "traffic.refused.plain", "traffic.seen", "traffic.seen.plain")
_DID = ("cloud.called", "cloud.did", "cloud.called.by")
_CHANGES: Mapping[str, str] = {"Create": "created", "Delete": "deleted"}
_FILES: Mapping[str, str] = {"Create": "wrote", "Update": "wrote", "Rename": "wrote", "Delete": "deleted"}
_LASTING = frozenset({"Account Change", "User Access Management", "Group Management"})


@dataclass(frozen=True, slots=True)
class _Seen:
    """One event with what the schema says of it."""

    event: Event
    attributes: Reading
    cast: Cast

    def text(self, paths: str) -> str:
        """Give the first of several attributes that the event has."""
        return next(filter(None, (self.attributes.text(path) for path in paths.split("|"))), "")

    def texts(self, paths: str) -> tuple[str, ...]:
        """Give all values of the first of several attributes that the event has."""
        return next(filter(None, (self.attributes.texts(path) for path in paths.split("|"))), ())

    def edge(self, kind: str, source: Thing | None, target: Thing | None, *predicates: str, about_target: bool = False) -> Iterator[Fact]:
        """Yield the edge if both its ends are there and are not one."""
        if source is not None and target is not None and source.key != target.key:
            predicate, said = spoken(predicates, self.event)
            yield Fact(kind, source, target, self.event, predicate, said, about_target)

    def came_from(self) -> Thing | None:
        """Make where it came from: the host or address, or what calls itself a host."""
        name = self.text("src_endpoint.hostname")
        return self.cast.place(self.text("src_endpoint.ip"), self.event.time) or (machine(name.split(".")[0].lower()) if name else None)

    def here(self) -> Thing | None:
        """Make the host the event is about, or the service where it is about none."""
        return machine(self.event.host) if self.event.host else self.thing("service", SERVER)

    def account(self, paths: str) -> Thing | None:
        """Make the account that one of those attributes names."""
        found = self.text(paths)
        return Thing(f"user|{named(found)}", "user", found, "", {"user": found}) if person(found) else None

    def session(self, paths: str) -> Thing | None:
        """Make the account's standing on the event's host; the account itself where the event is about no host."""
        who, host = self.account(paths), self.event.host
        return Thing(f"logon|{host}|user:{named(who.label)}", "logon", who.label, host, {"user": who.label}) if who and host else who

    def thing(self, kind: NodeKind, paths: str) -> Thing | None:
        """Make a thing that is on no host."""
        found = self.text(paths).rstrip(".")
        return Thing(f"{kind}|{found.lower()}", kind, found[:200], "", {"path": found[:500]}) if found else None

    def process(self, paths: str, pid_paths: str = "") -> Thing | None:
        """Make the process that those attributes name, by its id where the event has one."""
        image, pid = self.text(paths), number(self.text(pid_paths)) if pid_paths else None
        command = self.text("process.cmd_line") if pid_paths == _PID else ""
        label = image or command.split(" ", maxsplit=1)[0]
        if not label or not self.event.host:
            return None
        details = {"image": label, "pid": "" if pid is None else str(pid), "command": command[:500], "user": self.text("process.user.name")}
        identity = f"{pid}:{tail(label).lower()}" if pid is not None else f"only:{tail(label).lower()}:{command[:80]}"
        known = {name: value for name, value in details.items() if value}
        return Thing(f"process|{self.event.host}|{identity}", "process", tail(label), self.event.host, known)


_PID, _ACTING_PID = "process.pid", "actor.process.pid|process.parent_process.pid"


def facts(event: Event, cast: Cast) -> Iterator[Fact]:
    """Yield what an event of any mapped log shows by its class."""
    attributes = reading(event)
    show = _BY_CLASS.get(attributes.class_name)
    if show is not None:
        yield from show(_Seen(event, attributes, cast))


def _signed_on(seen: _Seen) -> Iterator[Fact]:
    if seen.text("activity_name") != "Logon":
        return
    kind = {"succeeded": "logged-on", "failed": "failed"}.get(outcome(seen.attributes), "came-as")
    actor, user = seen.session("actor.user.name"), seen.session(ACCOUNT)
    source = seen.came_from()
    if source is None and actor is not None and user is not None and actor.key != user.key:
        yield from seen.edge("used", actor, user, "account.assumed", about_target=True)
        return
    target = seen.account(ACCOUNT + "|" + WHO) if kind == "failed" else user or seen.account(WHO)
    yield from seen.edge(kind, source or seen.here(), target, *_SIGNONS, about_target=kind != "failed")
    if target is None:
        yield from seen.edge("reached", source, seen.here(), "client.seen")


def _ran(seen: _Seen) -> Iterator[Fact]:
    if seen.text("activity_name") != "Launch":
        return
    started = seen.process(IMAGE, _PID)
    parent = seen.process(ACTING, _ACTING_PID)
    said = ("command.run", "process.launched", "process.launched.plain")
    yield from seen.edge("started", parent, started, *said, about_target=True)
    yield from seen.edge("owned", seen.session("actor.user.name|process.user.name"), started, *(() if parent else said), about_target=True)


def _asked(seen: _Seen) -> Iterator[Fact]:
    """Show who asked for what: a page of the server that wrote the event, or, where a whole URL names another, one elsewhere."""
    source = seen.came_from()
    url, site = seen.text(URL), seen.text("http_request.url.hostname|url.hostname").lower()
    elsewhere = bool(site) and "://" in url and site.split(".")[0] != seen.event.host
    host, path = "" if elsewhere else seen.event.host, seen.text("http_request.url.path") or url
    name = url if elsewhere else f"{site}{path}"
    page = Thing(f"url|{host}|{name.lower()}", "url", name[:200], host, {"path": name[:500]})
    yield from seen.edge("asked", source, page if path else None, *_ASKED)
    if elsewhere:
        yield from seen.edge("asked", source, Thing(f"domain|{site}", "domain", site))
    else:
        yield from seen.edge("reached", source, seen.here())


def _sent(seen: _Seen) -> Iterator[Fact]:
    kind = "refused" if outcome(seen.attributes) == "failed" else "reached"
    yield from seen.edge(kind, seen.came_from(), seen.cast.place(seen.text("dst_endpoint.ip"), seen.event.time), *_SENT)


def _resolved(seen: _Seen) -> Iterator[Fact]:
    if "." in seen.text("query.hostname"):
        yield from seen.edge("asked", seen.came_from(), seen.thing("domain", "query.hostname"), "name.resolved")


def _called(seen: _Seen) -> Iterator[Fact]:
    who, activity = seen.account(WHO), seen.text("activity_name")
    yield from seen.edge("called", who or seen.came_from(), seen.thing("cloud", OPERATION), *_DID)
    yield from seen.edge("came-as", seen.came_from(), who, about_target=True)
    if seen.attributes.class_name in _LASTING:
        kind = "added" if activity == "Add User" else _CHANGES.get(activity, "changed")
        yield from seen.edge(kind, who, seen.account(ACCOUNT), "member.added", "identity.changed")
    elif activity in _FILES:
        yield from seen.edge(_CHANGES.get(activity, "changed"), who, seen.thing("cloud", RESOURCE), "resource.used")


def _filed(seen: _Seen) -> Iterator[Fact]:
    kind, path = _FILES.get(seen.text("activity_name"), ""), seen.text(FILE)
    if kind and path:
        target = Thing(f"file|{seen.event.host}|{path.lower()}", "file", tail(path), seen.event.host, {"path": path})
        yield from seen.edge(kind, seen.process(ACTING, "actor.process.pid"), target, "file.changed", "file.removed")


def _mailed(seen: _Seen) -> Iterator[Fact]:
    sender, subject = seen.text(SENDER), seen.text("email.subject")
    identity = seen.text("email.message_uid") or f"{sender}|{subject}"
    told = {"subject": subject[:500], "from": sender} | (
        {"message_id": identity[:500]} if seen.text("email.message_uid").count("@") else {}
    )
    mail = Thing(f"mail|{identity.lower()}", "mail", subject[:200] or identity[:200], "", told)
    yield from seen.edge("sent", seen.account(SENDER), mail, "mail.sent", "mail.sent.plain", about_target=True)
    yield from seen.edge("sent", seen.cast.place(seen.text("src_endpoint.ip"), seen.event.time), mail, about_target=True)
    for mailbox in seen.texts(RECIPIENT)[:_MOST_MAILBOXES]:
        yield from seen.edge("delivered", mail, Thing(f"user|{named(mailbox)}", "user", mailbox, "", {"user": mailbox}))
    for url in seen.texts("email.urls.url_string|url.url_string")[:_MOST_MAILBOXES]:
        yield from seen.edge("linked", mail, Thing(f"url||{url.lower()}", "url", url[:200], "", {"path": url[:500]}), "mail.linked")


def _found(seen: _Seen) -> Iterator[Fact]:
    target = machine(seen.event.host) if seen.event.host else seen.account(ACCOUNT + "|" + WHO) or seen.here()
    source = seen.came_from() or seen.cast.place(seen.text("evidences.src_endpoint.ip"), seen.event.time)
    yield from seen.edge("alerted", source, target, "finding.raised", about_target=True)


def _recorded(seen: _Seen) -> Iterator[Fact]:
    """Show, of an event that no mapping gives a class, who it is about and from where; what happened stays open."""
    source, who = seen.came_from(), seen.account(ACCOUNT + "|" + WHO)
    if who:
        yield from seen.edge("came-as", source, who, "user.seen.from", about_target=True)
    else:
        yield from seen.edge("reached", source, seen.here(), "client.seen")


_MOST_MAILBOXES = 20
_BY_CLASS: Mapping[str, Callable[[_Seen], Iterator[Fact]]] = {
    "Authentication": _signed_on, "Process Activity": _ran, "HTTP Activity": _asked, "DNS Activity": _resolved,
    "File System Activity": _filed, "Email Activity": _mailed, "Detection Finding": _found,
    "Base Event": _recorded,
    **dict.fromkeys(TRAFFIC, _sent), **dict.fromkeys(CALLS, _called),
}  # fmt: skip
