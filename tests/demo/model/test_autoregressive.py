"""The autoregressive model: a distribution over rows, and draws from it."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from artifact_torch.tables import TableCodec
from demo.config.config import load_config
from demo.data.heart import simulated_heart_disease
from demo.model.architectures.autoregressive import Autoregressive
from demo.model.autoregressive import TabularAutoregressive
from demo.model.io import TabularGenerationParams
from tests.demo.tensors import array

COUNTS = (2, 3, 2)
ROWS = torch.tensor(list(product(*map(range, COUNTS))))


def untrained(
    counts: Sequence[int],
    codes: Tensor,
    n_ordered: Sequence[int],
    *,
    held_out: Tensor | None = None,
    n_context: int = 8,
) -> Autoregressive:
    torch.default_generator.manual_seed(0)
    return Autoregressive(
        counts,
        codes=codes,
        held_out=held_out,
        n_ordered=n_ordered,
        n_context=n_context,
        n_hidden=6,
        dropout=0.2,
        forgetting=0.2,
    )


def network() -> Autoregressive:
    """With random weights everywhere, the heads included, and features that follow one another."""
    rows = ROWS[(ROWS[:, 0] == 0) == (ROWS[:, 1] == 0)]
    made = untrained(COUNTS, rows, [0, 3, 0])
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


def test_untrained_it_knows_categories_alone() -> None:
    """Their shares, half a row for each code added."""
    codes = torch.stack([torch.arange(60) % 3, torch.arange(60) % 4], dim=1)
    codes[:20, 1] = 1
    model = untrained([3, 4], codes, [0, 0]).eval()
    expected = torch.zeros(())
    for column, n in zip(codes.T, (3, 4), strict=True):
        counts = torch.bincount(column, minlength=n).float()
        smoothed = (counts + 0.5) / (counts + 0.5).sum()
        expected = expected - (counts / 60 * smoothed.log()).sum()
    torch.testing.assert_close(model.nll(codes), expected)


def correlations(rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of the columns."""
    centred = rows - rows.mean(axis=0)
    found: NDArray[np.float64] = (centred.T @ centred) / len(rows)
    return found / np.outer(rows.std(axis=0), rows.std(axis=0))


def test_untrained_it_draws_the_correlations_of_columns_in_order() -> None:
    """The last one is a category, and independent of them; a code of each is no place on the line."""
    normal = np.random.default_rng(0).normal(size=(1500, 2))
    first = normal[:, 0]
    second = 0.8 * first + 0.6 * normal[:, 1]
    bins = [
        np.searchsorted(np.quantile(each, np.linspace(0, 1, 13)[1:-1]), each)
        for each in (first, second)
    ]
    codes = torch.as_tensor(np.stack([*bins, bins[0] % 3], axis=1))
    codes[:30, 0] = codes[30:60, 1] = 12  # missing
    model = untrained([13, 13, 3], codes, [12, 12, 0]).eval()
    torch.default_generator.manual_seed(1)
    drawn = array(model.draw(20_000, temperature=1.0, sample=True))
    present = (drawn[:, :2] < 12).all(axis=1)
    wanted = correlations(array(codes)[60:])
    assert wanted[0, 1] > 0.7
    wanted[2] = wanted[:, 2] = 0.0, 0.0, 1.0
    assert correlations(drawn[present]) == pytest.approx(wanted, abs=0.04)
    assert (drawn[:, :2] == 12).mean() == pytest.approx(0.02, abs=0.004)


