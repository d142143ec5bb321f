"""The state of a run: gathered, kept in a folder, read back."""
