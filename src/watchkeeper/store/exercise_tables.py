"""Table of exercises. Owns its columns alone."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from watchkeeper.store.columns import Moment, Owned, Table


class ExerciseRow(Owned, Table):
    """An exercise that was declared, with what its red team said it would do."""

    __tablename__ = "exercises"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    made: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)
