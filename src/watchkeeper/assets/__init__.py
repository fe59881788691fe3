"""Assets: what the organisation owns, told by people in `assets.yml` or learnt from the events and said to be."""

from watchkeeper.assets.learning import Learner, Learning
from watchkeeper.assets.register import Register, read_assets, read_own

__all__ = ["Learner", "Learning", "Register", "read_assets", "read_own"]
