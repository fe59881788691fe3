"""The page that asks for a decision: everything one has to know stands on it, long lists are counted, and it runs nothing."""

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from watchkeeper.model.action_seen import ActionSeen, ActionStands
from watchkeeper.model.autonomy import Ruling
from watchkeeper.model.entity import Entity
from watchkeeper.model.language import LANGUAGES, Language
from watchkeeper.model.note import Note
from watchkeeper.model.proposal import ActionRecord, Proposal
from watchkeeper.reporting.approval_page import MOST_SHOWN, approval_page, refused_page, taken_page

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def _seen(count: int = 1, **more: object) -> ActionSeen:
    targets = tuple(Entity(kind="address", value=f"203.0.{number >> 8}.{number & 255}") for number in range(count))
    told = {
        "tenant": "acme", "incident": "", "action": "block_address", "targets": targets, "evidence": ("e1", "e2"),
        "kinds": ("windows/Sysmon",),
        "confidence": 0.87, "blast_radius": 12, "undoable": True, "expiry_seconds": 86_400, "asked_by": "playbook:outside-address",
    }  # fmt: skip
    ruling = Ruling(
        outcome="ask", level="L2", approvals=1, why=(Note(code="ethics.radius", arguments={"radius": "12", "most": "5", "level": "L2"}),)
    )
    record = ActionRecord(
        proposal=Proposal.model_validate(told | more),
        state="waiting",
        ruling=ruling,
        made=NOON,
        changed=NOON,
        deadline=NOON + timedelta(hours=4),
    )
    return ActionSeen(**dict(ActionStands.of(record)), approvals=(), entries=())


def _text(page: str) -> str:
    return " ".join(unescape(re.sub("<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


def test_everything_that_one_has_to_know_stands_on_it() -> None:
    seen = _seen(arguments={"host": "ws7"})
    said = _text(approval_page(seen, None, "ann", "en").text)
    for one in (
        "may this be done?", "Block an address", "203.0.0.0", "host : ws7", "12 feel it; at level L2 at most 5 may",
        "2 events of windows/Sysmon",
        "87% sure", "hosts, users or services: 12", "it can be taken back", "it ends by itself after 1 d Who asks playbook outside-address",
        "0 of 1 agree so far", "2026-11-26 16:00:00 UTC", seen.digest[:16],
    ):  # fmt: skip
        assert one in said, f"{one!r} in {said}"


def test_what_is_not_known_or_final_says_so() -> None:
    said = _text(approval_page(_seen(blast_radius=None, undoable=False, expiry_seconds=None), None, "ann", "en").text)
    assert "not known, which counts as everybody" in said
    assert "it cannot be taken back" in said
    assert "until somebody takes it back" in said


def test_of_sixty_thousand_targets_it_names_the_first() -> None:
    page = approval_page(_seen(60_000), None, "ann", "en").text
    assert page.count('class="kind"') == MOST_SHOWN
    assert "and 59,980 more" in _text(page)
    assert len(page) < 60_000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_runs_nothing_and_the_policy_names_its_style(lang: Language) -> None:
    for text, policy in (
        approval_page(_seen(), None, "ann", lang),
        refused_page("over", lang),
        taken_page(_seen().record, lang, agrees=True),
    ):
        assert not re.search("<script|<img|<link|url\\(|https?://", text)
        [style] = re.findall("<style>(.*?)</style>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in policy
        assert "script-src" not in policy
        assert "default-src 'none'" in policy
