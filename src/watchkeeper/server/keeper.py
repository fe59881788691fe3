"""The keeper process: signals of all workers in, incidents, messages and a tidy lake out. Owns the loop; what is done stands in `autopilot`."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from watchkeeper.autopilot.handing import unpacked
from watchkeeper.autopilot.live.flowing import Flowing
from watchkeeper.autopilot.live.keeper import Around, Keeper, SignalFrame
from watchkeeper.autopilot.options import Options
from watchkeeper.journal import Frames, key_of, partitions, trim
from watchkeeper.server.processes import Stopping
from watchkeeper.server.vitals import Pulse
from watchkeeper.store import open_store

IDLE_SECONDS = 0.1
