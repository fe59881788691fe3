"""The brain: centres that decide. Owns ethics, which says whether an action may be done and is the only way to do it."""
