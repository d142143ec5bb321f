"""What a stopper that counts epochs is told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    n_epochs_elapsed: int


@dataclass(frozen=True)
class WrongProgress:
    n_epochs_elapsed: str