@pytest.mark.parametrize("n_bins", [2, 12])
def test_untrained_what_is_missing_does_not_follow_what_is_there(n_bins: int) -> None:
    """A quarter of the second column is missing by chance, which follows the first closely."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=4000)
    second = 0.95 * first + 0.312 * rng.normal(size=4000)
    levels = np.linspace(0, 1, 13)[1:-1]
    codes = torch.as_tensor(
        np.stack(
            [
                np.searchsorted(np.quantile(first, levels), first),
                np.searchsorted(np.quantile(second, np.linspace(0, 1, n_bins + 1)[1:-1]), second),
            ],
            axis=1,
        )
    )
    wanted = correlations(array(codes))
    codes[torch.as_tensor(rng.random(4000) < 0.25), 1] = n_bins
    model = untrained([12, n_bins + 1], codes, [12, n_bins]).eval()
    torch.default_generator.manual_seed(1)
    drawn = array(model.draw(40_000, temperature=1.0, sample=True))
    is_missing = drawn[:, 1] == n_bins
    assert correlations(drawn[~is_missing]) == pytest.approx(wanted, abs=0.04)
    for place in ([0, 11], [5, 6]):  # the ends, and the middle
        share = is_missing[np.isin(drawn[:, 0], place)].mean()
        assert share == pytest.approx(0.25, abs=0.03), place


def test_rows_held_out_are_in_what_is_drawn_and_not_in_the_likelihood() -> None:
    """Of two columns that agree, and of held-out rows, of the same shares, where they do the contrary."""
    codes = torch.arange(6).repeat(10).unsqueeze(1).expand(60, 2)
    held_out = torch.stack([codes[:, 0], 5 - codes[:, 1]], dim=1)
    alone = untrained([6, 6], codes, [6, 6]).eval()
    made = untrained([6, 6], codes, [6, 6], held_out=held_out).eval()
    assert made.nll(held_out).item() == pytest.approx(alone.nll(held_out).item(), rel=0.02)
    torch.default_generator.manual_seed(1)
    drawn = [
        correlations(array(each.draw(5_000, temperature=1.0, sample=True)))[0, 1]
        for each in (alone, made)
    ]
    assert drawn[0] > 0.9
    assert abs(drawn[1]) < 0.1


def test_what_is_learned_of_a_bin_is_learned_of_its_neighbours_too() -> None:
    """Most of the first step's change at one bin, less of the next ones, little of those far away."""
    codes = torch.arange(240).unsqueeze(1) % 24

    def moved(n_ordered: int) -> Tensor:
        head = untrained([24], codes, [n_ordered]).heads[0]
        hidden = torch.ones(1, 6)
        before = head(hidden, torch.zeros(1), torch.zeros(24))
        (-before.log_softmax(dim=1)[0, 10]).backward()
        with torch.no_grad():
            for parameter in head.parameters():
                if parameter.ndim == 2:  # what the hidden layer says
                    assert parameter.grad is not None
                    parameter.sub_(parameter.grad, alpha=0.1)
            change: Tensor = (head(hidden, torch.zeros(1), torch.zeros(24)) - before)[0]
            return change.detach()

    smooth, single = moved(24), moved(0)
    assert smooth[10] > smooth[11] > 0.3 * smooth[10] > 0
    assert smooth[10] > smooth[12] > smooth[16]
    assert single[11].item() == pytest.approx(single[16].item())
    assert single[11] < 0 < single[10]


def test_dropout_and_forgetting_are_of_training_alone() -> None:
    made = network()
    assert made.nll(ROWS).item() == made.nll(ROWS).item()
    made.train()
    assert made.nll(ROWS).item() != made.nll(ROWS).item()


def test_neighbours_of_an_ordered_feature_begin_alike() -> None:
    def distances(n_ordered: int) -> tuple[float, float]:
        codes = torch.arange(24).unsqueeze(1)
        vectors = untrained([24], codes, [n_ordered], n_context=64).vectors.weight.detach()
        near, far = vectors[1:] - vectors[:-1], vectors[12:] - vectors[:12]
        return near.square().mean().sqrt().item(), far.square().mean().sqrt().item()

    near, far = distances(24)
    assert near < 0.5 * far
    near, far = distances(0)
    assert near == pytest.approx(far, rel=0.2)


def test_generated_tables_have_the_columns_and_dtypes_of_the_real_one() -> None:
    table = simulated_heart_disease(200)
    codec = TableCodec.fit(table, n_bins=8)
    model = TabularAutoregressive.build(
        codec,
        load_config().architecture,
        codes=codec.encode(table),
        held_out=None,
        n_ordered=codec.cardinalities,
    )
    generated = model.generate(TabularGenerationParams(n_records=9000))
    assert generated.shape == (9000, 12)
    pd.testing.assert_series_equal(generated.dtypes, table.dtypes)
    assert model.training
