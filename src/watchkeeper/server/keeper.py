"""The keeper process: signals of all workers in, incidents, messages and a tidy lake out. Owns the loop, not what is done in it."""

IDLE_SECONDS = 0.1
