"""Random numbers that leave the training's alone (D14)."""

import random

import numpy as np
import pytest
import torch

from artifact_torch.checkpoints.rng import rng_state, set_rng_state
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.narrowing import is_state_dict
from artifact_torch.internal.randomness import (
    derived_seed,
    isolated_rng,
    own_torch_rng,
    seed_everything,
)

CPU = torch.device("cpu")


def draw() -> tuple[float, float, float]:
    return torch.rand(()).item(), random.random(), float(np.random.rand())  # noqa: NPY002


def test_what_is_drawn_inside_changes_nothing_outside() -> None:
    before = rng_state(CPU)
    expected = draw()
    set_rng_state(before, CPU)
    with isolated_rng(CPU, seed=3):
        draw()
    assert draw() == expected


def test_the_numbers_inside_depend_on_the_seed_alone() -> None:
    def inside(seed: int) -> tuple[float, float, float]:
        draw()
        with isolated_rng(CPU, seed):
            return draw()

    assert inside(5) == inside(5)
    assert inside(5) != inside(6)


def test_it_is_restored_when_the_inside_raises() -> None:
    before = rng_state(CPU)
    expected = draw()
    set_rng_state(before, CPU)
    with pytest.raises(ZeroDivisionError), isolated_rng(CPU, seed=0):
        _ = draw()[0] / 0
    assert draw() == expected


def test_own_torch_rng_gives_draws_back() -> None:
    before = torch.get_rng_state()
    with own_torch_rng(CPU, seed=3):
        torch.rand(5)
    assert torch.equal(before, torch.get_rng_state())


def test_the_state_survives_a_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("rng") / "state.pt"
    torch.save(rng_state(CPU), path)
    expected = draw()
    state: object = torch.load(path, weights_only=True)
    assert is_state_dict(state)
    set_rng_state(state, CPU)
    assert draw() == expected


def test_derived_seeds_differ_by_every_part() -> None:
    seeds = {derived_seed(s, e, p) for s in range(9) for e in range(9) for p in range(9)}
    assert len(seeds) == 9**3
    assert derived_seed(1, 23) != derived_seed(12, 3)
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_the_same_seed_gives_the_same_numbers_everywhere() -> None:
    def after(seed: int) -> tuple[float, float, float]:
        seed_everything(seed)
        return draw()

    before = rng_state(CPU)
    expected = after(7)
    assert after(7) == expected
    assert not {*after(8)} & {*expected}
    torch.default_generator.manual_seed(7)
    random.seed(7)
    np.random.seed(7)  # noqa: NPY002
    assert draw() == expected
    set_rng_state(before, CPU)


@pytest.mark.parametrize("seed", [-1, 1.0, None, True])
def test_a_seed_is_a_number(seed: int) -> None:
    with pytest.raises(ConfigurationError, match="seed_everything: seed must be"):
        seed_everything(seed)


@pytest.mark.gpu
def test_isolated_random_numbers_leave_those_of_a_gpu_alone() -> None:
    gpu = torch.device("cuda:0")
    before = torch.cuda.get_rng_state(gpu)
    drawn = list[torch.Tensor]()
    for _ in range(2):
        with isolated_rng(gpu, 3):
            drawn.append(torch.rand(5, device=gpu))
    assert torch.equal(*drawn)
    assert torch.equal(before, torch.cuda.get_rng_state(gpu))
