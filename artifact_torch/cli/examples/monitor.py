"""A stopper that names the score it looks at."""

from artifact_torch.contracts import EpochState


class LowLoss:
    monitored: tuple[str, ...] = ("train_loss",)

    def should_stop(self, update: EpochState) -> bool:
        return update.scores.get("train_loss", 1.0) < 0.01


class WrongLowLoss:
    monitored = 1

    def should_stop(self, update: EpochState) -> bool:
        return update.scores.get("train_loss", 1.0) < 0.01
