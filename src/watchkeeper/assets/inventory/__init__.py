"""Inventories of software, as others write them: SBOMs, package lists, tables. Owns recognising them by content and reading them."""

from watchkeeper.assets.inventory.reading import Inventory, read_inventories

__all__ = ["Inventory", "read_inventories"]
