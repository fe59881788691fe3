"""The view of all events in one schema, OCSF, and under the names of another, ECS. Owns no reader: a batch goes in, a table comes out."""

from watchkeeper.schema.as_json import as_json
from watchkeeper.schema.classes import class_numbers
from watchkeeper.schema.ecs import ecs
from watchkeeper.schema.ecs import names as ecs_names
from watchkeeper.schema.naming import compared, joined_texts, naming
from watchkeeper.schema.nested import nested
from watchkeeper.schema.reading import Reading
from watchkeeper.schema.storing import stored
from watchkeeper.schema.view import view

__all__ = ["Reading", "as_json", "class_numbers", "compared", "ecs", "ecs_names", "joined_texts", "naming", "nested", "stored", "view"]
