"""Exercises of a tenant as they are kept. Owns their order alone: what is part of one is judged elsewhere."""

from sqlalchemy import select

from watchkeeper.model.exercise import Exercise
from watchkeeper.store.changes import record
from watchkeeper.store.exercise_tables import ExerciseRow
from watchkeeper.store.rows import Rows


class Exercises(Rows):
    """Exercises that were declared."""

    def keep_exercise(self, exercise: Exercise) -> None:
        """Keep an exercise, or what became of it."""
        row = ExerciseRow(tenant=self.tenant, id=exercise.id, made=exercise.made, body=exercise.model_dump_json())
        with self._writing() as session:
            session.merge(row)
            record(session, self.tenant, "exercise", [exercise.id])

    def exercises(self) -> tuple[Exercise, ...]:
        """Give every exercise that was ever declared, the newest first."""
        every = select(ExerciseRow.body).order_by(ExerciseRow.made.desc(), ExerciseRow.id)
        with self._reading() as session:
            return tuple(Exercise.model_validate_json(body) for body in session.scalars(every))
