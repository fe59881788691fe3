"""Nouns: the frozen values every layer speaks in. Owns their shapes and nothing else."""
