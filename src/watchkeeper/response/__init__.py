"""Response: a closed catalogue of actions, one file each. Owns suggesting them, with price and undo; executes nothing."""

from watchkeeper.response.planning import CATALOGUE, plan

__all__ = ["CATALOGUE", "plan"]
