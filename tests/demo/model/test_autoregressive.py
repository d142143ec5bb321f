"""The autoregressive model: a distribution over rows, and draws from it."""

from itertools import product

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from artifact_torch.tables import TableCodec
from demo.config.config import load_config
from demo.data.heart import simulated_heart_disease
from demo.model.architectures.autoregressive import Autoregressive
from demo.model.autoregressive import TabularAutoregressive
from demo.model.io import TabularGenerationParams, TabularInput

COUNTS = (2, 3, 2)
ROWS = torch.tensor(list(product(*map(range, COUNTS))))


def network(*, ordered: tuple[bool, ...] = (False, True, False)) -> Autoregressive:
    """With random weights everywhere, the heads included."""
    torch.default_generator.manual_seed(0)
    made = Autoregressive(
        [torch.ones(n) for n in COUNTS],
        ordered=ordered,
        n_context=8,
        n_hidden=6,
        dropout=0.2,
        forgetting=0.2,
    )
    for parameter in made.parameters():
        nn.init.normal_(parameter, std=0.7)
    return made.eval()


def probabilities(made: Autoregressive) -> Tensor:
    """Of each of `ROWS`, one at a time."""
    return torch.stack([torch.exp(-made.nll(row.unsqueeze(0))) for row in ROWS]).detach()


def test_the_probabilities_of_all_rows_sum_to_one() -> None:
    """They would not if a feature saw itself, or one after it."""
    shares = probabilities(network())
    assert shares.sum().item() == pytest.approx(1.0, abs=1e-5)
    assert shares.max().item() > 2 * shares.min().item()


def test_draws_have_these_probabilities() -> None:
    made = network()
    torch.default_generator.manual_seed(1)
    drawn = made.draw(60_000, temperature=1.0, sample=True)
    seen = torch.stack([(drawn == row).all(dim=1).double().mean() for row in ROWS])
    assert (seen - probabilities(made)).abs().max().item() < 0.01  # 5 standard errors


def test_the_likeliest_codes_are_drawn_without_sampling() -> None:
    made = network()
    drawn = made.draw(5, temperature=1.0, sample=False)
    assert torch.equal(drawn, drawn[:1].expand(5, 3))
    first = [probabilities(made)[ROWS[:, 0] == code].sum().item() for code in range(2)]
    assert drawn[0, 0].item() == first.index(max(first))


def test_untrained_it_knows_the_columns_alone() -> None:
    table = simulated_heart_disease(300)
    codec = TableCodec.fit(table, n_bins=8)
    codes = codec.encode(table)
    model = TabularAutoregressive.build(
        codec, load_config().architecture, codes=codes, ordered=[False] * 12
    ).eval()
    expected = torch.zeros(())
    for column, n in zip(codes.T, codec.cardinalities, strict=True):
        counts = torch.bincount(column, minlength=n).float()
        smoothed = (counts + 0.5) / (counts + 0.5).sum()
        expected = expected - (counts / 300 * smoothed.log()).sum()
    torch.testing.assert_close(model(TabularInput(codes=codes))["loss"], expected)


def test_dropout_and_forgetting_are_of_training_alone() -> None:
    made = network()
    assert made.nll(ROWS).item() == made.nll(ROWS).item()
    made.train()
    assert made.nll(ROWS).item() != made.nll(ROWS).item()


def test_neighbours_of_an_ordered_feature_begin_alike() -> None:
    def distances(*, ordered: bool) -> tuple[float, float]:
        torch.default_generator.manual_seed(0)
        made = Autoregressive(
            [torch.ones(24)],
            ordered=[ordered],
            n_context=64,
            n_hidden=4,
            dropout=0.0,
            forgetting=0.0,
        )
        vectors = made.vectors.weight.detach()
        near, far = vectors[1:] - vectors[:-1], vectors[12:] - vectors[:12]
        return near.square().mean().sqrt().item(), far.square().mean().sqrt().item()

    near, far = distances(ordered=True)
    assert near < 0.5 * far
    near, far = distances(ordered=False)
    assert near == pytest.approx(far, rel=0.2)


def test_generated_tables_have_the_columns_and_dtypes_of_the_real_one() -> None:
    table = simulated_heart_disease(200)
    codec = TableCodec.fit(table, n_bins=8)
    model = TabularAutoregressive.build(
        codec, load_config().architecture, codes=codec.encode(table), ordered=[True] * 12
    )
    generated = model.generate(TabularGenerationParams(n_records=9000))
    assert generated.shape == (9000, 12)
    pd.testing.assert_series_equal(generated.dtypes, table.dtypes)
    assert model.training
