"""The loop of a run: its clock, its moments, and who looks on."""
