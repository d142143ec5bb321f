"""Which rows are held out."""

from dataclasses import replace

import pytest
import torch

from demo.config.config import load_config
from demo.trainer.holdout import held_out
from tests.demo.tensors import array

CODES = torch.arange(100).unsqueeze(1)
CONFIG = load_config().training


@pytest.mark.parametrize(("share", "n_held"), [(0.15, 15), (0.001, 1), (0.5, 50)])
def test_every_row_is_on_one_side(share: float, n_held: int) -> None:
    train, held = held_out(CODES, replace(CONFIG, validation_share=share))
    assert held is not None
    assert (len(train), len(held)) == (100 - n_held, n_held)
    assert sorted(array(torch.cat([train, held])).ravel().tolist()) == list(range(100))


def test_the_draw_is_the_seeds() -> None:
    draws = [held_out(CODES, replace(CONFIG, seed=seed))[0] for seed in (1, 1, 2)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_of_a_large_table_no_more_than_ten_thousand() -> None:
    train, held = held_out(torch.zeros(200_000, 1, dtype=torch.int64), CONFIG)
    assert held is not None
    assert (len(train), len(held)) == (190_000, 10_000)


def test_none_without_a_share_or_of_one_row() -> None:
    assert held_out(CODES, replace(CONFIG, validation_share=0.0)) == (CODES, None)
    one = CODES[:1]
    assert held_out(one, CONFIG) == (one, None)
