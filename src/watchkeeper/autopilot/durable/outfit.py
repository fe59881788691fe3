"""The outfit: what flows ask of the world, joined for a server beside its lake. Owns the joining; each lookup is its module's."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from watchkeeper.assets import Register, read_assets
from watchkeeper.autopilot.action_telling import Acted, action_messages
from watchkeeper.autopilot.approval_links import links_for
from watchkeeper.autopilot.circumstances import circumstances, matched_by_intel
from watchkeeper.autopilot.durable.hands import Hands
from watchkeeper.autopilot.effect_seen import effect_seen
from watchkeeper.autopilot.inventory import inventory
from watchkeeper.autopilot.live.around import Surroundings
from watchkeeper.autopilot.plain_telling import Told, question_told, step_told, told_messages
from watchkeeper.autopilot.playbooks.choosing import chosen
from watchkeeper.autopilot.playbooks.facts import facts_of
from watchkeeper.autopilot.playbooks.reading import FOLDER, playbooks
from watchkeeper.autopilot.playbooks.wording import filled, in_words
from watchkeeper.autopilot.proposing import Reasons, asked_by, proposals
from watchkeeper.autopilot.questions import answers_of, ask
from watchkeeper.autopilot.witnesses import Witnesses
from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import Ledger
from watchkeeper.brain.ethics.policy import in_force
from watchkeeper.model.asset import Asset
from watchkeeper.model.condition import IncidentFacts
from watchkeeper.model.event import Event
from watchkeeper.model.incident import Incident
from watchkeeper.model.live import LiveIncident
from watchkeeper.model.playbook import Ask, Assign, Escalate, Playbook, Tell, Wanted
from watchkeeper.model.proposal import ActionRecord, Proposal, Seen
from watchkeeper.model.query import Query
from watchkeeper.model.remark import Remark, RemarkKind
from watchkeeper.notify.routes import FILE as ROUTES
from watchkeeper.notify.routes import read_routes
from watchkeeper.response.places import FILE as PLACES
from watchkeeper.store import Store
from watchkeeper.store.anchor import AnchorFile
from watchkeeper.store.audit import AuditLog

_FRESH_SECONDS = 5.0
"""What is known of a tenant's things is looked up anew after so long, and when `response.yml` is another one."""


