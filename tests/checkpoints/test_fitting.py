"""A state that does not fit is refused with all its reasons, and nothing has changed."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from artifact_torch import (
    EpochBoundStopper,
    Trainer,
    averaged,
    ema,
)
from artifact_torch.checkpoints.trees import named
from artifact_torch.contracts import TrainingStep
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import (
    is_list,
)
from tests.checkpoints.states import (
    GONE,
    STEPS,
    Counts,
    as_state,
    by_way,
    copied,
    digest,
    digest_of,
    edited,
    leaves,
    plain,
    refused,
    saved_and_fresh,
    taking,
    trainer,
)
from tests.toys import Batches, Fit, Points, points, same_weights

# -- what people edit, and what hardware does ----------------------------------------------------

NAN = torch.full((8, 3), float("nan"))
EDITS: list[tuple[dict[str, object], str]] = [
    ({"model": GONE}, '"model" must be a state dict'),
    ({"log": GONE}, '"log" must be'),
    ({"version": GONE}, '"version" must be'),
    ({"version": 7}, "is of version 7, newer than 1, which is read here; install"),
    ({"version": 0}, "is of version 0"),
    ({"version": True}, '"version" must be a whole number, got True'),
    ({"model.layers.0.weight": NAN}, "model: NaN or infinity in layers.0.weight; a run is not"),
    ({"model.layers.0.weight": torch.zeros(3, 8)}, "layers.0.weight is a tensor of float32 [3, 8]"),
    ({"model.layers.0.weight": torch.zeros(8, 3).double()}, "is a tensor of float64 [8, 3], here"),
    ({"model.layers.0.weight": GONE}, "missing layers.0.weight"),
    ({"model.other": torch.zeros(1)}, "its weights do not fit Regression; build the model"),
    ({"step.optimizer": GONE}, "step: saved the optimizers of"),
    ({"step.made_of.optimizer": "SGD"}, "its optimizer state is of SGD, this step has Adam"),
    ({"step.made_of.schedule": None}, "its schedule state is of None, this step has StepLR"),
    (
        {"step.optimizer.param_groups.0.lr": "fast"},
        "step.optimizer.param_groups.0.lr: saved 'fast'",
    ),
    ({"step.optimizer.param_groups.0.lr": math.nan}, "param_groups.0.lr: saved nan"),
    ({"step.optimizer.param_groups.0.lr": True}, "param_groups.0.lr: saved True"),
    ({"step.optimizer.param_groups.0.lr": GONE}, "this run has also lr"),
    ({"step.optimizer.param_groups.0.betas": (0.9,)}, "param_groups.0.betas: saved (0.9,)"),
    ({"step.optimizer.param_groups.0.betas": (0.9, "x")}, "param_groups.0.betas.1: saved 'x'"),
    ({"step.optimizer.param_groups.0.amsgrad": 3}, "param_groups.0.amsgrad: saved 3"),
    ({"step.optimizer.param_groups.0.params": [0]}, "saved groups of [1] parameters"),
    (
        {"step.optimizer.param_groups.0.params": [0, 0, 1, 2]},
        "saved parameters 0, 0, 1, 2, this run has 0, 1, 2, 3, each once",
    ),
    ({"step.optimizer.param_groups": []}, "saved 0 groups, this run has 1"),
    ({"step.optimizer.state": {}}, "step.optimizer.state: saved no moments"),
    ({"step.optimizer.state.9": {}}, "moments of the parameters 9"),
    ({"step.optimizer.state.0.exp_avg": torch.zeros(3, 8)}, "state.0.exp_avg: saved a tensor of"),
    ({"step.optimizer.state.0.exp_avg": NAN}, "state.0.exp_avg: saved NaN or infinity"),
    ({"step.optimizer.state.0.exp_avg": torch.zeros(8, 3).long()}, "this run has floats there"),
    ({"step.optimizer.state.0.exp_avg": torch.zeros(8, 3).double()}, "which is less exact"),
    ({"step.optimizer.state.0.exp_avg": "text"}, "state.0.exp_avg: saved 'text'"),
    ({"step.optimizer.state.0.exp_avg": GONE}, "Adam, which keeps exp_avg too"),
    ({"step.optimizer.state.0": 3}, "step.optimizer.state.0: saved 3"),
    ({"step.schedule.last_epoch": -2}, "step.schedule.last_epoch: saved -2"),
    ({"step.schedule.base_lrs": [0.1, 0.1]}, "step.schedule.base_lrs: saved"),
    ({"step.schedule.gamma": "x"}, "step.schedule.gamma: saved 'x'"),
    ({"step.schedule.step_size": GONE}, "this run has also step_size"),
    ({"step.n_steps": -5}, "step.n_steps: saved -5"),
    ({"step.n_steps": 3}, "run.n_steps: saved 12, this run has a step that was saved at 3"),
    ({"run.n_steps": -5}, "run.n_steps: saved -5"),
    ({"run.n_steps": True}, "run.n_steps: saved True"),
    ({"run.n_steps": 2}, "run.n_steps: saved 2, this run has one at least in each of 3 epochs"),
    ({"run.n_epochs_elapsed": 2.0}, "run.n_epochs_elapsed: saved 2.0"),
    ({"run.n_batches": 5}, "run.n_batches: saved 5, this run has 4 in an epoch"),
    ({"run.seconds": math.inf}, "run.seconds: saved inf"),
    ({"run.seconds": -1.0}, "run.seconds: saved -1.0"),
    ({"run.ends_epoch": 1}, "run.ends_epoch: saved 1"),
    ({"run.scores": {"loss": "low"}}, "run.scores.loss: saved 'low'"),
    ({"run.scores": {3: 0.5}}, "run.scores.3: saved 0.5"),
    ({"run.computed": [("picture", "x")]}, "run.computed.0: saved ('picture', 'x')"),
    ({"run.best": (99, 990)}, "run.best: saved (99, 990)"),
    ({"run.best": (1,)}, "run.best: saved (1,)"),
    ({"run.best_weights": {"other": torch.zeros(1)}}, "run.best_weights: do not fit Regression"),
    ({"run.n_logged": 99}, "log: saved 3 rows, this run has 99 by then"),
    ({"log.0": ["", 1, 99, True, {}]}, "log.0: saved step 99, this run has come to step 12"),
    ({"log.1": ["", 1, "x", True, {}]}, "log.1: saved"),
    ({"log.1.4": {"loss": 1}}, "log.1.loss: saved 1"),
    ({"parts.stop.1.state.n_without": "x"}, "parts.stop.1.n_without: saved 'x'"),
    ({"parts.best.state.best": "x"}, '"best" must be a number or None, got str'),
    ({"parts.callbacks.2.state.sums": "x"}, "parts.callbacks.2.sums: saved 'x'"),
    ({"parts.callbacks.2.state.n_batches": -1}, "parts.callbacks.2.n_batches: saved -1"),
    ({"parts.callbacks.2.state": 5}, "parts.callbacks.2: saved 5"),
    ({"parts.callbacks.2.state.n_batches": GONE}, "Counts.load_state_dict raised KeyError"),
    ({"rng": {}}, "rng.torch: saved None"),
    ({"rng.torch": torch.zeros(9, dtype=torch.uint8)}, "rng.torch: saved a tensor of uint8 [9]"),
    ({"rng.python": ()}, "rng.python: saved ()"),
    ({"rng.python.2": "x"}, "rng.python: saved"),
    ({"rng.numpy": {}}, "rng.numpy: saved"),
    ({"rng.numpy.state.pos": 99999}, "rng.numpy: saved"),
]


@pytest.mark.parametrize(("edits", "said"), EDITS, ids=[", ".join(edits) for edits, _ in EDITS])
def test_an_edited_state_is_refused_by_name(edits: dict[str, object], said: str) -> None:
    state, run = saved_and_fresh(plain)
    assert said in refused(run, by_way(state, edits))


def test_all_that_does_not_fit_is_in_one_error() -> None:
    state, run = saved_and_fresh(plain)
    told = refused(run, by_way(state, {"run.n_steps": -5, "rng": {}, "step.schedule.gamma": "x"}))
    assert [line.partition(":")[0] for line in told.splitlines()] == [
        "step.schedule.gamma",
        "run.n_steps",
        "rng.torch",
        "rng.python",
        "rng.numpy",
    ]


def test_many_names_and_lines_are_counted() -> None:
    state, run = saved_and_fresh(plain)
    lines = refused(run, by_way(state, {"log": [3] * 20, "run.n_logged": 20})).splitlines()
    assert len(lines) == 13
    assert lines[-1] == "and 8 more like these"
    assert named(range(11)) == "0, 1, 2, 3, 4, 5, 6, 7 and 3 more"


# -- whatever is edited --------------------------------------------------------------------------

VALUES: list[object] = [
    GONE, None, True, -5, 0, 3, 10**400, 0.5, math.nan, -math.inf, "text", "", [], {}, (1, 2), [None],
    b"x", {"a": 1}, torch.zeros(2), torch.tensor(math.nan), torch.zeros(8, 3), torch.zeros(0),
    torch.zeros(2, dtype=torch.uint8), torch.tensor(1 + 1j), torch.tensor(True),
]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(STEPS), st.integers(0, 10**6), st.integers(0, 3), st.sampled_from(VALUES))
def test_a_state_with_one_other_leaf_is_refused_or_loaded(
    make: Callable[[], TrainingStep[Points, Fit]], at: int, up: int, value: object
) -> None:
    state, run = taking(make)
    ways = [way for way, _ in leaves({**state, "rng": {}})] + [("rng", key) for key in RNG]
    way = ways[at % len(ways)]
    changed = as_state(edited(state, way[: max(1, len(way) - up)], value))
    before = digest(run)
    try:
        run.load_state_dict(changed)
    except CheckpointError:
        assert digest(run) == before
    run.load_state_dict(state)
    assert digest(run) == digest_of(state)


RNG = ("torch", "cuda", "python", "numpy")


class Interrupted(Counts):
    """Ctrl-C in the middle of a restore."""

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        if state_dict["n_batches"] == 12:
            raise KeyboardInterrupt
        super().load_state_dict(state_dict)


def test_an_interruption_in_the_middle_puts_all_back() -> None:
    def make(callback: Counts) -> Trainer[Points, Fit]:
        return Trainer(
            averaged(plain(), ema(0.5)),
            train_loader=Batches(points(), 5),
            stop=[EpochBoundStopper(max_n_epochs=3)],
            callbacks=[callback],
            progress=False,
        )

    whole = make(Counts())
    whole.train()
    state = copied(whole.state_dict())
    state["parts"] = edited(state["parts"], ("callbacks", "type"), "Interrupted")
    run = make(Interrupted())
    run.train(stop=[EpochBoundStopper(max_n_epochs=1)])
    before, weights = digest(run), run.result.last_weights
    with pytest.raises(KeyboardInterrupt):
        run.load_state_dict(state)
    assert digest(run) == before
    assert same_weights(run.result.last_weights, weights)
    result = run.train(stop=[EpochBoundStopper(max_n_epochs=3)])
    assert same_weights(result.last_weights, whole.result.last_weights)


def test_what_rows_come_after_a_state_is_not_part_of_it() -> None:
    run = trainer(plain())
    begun = dict(run.state_dict())  # whose log goes on growing, as its weights do
    run.train()
    log = begun["log"]
    assert is_list(log)
    assert len(log) == 3
    fresh = trainer(plain())
    fresh.load_state_dict({**begun, **by_way(dict(fresh.state_dict()), {"log": log})})
    assert fresh.result.scores.empty
    assert len(log) == 3
