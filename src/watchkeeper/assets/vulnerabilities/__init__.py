"""Lists of published vulnerabilities, as others write them. Owns reading them; whom they concern here is `exposure`'s."""

from watchkeeper.assets.vulnerabilities.exploited import Exploited, ExploitedList, read_exploited
from watchkeeper.assets.vulnerabilities.lists import Lists
from watchkeeper.assets.vulnerabilities.vulnerability import Affected, Range, Vulnerability

__all__ = ["Affected", "Exploited", "ExploitedList", "Lists", "Range", "Vulnerability", "read_exploited"]
