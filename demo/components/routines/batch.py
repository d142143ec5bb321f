"""What is computed from the batches of the training itself."""

from artifact_torch import BatchLossCallback, BatchRoutine
from demo.model.io import TabularVAEInput, TabularVAEOutput


def batch_routine(batch_loss: BatchLossCallback) -> BatchRoutine[TabularVAEInput, TabularVAEOutput]:
    """Keeps the loss of every so many steps."""
    return BatchRoutine[TabularVAEInput, TabularVAEOutput]([batch_loss])
