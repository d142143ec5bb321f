"""Batches and outputs against typed dicts, key by key."""
