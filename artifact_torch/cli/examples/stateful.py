"""A counter that continues after a restart."""

from collections.abc import Mapping


class Counter:
    def __init__(self) -> None:
        self.count: int = 0

    def state_dict(self) -> Mapping[str, object]:
        return {"count": self.count}

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:
        self.count = int(str(state_dict["count"]))


class WrongCounter:
    def __init__(self) -> None:
        self.count: int = 0

    def state_dict(self) -> int:
        return self.count

    def load_state_dict(self, count: int) -> None:
        self.count = count
