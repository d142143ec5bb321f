"""Keeps the newest state in memory: for tests."""

from collections.abc import Mapping

from artifact_torch.errors import CheckpointError


class InMemory:
    def __init__(self) -> None:
        self.saved: dict[int, Mapping[str, object]] = {}

    def is_due(self, epoch: int) -> bool:
        return True

    def save(self, epoch: int, state: Mapping[str, object]) -> None:
        self.saved[epoch] = state

    def load(self, epoch: int | None = None) -> Mapping[str, object]:
        chosen = max(self.saved, default=None) if epoch is None else epoch
        if chosen is None or chosen not in self.saved:
            raise CheckpointError(f"epoch {epoch}: there is no such state in memory")
        return self.saved[chosen]


class WrongInMemory:
    def __init__(self) -> None:
        self.saved: dict[int, Mapping[str, object]] = {}

    def save(self, state: Mapping[str, object]) -> None:
        self.saved[0] = state

    def load(self, epoch: int) -> Mapping[str, object] | None:
        return self.saved.get(epoch)
