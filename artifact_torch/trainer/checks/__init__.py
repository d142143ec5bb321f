"""What is checked before the first batch, and while a run is young."""
