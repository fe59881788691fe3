"""The view of all events in one schema, OCSF, and under the names of another, ECS. Owns no reader: a batch goes in, a table comes out."""

from watchkeeper.schema.ecs import ecs
from watchkeeper.schema.naming import compared, joined_texts, naming
from watchkeeper.schema.nested import nested
from watchkeeper.schema.reading import Reading
from watchkeeper.schema.view import view

__all__ = ["Reading", "compared", "ecs", "joined_texts", "naming", "nested", "view"]
