"""No module with tables is forgotten: what is not in the list is in no backup."""

from pathlib import Path

from watchkeeper.store import every_table


def test_every_module_with_tables_is_in_the_list() -> None:
    folder = Path(every_table.__file__).parent
    with_tables = {path.stem for path in folder.glob("*.py") if "    __tablename__ = " in path.read_text("utf-8")}
    assert with_tables == {module.__name__.rsplit(".", 1)[-1] for module in every_table.MODULES}
