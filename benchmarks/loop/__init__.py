"""Training loops beside each other."""
