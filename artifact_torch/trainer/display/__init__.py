"""How a run and its model are shown."""
