"""What is computed by a pass over the training table."""

from artifact_torch import DataLoaderRoutine, LossCallback, OutputMeansCallback
from artifact_torch.contracts import BatchSource
from demo.model.io import TabularVAEInput, TabularVAEOutput

TRAIN_LOSS = "train_loss"


def train_loader_routine(
    loader: BatchSource[TabularVAEInput], *, every: int
) -> DataLoaderRoutine[TabularVAEInput, TabularVAEOutput]:
    """The mean loss over the table, and its two terms."""
    return DataLoaderRoutine[TabularVAEInput, TabularVAEOutput](
        loader,
        scores=[LossCallback(TRAIN_LOSS)],
        score_collections=[OutputMeansCallback("loss_terms", keys=["reconstruction", "kl"])],
        every=every,
    )
