"""Move a mail of the attack out of the mailboxes that it reached. Owns the suggestion."""

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
    reached = ((mail, mailbox) for mail in hostile_mails(trace) for mailbox in mail.mailboxes)
    for mail, mailbox in islice(reached, MOST):
        said = {"mail": mail.node.label, "mailbox": mailbox, "message_id": mail.message_id}
        action = draft("quarantine_mail", Entity(kind="mailbox", value=mailbox), said, shown_by(trace, mail.node))
        yield action.model_copy(update={"needs": needs(asset_of(mailbox))})


TRAITS = ActionTraits(
    name="quarantine_mail",
    alone_from="L3",
    undoable=True,
    expiry_seconds=None,
    check_seconds=60,
    openc2=("contain", "x-watchkeeper:mail"),
    d3fend="D3-ER",
)
quarantine_mail = CatalogueAction(TRAITS, _suggest)
