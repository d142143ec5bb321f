"""What batches are made of, and where they are."""
