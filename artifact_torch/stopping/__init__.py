"""When training ends, and which epoch was the best."""
