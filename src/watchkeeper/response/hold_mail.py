"""Hold a mail of the attack where it still waits in a mail server's queue. Owns the suggestion."""

from collections.abc import Iterator
from itertools import islice

from watchkeeper.model.action import Action
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.trace import Trace
from watchkeeper.response.catalogue import AssetOf, CatalogueAction, draft, needs, shown_by
from watchkeeper.response.hostile_mail import MOST, hostile_mails


def _suggest(_: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    for mail in islice((mail for mail in hostile_mails(trace) if "@" in mail.sender), MOST):
        said = {"mail": mail.node.label, "sender": mail.sender, "message_id": mail.message_id}
        action = draft("hold_mail", Entity(kind="mailbox", value=mail.sender), said, shown_by(trace, mail.node))
        yield action.model_copy(update={"blast_radius": max(1, len(mail.mailboxes)), "needs": needs(asset_of(mail.sender))})


TRAITS = ActionTraits(
    name="hold_mail",
    alone_from="L3",
    undoable=True,
    expiry_seconds=None,
    check_seconds=60,
    openc2=("contain", "x-watchkeeper:mail"),
    d3fend="D3-EF",
)
hold_mail = CatalogueAction(TRAITS, _suggest)
