"""One update: gradient, clipping, optimizer, guards."""
