"""Small helpers of no domain."""
