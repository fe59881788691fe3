"""Tables of flows, and of the processes that walk them. Owns columns alone."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from watchkeeper.store.columns import Moment, Owned, Table


class FlowRow(Owned, Table):
    """How far an incident is on its way."""

    __tablename__ = "flows"
    __table_args__ = (Index("ix_flows_state", "tenant", "state"),)

    incident_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    number: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str] = mapped_column(Text)


class ExecutorRow(Table):
    """A process that walks flows, of whichever tenant, and that it is alive."""

    __tablename__ = "executors"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    beats: Mapped[int] = mapped_column(BigInteger)
    """It rises as long as the process lives; others see by their own clocks whether it does."""
    gone: Mapped[bool] = mapped_column(Boolean)
    """Whether another one has taken over its flows."""
    beaten: Mapped[datetime] = mapped_column(Moment)
