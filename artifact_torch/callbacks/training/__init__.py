"""Callbacks of the training itself."""
