"""What is wrong with an argument, as lines of one error; an empty list where nothing is."""


def integer(name: str, value: object, *, least: int) -> list[str]:
    if not isinstance(value, int) or isinstance(value, bool):
        return [f"{name} must be an int of at least {least}, got {value!r}"]
    return [] if value >= least else [f"{name} must be at least {least}, got {value}"]


def boolean(name: str, value: object) -> list[str]:
    return [] if isinstance(value, bool) else [f"{name} must be True or False, got {value!r}"]
