"""What is due at a moment, computed here or in processes beside the training."""
