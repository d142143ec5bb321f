"""The recipe trains models that it was not written for."""

from dataclasses import replace
from pathlib import Path
from typing import TypedDict

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from artifact_torch import DataLoader, TensorTable, trainer_from_recipe
from demo.config.config import load_config
from demo.model.io import TabularInput
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

    def forward(self, rows: TabularInput) -> NextCodeOutput:
        """The mean cross entropy of a code after the one before."""
        codes = rows["codes"]
        predicted: Tensor = self.logits(codes[:, :-1])
        loss = functional.cross_entropy(predicted.flatten(0, 1), codes[:, 1:].flatten())
        return NextCodeOutput(loss=loss, perplexity=loss.detach().exp())


def recipe(*loss_terms: str) -> TableRecipe:
    config = replace(load_config().training, max_n_epochs=160, validation_share=0.0)
    config = replace(config, train_loader_callback_period=5, learning_rate=0.008)
    return TableRecipe(config=config, device="cpu", loss_terms=loss_terms)


def loader() -> DataLoader[TabularInput]:
    return DataLoader(TensorTable(TabularInput(codes=CODES)), batch_size=10)


@pytest.mark.parametrize("terms", [(), ("perplexity",)])
def test_a_model_of_ones_own_trains_by_the_same_recipe(
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


@pytest.mark.parametrize(("share", "n_batches", "every"), [(0.15, 4, 25), (0.15, 60, 60)])
def test_rows_held_out_are_looked_at_every_so_many_steps(
    share: float, n_batches: int, every: int
) -> None:
    """No more often than would take as many batches as the training."""
    config = replace(load_config().training, max_n_steps=120, validation_share=share)
    recipe = TableRecipe(config=config, device="cpu")
    rows = TensorTable(TabularInput(codes=CODES[:1].expand(10 * n_batches, 3)))
    result = trainer_from_recipe(
        recipe,
        NextCode(),
        train_loader=loader(),
        validation_loader=DataLoader(rows, batch_size=10),
        progress=False,
    ).train()
    looks = result.scores["validation_loss"].dropna().index.get_level_values("step")
    assert list(looks) == [*range(every, 120, every), 120]
