"""Whatever a part draws, the training draws the same."""

import random
import sys
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pytest
import torch

from artifact_torch import TrainLoss
from artifact_torch.checkpoints.rng import rng_state
from artifact_torch.inside import Mean, each, mean_of
from artifact_torch.internal import draws
from artifact_torch.internal.draws import KeptDraws, is_ours

CPU = torch.device("cpu")


def state() -> list[str]:
    return [str(_plain(each)) for each in rng_state(CPU).values()]


def _plain(value: object) -> object:
    return value.numpy().tobytes() if isinstance(value, torch.Tensor) else value


def drawn() -> list[float]:
    """Of each generator, normal numbers too, of which two are made at once."""
    values = [*np.random.normal(size=3), *np.random.rand(700)]  # noqa: NPY002
    mine = [random.gauss(0, 1), random.random(), random.gauss(0, 1)]
    return [*values, *mine, *torch.randn(9).numpy().tolist()]


DRAWS: Sequence[Callable[[], object]] = [
    lambda: None,
    lambda: torch.rand(3),
    random.random,
    lambda: random.gauss(0, 1),
    lambda: random.seed(5),
    lambda: [random.random() for _ in range(700)],
    lambda: np.random.rand(2),  # noqa: NPY002
    np.random.normal,
    lambda: np.random.normal(size=2),  # noqa: NPY002
    lambda: np.random.seed(5),  # noqa: NPY002
    lambda: np.random.rand(2000),  # noqa: NPY002
    lambda: torch.default_generator.manual_seed(3),
]


def seeded(n_of_numpy: int, n_of_python: int) -> None:
    torch.default_generator.manual_seed(1)
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    for _ in range(n_of_numpy):
        np.random.normal()  # noqa: NPY002
    for _ in range(n_of_python):
        random.gauss(0, 1)


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("fails", [False, True])
def test_after_it_all_is_as_before(draw: Callable[[], object], fails: bool) -> None:
    for of_numpy, of_python in product(range(3), range(3)):
        seeded(of_numpy, of_python)
        expected = drawn()
        seeded(of_numpy, of_python)
        before, guard = state(), KeptDraws(CPU)
        for _ in range(2):
            try:
                with guard:
                    draw()
                    _ = 1 / (not fails)
            except ZeroDivisionError:
                assert fails
            assert state() == before
        assert drawn() == expected


def test_inside_come_the_numbers_that_come_next_outside() -> None:
    guard = KeptDraws(CPU)
    for n in range(2):
        seeded(2 * n, 0)
        with guard:
            inside = drawn()
        assert drawn() == inside


@pytest.mark.parametrize("draw", DRAWS[:9])
def test_another_bit_generator_is_kept_too(draw: Callable[[], object]) -> None:
    named = vars(np.random)
    generator: Callable[[], object] = named["get_bit_generator"]
    use_generator: Callable[[object], None] = named["set_bit_generator"]
    own = generator()
    use_generator(np.random.PCG64(3))
    try:
        before = str(np.random.get_state(legacy=False))  # noqa: NPY002
        with KeptDraws(CPU):
            draw()
        assert str(np.random.get_state(legacy=False)) == before  # noqa: NPY002
    finally:
        use_generator(own)


def test_where_the_memory_is_elsewhere_the_state_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guard = KeptDraws(CPU)
    by_memory = vars(guard)["_python"]
    monkeypatch.setattr(sys.implementation, "name", "another")
    monkeypatch.setattr(draws, "_reader", vars(draws)["_reader"].__wrapped__)
    other = KeptDraws(CPU)
    by_state = vars(other)["_python"]
    random.seed(4)
    for _ in range(3):
        random.random()
        assert vars(by_memory)["_read"]() == vars(by_state)["_read"]()
    before = random.getstate()
    with other:
        random.random()
    assert random.getstate() == before


def test_ours_draw_nothing_unless_they_hold_what_is_not() -> None:
    assert is_ours(TrainLoss())
    assert is_ours(each(Mean)())
    assert not is_ours(object())
    assert not is_ours(mean_of(torch.mean)())
    assert not is_ours(each(mean_of(lambda seen: seen.mean()))())


def test_one_may_be_within_another() -> None:
    for n in range(2):
        seeded(n, n)
        before = state()
        with KeptDraws(CPU):
            drawn()
            inside = state()
            with KeptDraws(CPU):
                drawn()
            assert state() == inside
        assert state() == before
