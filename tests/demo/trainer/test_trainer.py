"""The recipe trains models that it was not written for."""

from pathlib import Path
from typing import TypedDict

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from artifact_torch import DataLoader, TensorTable, trainer_from_recipe
from demo.config.config import load_config
from demo.model.io import TabularVAEInput
from demo.trainer.trainer import TableRecipe

CODES = torch.randint(4, (40, 3), generator=torch.Generator().manual_seed(0))


class NextCodeOutput(TypedDict):
    """No latent, no KL divergence: one term alone."""

    loss: Tensor  # []
    perplexity: Tensor  # []


class NextCode(nn.Module):
    """An autoregressive model of rows: each code from the one before it."""

    def __init__(self) -> None:
        super().__init__()
        self.logits = nn.Embedding(4, 4)

    def forward(self, rows: TabularVAEInput) -> NextCodeOutput:
        """The mean cross entropy of a code after the one before."""
        codes = rows["codes"]
        predicted: Tensor = self.logits(codes[:, :-1])
        loss = functional.cross_entropy(predicted.flatten(0, 1), codes[:, 1:].flatten())
        return NextCodeOutput(loss=loss, perplexity=loss.detach().exp())


def recipe(*loss_terms: str) -> TableRecipe:
    return TableRecipe(config=load_config().training, device="cpu", loss_terms=loss_terms)


def loader() -> DataLoader[TabularVAEInput]:
    return DataLoader(TensorTable(TabularVAEInput(codes=CODES)), batch_size=10)


@pytest.mark.parametrize("terms", [(), ("perplexity",)])
def test_an_autoregressive_model_trains_by_the_same_recipe(
    tmp_path: Path, terms: tuple[str, ...]
) -> None:
    torch.default_generator.manual_seed(0)
    trainer = trainer_from_recipe(
        recipe(*terms),
        NextCode(),
        train_loader=loader(),
        progress=False,
        run_folder=tmp_path,
        checkpoint_every=40,
    )
    result = trainer.train()
    losses = result.epoch_scores["train_loss"].dropna()
    assert (result.n_epochs_elapsed, result.n_steps) == (160, 640)
    assert result.best_epoch == losses.idxmin()
    assert losses.iloc[-1] < losses.iloc[0]
    assert {n: list(f.columns) for n, f in result.score_collections.items()} == (
        {"loss_terms": list(terms)} if terms else {}
    )
    assert (tmp_path / "checkpoints" / "epoch_00160_step_00000640").is_dir()
