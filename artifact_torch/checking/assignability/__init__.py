"""Whether one type may be used where another is asked for."""
