"""Exercises of red against blue: declared, told apart from what is real, scored. Nothing is suppressed or held back for one."""
