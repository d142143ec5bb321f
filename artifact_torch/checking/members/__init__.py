"""The members of an object beside those of a contract."""
