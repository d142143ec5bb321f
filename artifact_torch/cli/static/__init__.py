"""pyright and mypy, asked whether a target satisfies a contract."""
