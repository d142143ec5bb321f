"""How a batch becomes an update of the parameters."""
