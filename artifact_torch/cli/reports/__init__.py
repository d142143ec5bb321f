"""What was found, merged, and written as text, JSON, GitHub annotations or SARIF."""
