"""The keeper process: signals of all workers in, incidents, messages and a tidy lake out. Owns the loop; what is done stands in `autopilot`."""

IDLE_SECONDS = 0.1
