"""Sources: one idea of where samples come from a file."""
