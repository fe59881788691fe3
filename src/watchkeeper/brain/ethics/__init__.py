"""Ethics: whether a change of state may happen, and the one function through which it does. Everything that is not allowed is refused."""
