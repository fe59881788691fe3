import pyarrow as pa

from watchkeeper.model.stored import HASHES, NUMBERS, STORED_SCHEMA, TEXTS
from watchkeeper.schema.attributes import attribute


def test_every_attribute_is_of_the_type_that_the_schema_gives_it() -> None:
    for path in (*TEXTS, *NUMBERS, HASHES):
        about = attribute(path)
        wanted = pa.list_(about.plain) if about.several else about.plain
        assert STORED_SCHEMA.field(path).type == wanted, path
