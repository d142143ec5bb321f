"""A run of several processes: what each computes, what all decide, and how all end."""
