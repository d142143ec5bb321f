"""What does not fit the demo's one recipe and one routine."""

from typing import TypedDict

import pandas as pd
from torch import Tensor, nn

from artifact_torch import DataLoader, bind, trainer_from_recipe
from artifact_torch.contracts import ModelOutput
from artifact_torch.table_comparison import TableComparisonRoutine, TableSynthesizer
from demo.model.autoregressive import TabularAutoregressive
from demo.model.io import LossOutput, TabularGenerationParams, TabularInput
from demo.trainer.trainer import TableRecipe


class Logits(TypedDict):
    logits: Tensor


class Images(TypedDict):
    pixels: Tensor


class NoLoss(nn.Module):
    def forward(self, rows: TabularInput) -> Logits:
        raise NotImplementedError

    def generate(self, params: TabularGenerationParams) -> pd.DataFrame:
        raise NotImplementedError


class OfImages(nn.Module):
    def forward(self, rows: Images) -> LossOutput:
        raise NotImplementedError

    def generate(self, params: TabularGenerationParams) -> pd.DataFrame:
        raise NotImplementedError


class GeneratesNothing(nn.Module):
    def forward(self, rows: TabularInput) -> LossOutput:
        raise NotImplementedError


def of_tables(
    model: TableSynthesizer[TabularInput, ModelOutput, TabularGenerationParams], /
) -> None: ...


def wrong(
    recipe: TableRecipe,
    loader: DataLoader[TabularInput],
    images: DataLoader[Images],
    routine: TableComparisonRoutine[TabularGenerationParams],
    model: TabularAutoregressive,
) -> None:
    trainer_from_recipe(recipe, NoLoss(), train_loader=loader)  # E[pyright=reportArgumentType: "loss" is missing from "Logits"|"Logits" is not assignable, mypy=misc: Cannot infer]
    trainer_from_recipe(recipe, OfImages(), train_loader=loader)  # E[pyright=reportArgumentType: "OfImages", mypy=misc: Cannot infer]
    trainer_from_recipe(recipe, model, train_loader=images)  # E[pyright=reportArgumentType: "DataLoader\[Images\]", mypy=misc: Cannot infer]
    bind(routine, GeneratesNothing())  # E[pyright=reportArgumentType: "generate" is not present, mypy=misc: Cannot infer]
    of_tables(NoLoss())  # E[pyright=reportArgumentType: "Logits" is not assignable, mypy=arg-type: "NoLoss"]
