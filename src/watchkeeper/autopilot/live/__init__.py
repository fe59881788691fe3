"""Live: from signals of a stream to incidents in the store within seconds. Owns the keeper and its parts; steps stand where they do."""
