"""Table of what people noted about incidents. Owns its columns alone."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from watchkeeper.store.columns import Numbered, Table


class RemarkRow(Numbered, Table):
    """A comment, or the word of who works on an incident; later ones stand beside earlier ones."""

    __tablename__ = "remarks"

    incident_id: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(16), index=True)
    body: Mapped[str] = mapped_column(Text)