@dataclass(slots=True)
class Outfit:
    """What flows of one server ask."""

    store: Store
    """The store of any tenant."""
    state: Path
    """The state folder: the lake, `response.yml`, `notify.yml` and one's own playbooks lie in it."""
    world: Surroundings
    assets: Path | None = None
    """The inventory that the server was started with."""
    content: Path | None = None
    """The folder of installed content."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _known: dict[str, "_Known"] = field(default_factory=dict[str, "_Known"])
    _lake: Lock = field(default_factory=Lock)
    """A tenant's events are asked by one thread at a time."""

    def hands(self, executor: str) -> Hands:
        """Give everything that flows ask, for an executor."""
        return Hands(
            executor=executor,
            store_of=self.store.of,
            ledger_of=self.ledger_of,
            about_of=self.about_of,
            playbook_for=self.playbook_for,
            proposals=self.proposals,
            told=self.told,
            acted=self.acted,
            asked=self.asked,
            answers_of=self.answers_of,
            telemetry_of=self.telemetry_of,
            clock=self.clock,
        )

    def ledger_of(self, tenant: str) -> Ledger:
        """Give a tenant's ledger; each change is told in the audit log."""
        return self.store.of(tenant).ledger(AuditLog(self.store.database, AnchorFile(self.state)))

    def about_of(self, tenant: str) -> Circumstances:
        """Give what ethics may ask about a tenant's things.

        Raises:
            OSError: places or the inventory cannot be read.
            ValueError: they are not what they should be; nothing is done then.
        """
        return self._of(tenant).about

    def playbook_for(self, tenant: str, row: LiveIncident) -> tuple[Playbook | None, IncidentFacts]:
        """Choose the playbook for an incident, of the shipped ones and those in the state folder.

        Raises:
            OSError: a playbook, or what is kept of the policy, cannot be read.
            ValueError: one is not sound.
        """
        with self.ledger_of(tenant).alone() as kept:
            hours = in_force(kept, self.clock()).hours
        off_hours = any(one.covers(self.clock()) for one in hours)
        facts = facts_of(row.incident, self._asset_of(tenant), off_hours=off_hours)
        return chosen(playbooks((self.state / FOLDER,)), facts), facts

    def proposals(self, tenant: str, row: LiveIncident, wanted: Wanted, playbook: str) -> tuple[Proposal, ...]:
        """Give what an incident gives reason to propose."""
        about = self.about_of(tenant)
        reasons = Reasons(
            tenant=tenant,
            asked_by=asked_by(playbook),
            asset_of=self._asset_of(tenant),
            witnesses=Witnesses(lambda ids: self._events(tenant, ids), lambda ids: matched_by_intel(self.store.of(tenant), ids)),
            traits_of=about.traits_of,
        )
        return proposals(row.incident, wanted, reasons)

    def told(self, tenant: str, row: LiveIncident, step: Tell | Assign | Escalate, key: str) -> str:
        """Note on the incident what a playbook says, and whose it is, and tell people by the routes; give why they cannot be told.

        Raises:
            OSError: the store or `notify.yml` cannot be read.
        """
        notes: list[tuple[RemarkKind, str]] = []
        if not isinstance(step, Assign):
            words = filled(step.say, row.incident)
            notes.append(("comment", f"{in_words(words, 'en')} · {in_words(words, 'zh')}"[:10_000]))
        if not isinstance(step, Tell):
            notes.append(("assigned", step.to))
        store, by = self.store.of(tenant), f"playbook {key}"
        before = {(one.kind, one.text, one.by) for one in store.remarks_on(row.incident.id)}
        for kind, text in notes:
            if (kind, text, by) not in before:
                store.keep_remark(Remark(incident=row.incident.id, kind=kind, text=text, by=by, time=self.clock()))
        return self._sent(tenant, step_told(tenant, row.incident, step), row.incident)

    def asked(self, tenant: str, row: LiveIncident, step: Ask, key: str) -> tuple[str, str]:
        """Ask people and tell them by the routes that they are asked; give the question's id, and why they cannot be told.

        Raises:
            OSError: the store or `notify.yml` cannot be read.
        """
        question = ask(self.store.of(tenant), row.incident, (step, key, ""), self._asset_of(tenant), self.clock())
        return question.id, self._sent(tenant, question_told(tenant, question), row.incident)

    def answers_of(self, tenant: str, incident: str) -> Mapping[str, str]:
        """Give what was answered about an incident."""
        return answers_of(self.store.of(tenant), incident)

    def acted(self, tenant: str, ids: Iterable[str]) -> None:
        """Keep the messages about how actions stand now; those that were kept before are not kept again.

        Raises:
            OSError: the store or `notify.yml` cannot be read.
            ValueError: `notify.yml` is not what it should be, or the key of links is damaged.
        """
        routes, store, asset_of = read_routes(self.state / ROUTES), self.store.of(tenant), self._asset_of(tenant)
        links = links_for(routes.base_url, self.state)
        with self.ledger_of(tenant).alone() as kept:
            records = [record for id_ in ids if (record := kept.record(id_))]
        for record in records:
            row = store.live_incident(record.proposal.incident) if record.proposal.incident else None
            acted = Acted(record, row.incident if row else None)
            if messages := action_messages(acted, routes, asset_of, links, self.clock()):
                store.keep_messages(messages)

    def _sent(self, tenant: str, told: Told, incident: Incident) -> str:
        try:
            messages = told_messages(told, incident, read_routes(self.state / ROUTES), self._asset_of(tenant), self.clock())
        except ValueError as error:
            return str(error)
        if messages:
            self.store.of(tenant).keep_messages(messages)
        return ""

    def telemetry_of(self, record: ActionRecord) -> Seen | None:
        """Look in the lake for the effect of an action, from when it was done."""
        about = self.about_of(record.proposal.tenant)
        traits = about.traits_of(record.proposal.action)
        window = timedelta(seconds=traits.check_seconds if traits else 60)
        with self._lake:
            return effect_seen(record, self.world.events_of(record.proposal.tenant).batches, self.clock(), window)

    def _asset_of(self, tenant: str) -> Callable[[str], Asset]:
        return self._of(tenant).assets.of

    def _of(self, tenant: str) -> "_Known":
        """Give what is known of a tenant's things, no older than some seconds."""
        now, stamp = self.clock(), _stamp(self.state / PLACES)
        kept = self._known.get(tenant)
        if kept and kept.stamp == stamp and (now - kept.read).total_seconds() < _FRESH_SECONDS:
            return kept
        told, store = read_assets(self.assets) if self.assets else (), self.store.of(tenant)
        about = circumstances(store, self.state, self.clock, told, self.content)
        self._known[tenant] = fresh = _Known(now, stamp, about, Register((*inventory(store), *told)))
        return fresh

    def _events(self, tenant: str, ids: Sequence[str]) -> Iterable[Event]:
        if not ids or not (self.state / "lake" / "events").is_dir():
            return ()
        with self._lake:
            return tuple(self.world.events_of(tenant).search(Query(ids=tuple(ids), limit=len(ids))))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a tenant's things, since when, and by which `response.yml`."""

    read: datetime
    stamp: int
    about: Circumstances
    assets: Register


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
