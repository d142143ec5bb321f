"""The answer of the command: one set of records, and how people and machines read them."""
