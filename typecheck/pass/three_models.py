"""The three models of the demo, and any other, under its one recipe and one routine."""

import pandas as pd
from torch import nn
from typing_extensions import assert_type

from artifact_torch import DataLoader, Trainer, bind, trainer_from_recipe
from artifact_torch.contracts import ModelOutput, TrainerRecipe
from artifact_torch.table_comparison import TableComparisonRoutine, TableSynthesizer
from demo.model.autoregressive import TabularAutoregressive
from demo.model.gan import TabularGAN
from demo.model.io import LossOutput, TabularGenerationParams, TabularInput
from demo.model.synthesizer import TabularVAESynthesizer
from demo.trainer.trainer import TableRecipe


class OfOnesOwn(nn.Module):
    def forward(self, rows: TabularInput) -> LossOutput:
        raise NotImplementedError

    def generate(self, params: TabularGenerationParams) -> pd.DataFrame:
        raise NotImplementedError


def three(
    recipe: TableRecipe,
    loader: DataLoader[TabularInput],
    routine: TableComparisonRoutine[TabularGenerationParams],
    vae: TabularVAESynthesizer,
    autoregressive: TabularAutoregressive,
    gan: TabularGAN,
) -> None:
    own = OfOnesOwn()
    trainer_from_recipe(recipe, vae, train_loader=loader, routines=[bind(routine, vae)])  # OK
    trainer_from_recipe(recipe, autoregressive, train_loader=loader, routines=[bind(routine, autoregressive)])  # OK
    trainer_from_recipe(recipe, gan, train_loader=loader, routines=[bind(routine, gan)])  # OK
    trainer_from_recipe(recipe, own, train_loader=loader, routines=[bind(routine, own)])  # OK
    assert_type(trainer_from_recipe(recipe, gan, train_loader=loader), Trainer[TabularInput, ModelOutput])  # OK
    of_one: TrainerRecipe[TabularInput, ModelOutput] = recipe  # OK
    models: list[TableSynthesizer[TabularInput, ModelOutput, TabularGenerationParams]] = [vae, autoregressive, gan, own]  # OK
    for model in models:
        trainer_from_recipe(of_one, model, train_loader=loader, validation_loader=loader, routines=[bind(routine, model)])  # OK
