"""Scores over a pass, in the field's names."""
