"""The generative adversarial network: its losses, its step, and what it learns."""

from dataclasses import replace

import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn import functional

from artifact_torch import AlternatingStep, DataLoader, TensorTable, trainer_from_recipe
from artifact_torch.tables import TableCodec
from demo.config.config import load_config
from demo.data.heart import simulated_heart_disease
from demo.libs.losses.energy_distance import energy_distance
from demo.model.gan import TabularGAN
from demo.model.io import TabularGenerationParams, TabularInput
from demo.trainer.trainer import TableRecipe

TABLE = simulated_heart_disease(200)
CODEC = TableCodec.fit(TABLE, n_bins=8)
BATCH = TabularInput(codes=CODEC.encode(TABLE))
CONFIG = load_config()


def gan() -> TabularGAN:
    torch.default_generator.manual_seed(0)
    return TabularGAN.build(CODEC, CONFIG.architecture)


def test_the_losses_are_those_of_the_hinge_and_the_energy_distance() -> None:
    model = gan().eval()
    torch.default_generator.manual_seed(1)
    output = model(BATCH)
    torch.default_generator.manual_seed(1)
    fakes = [model.generator(200).detach() for _ in range(3)]
    columns = zip(BATCH["codes"].T, CODEC.cardinalities, strict=True)
    real = torch.cat([functional.one_hot(column, n) for column, n in columns], dim=1).float()
    critic = functional.relu(1 - model.critic(real)).mean()
    critic = critic + functional.relu(1 + model.critic(fakes[0])).mean()
    torch.testing.assert_close(output["critic_loss"], critic)
    generator = 20 * energy_distance(real, fakes[1]) - model.critic(fakes[1]).mean()
    torch.testing.assert_close(output["generator_loss"], generator)
    torch.testing.assert_close(output["loss"], energy_distance(real, fakes[2]))


def test_a_drawn_row_has_one_code_of_each_feature() -> None:
    drawn: torch.Tensor = gan().generator(50)
    parts = drawn.split_with_sizes(CODEC.cardinalities, dim=1)
    assert all(torch.equal(part.sum(dim=1), torch.ones(50)) for part in parts)


@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_under_the_recipe_its_parts_are_trained_in_turn(decay: float) -> None:
    model = gan()
    config = replace(CONFIG.training, max_n_steps=150, patience=10, average_decay=decay)
    recipe = TableRecipe(config=config, device="cpu", loss_terms=("critic_loss",))
    assert isinstance(recipe.step(gan()), AlternatingStep) == (decay == 0.0)
    before = {name: each.detach().clone() for name, each in model.named_parameters()}
    result = trainer_from_recipe(
        recipe,
        model,
        train_loader=DataLoader(TensorTable(BATCH), batch_size=50, shuffle=True),
        validation_loader=DataLoader(TensorTable(BATCH), batch_size=200),
        progress=False,
    ).train()
    assert (result.n_steps, result.failures) == (150, {})
    distances = result.scores["validation_loss"].dropna()
    steps = distances.index.get_level_values("step")
    assert result.best_step == steps[int(distances.argmin())]
    assert distances.iloc[-1] < 0.6 * distances.iloc[0]
    assert list(result.score_collections["loss_terms"].columns) == ["critic_loss"]
    moved = {name for name, each in model.named_parameters() if not torch.equal(each, before[name])}
    assert {name.split(".")[0] for name in moved} == {"generator", "critic"}


def test_generated_tables_have_the_columns_and_dtypes_of_the_real_one() -> None:
    model = gan()
    model.critic.eval()
    before = [module.training for module in model.modules()]
    generated = model.generate(TabularGenerationParams(n_records=30))
    pd.testing.assert_series_equal(generated.dtypes, TABLE.dtypes)
    assert generated.shape == (30, 12)
    assert [module.training for module in model.modules()] == before


def test_weights_that_are_not_finite_generate_nothing() -> None:
    model = gan()
    nn.init.constant_(model.generator.predictor.linear.bias, float("nan"))
    with pytest.raises(ValueError, match="logits must be finite or -inf"):
        model.generate(TabularGenerationParams(n_records=5))
