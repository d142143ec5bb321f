"""Updates that are made again, against the ledger of the run that made them."""

from pathlib import Path
from typing import final

from torch import Tensor

from artifact_torch.contracts import AnyStep
from artifact_torch.internal.ranks import ranks
from artifact_torch.run_folder.ledger import WHATS, What, read_ledger
from artifact_torch.trainer.digesting import digesting
from artifact_torch.trainer.digests import N_BYTES


@final
class LedgerCompared:
    """Says where the updates of `step` part from the ledger in `run_folder`, from where it stands: of
    several processes on the first, of whose rows the ledger is.
    """

    def __init__(self, step: AnyStep, run_folder: Path) -> None:
        self._step = step
        digest, self._digesting = digesting(step, self)
        ledger = read_ledger(run_folder) if ranks().is_first else None
        self.doubt: str | None = None
        """Why nothing is compared although there is a ledger."""
        if ledger is not None and ledger.digest != digest:
            self.doubt = f"its ledger has other digests ({ledger.digest}, here {digest})"
            ledger = None
        self._ledger = ledger
        self._seen_at = step.n_steps
        self.n_equal: int = 0
        """Updates that are as in the ledger."""
        self.parted: tuple[int, What] | None = None
        """The first that is not, and in what first."""

    def see(self, batch: object) -> None:
        """A batch of the update in progress, before it is computed with."""
        if self._ledger is not None:
            self._digesting.see(batch)

    def note(self, loss: Tensor) -> None:
        """What it came to."""
        if self._ledger is not None:
            self._digesting.note(loss)

    def complete(self) -> None:
        """Between two batches: if an update is done, nothing else has happened since."""
        step = self._step.n_steps
        if self._ledger is not None and step != self._seen_at:
            self._seen_at = step
            self._digesting.complete(step)
            self._digesting.write()

    def add(self, step: int, digests: bytes) -> None:
        """What `complete` came to."""
        if self.parted is not None or self._ledger is None:
            return
        rows = self._ledger.updates
        found = rows[rows["step"] == step]
        if not len(found):
            return
        for n, what in enumerate(WHATS):
            if found[what].tobytes() != digests[n * N_BYTES : (n + 1) * N_BYTES]:
                self.parted = step, what
                return
        self.n_equal += 1
