"""A second kind of model under the demo's recipe and contract: a GAN of the same codes."""

from dataclasses import replace
from typing import TypedDict

import pandas as pd
import torch
from artifact_core.table_comparison import TabularDataSpec
from torch import Tensor, nn
from torch.nn import functional

from artifact_torch import (
    AlternatingStep,
    DataLoader,
    TensorTable,
    bind,
    seed_everything,
    trainer_from_recipe,
)
from artifact_torch.contracts import Turn
from artifact_torch.table_comparison import (
    Split,
    TableComparisonPlan,
    TableComparisonRoutine,
    TableSynthesizer,
)
from artifact_torch.tables import TableCodec
from demo.config.config import load_config
from demo.data.heart import CAT_FEATURES, CTS_FEATURES, simulated_heart_disease
from demo.libs.layers.multi_feature_predictor import MultiFeaturePredictor
from demo.model.io import TabularVAEGenerationParams, TabularVAEInput
from demo.report import final_scores
from demo.trainer.trainer import TableRecipe
from demo.trainer.validation import PLAN, generation_params


class GanOutput(TypedDict):
    loss: Tensor  # [], of the generator
    critic_loss: Tensor  # []


class TabularGan(nn.Module):
    """The generator draws codes, relaxed (Jang et al. 2017, arXiv:1611.01144); the critic tells
    them from those of real rows by a hinge loss (Lim and Ye 2017, arXiv:1705.02894).
    """

    def __init__(self, codec: TableCodec, *, n_hidden: int = 128, n_noise: int = 16) -> None:
        super().__init__()
        sizes = codec.cardinalities
        self.generator = nn.Sequential(
            nn.Linear(n_noise, n_hidden),
            nn.LeakyReLU(),
            MultiFeaturePredictor(n_hidden, sizes),
        )
        self.critic = nn.Sequential(
            nn.Linear(len(sizes) * max(sizes), n_hidden), nn.LeakyReLU(), nn.Linear(n_hidden, 1)
        )
        self._codec, self._n_codes, self._n_noise = codec, max(sizes), n_noise

    def forward(self, rows: TabularVAEInput) -> GanOutput:
        """Both losses."""
        return self.play(rows, lambda _part, loss: loss())

    def play(self, rows: TabularVAEInput, turn: Turn) -> GanOutput:
        """The critic, then the generator."""
        n_rows = len(rows["codes"])
        real = functional.one_hot(rows["codes"], self._n_codes).float()
        critic = turn("critic", lambda: self._critic_loss(real))
        generator = turn("generator", lambda: -self._judged(self._drawn(n_rows)).mean())
        return GanOutput(loss=generator, critic_loss=critic)

    def generate(self, params: TabularVAEGenerationParams) -> pd.DataFrame:
        """A table of new rows."""
        return self._codec.decode(self._drawn(params.n_records).argmax(dim=-1))

    def _critic_loss(self, real: Tensor) -> Tensor:
        fake = self._drawn(len(real)).detach()
        return torch.relu(1 - self._judged(real)).mean() + torch.relu(1 + self._judged(fake)).mean()

    def _drawn(self, n_rows: int) -> Tensor:
        """`[rows, features, codes]`, 1 at the code of each feature."""
        return functional.gumbel_softmax(
            self.generator(torch.randn(n_rows, self._n_noise)), tau=0.7, hard=True
        )

    def _judged(self, rows: Tensor) -> Tensor:
        judged: Tensor = self.critic(rows.flatten(1))
        return judged


def test_a_gan_trains_and_is_validated_by_the_same_parts() -> None:
    config = load_config()
    table = simulated_heart_disease(500)
    spec = TabularDataSpec.from_df(
        table, cts_features=list(CTS_FEATURES), cat_features=list(CAT_FEATURES)
    )
    seed_everything(0)
    codec = TableCodec.fit(table, n_bins=8)
    gan = TabularGan(codec)
    params = generation_params(config.validation, n_records=500)
    untrained = final_scores(spec, table, gan.generate(params))["MEAN_JS_DISTANCE"]
    recipe = TableRecipe(
        config=replace(config.training, max_n_epochs=60, learning_rate=0.002),
        device="cpu",
        loss_terms=("critic_loss",),
    )
    assert isinstance(recipe.step(gan), AlternatingStep)
    routine = TableComparisonRoutine(
        spec=spec,
        plan=TableComparisonPlan(scores=PLAN.scores),
        params=params,
        train=Split(table, every=60),
    )
    trainer = trainer_from_recipe(
        recipe,
        gan,
        train_loader=DataLoader(
            TensorTable(TabularVAEInput(codes=codec.encode(table))), batch_size=50, shuffle=True
        ),
        routines=[bind(routine, gan)],
        progress=False,
    )
    result = trainer.train()
    assert (result.n_epochs_elapsed, result.n_steps, result.failures) == (60, 600, {})
    distances = result.epoch_scores["MEAN_JS_DISTANCE_TRAIN"].dropna()
    assert list(distances.index) == [60]
    assert distances.iloc[-1] < 0.75 * untrained
    assert result.best_epoch == result.epoch_scores["train_loss"].idxmin()
    assert list(result.score_collections["loss_terms"].columns) == ["critic_loss"]


def test_it_is_a_synthesizer_to_both_checkers_and_at_run_time() -> None:
    def synthesized(
        model: TableSynthesizer[TabularVAEInput, GanOutput, TabularVAEGenerationParams],
    ) -> pd.DataFrame:
        return model.generate(TabularVAEGenerationParams(n_records=7))

    table = simulated_heart_disease(50)
    codec = TableCodec.fit(table, n_bins=4)
    made = synthesized(TabularGan(codec))
    assert made.shape == (7, table.shape[1])
    assert list(made.columns) == list(table.columns)
