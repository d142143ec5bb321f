"""A stopper that says when it stops at the latest."""

from artifact_torch.contracts import StopperUpdateData


class TenEpochs:
    max_n_epochs: int | None = 10

    def should_stop(self, update: StopperUpdateData) -> bool:
        return update.n_epochs_elapsed >= 10


class WrongTenEpochs:
    def max_n_epochs(self) -> int:
        return 10

    def should_stop(self, update: StopperUpdateData) -> bool:
        return update.n_epochs_elapsed >= 10
