"""What is written in annotations, resolved, with type variables filled in."""
