"""A state that does not fit is refused with all its reasons, and nothing has changed."""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from functools import cache, partial
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn, optim
from torch.nn import Parameter
from torch.optim.lr_scheduler import ReduceLROnPlateau, SequentialLR, StepLR

from artifact_torch import (
    AlternatingStep,
    BestScoreTracker,
    ClosureStep,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    Part,
    PatienceStopper,
    Throughput,
    Trainer,
    TrainLoss,
    averaged,
    by_score,
    ema,
    per_epoch,
    per_step,
)
from artifact_torch.checkpoints.optimizers import optimizers_in
from artifact_torch.checkpoints.trees import cloned, named
from artifact_torch.contracts import TrainingStep, Turn
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import (
    is_list,
    is_mapping,
    is_mutable_mapping,
    is_state_dict,
    is_tuple,
)
from tests.toys import Batches, Fit, Points, points, same_weights, seeded_regression

ADAM = partial(optim.Adam, lr=0.01)


class Counts:
    """A callback of one's own, with a state of every kind of leaf."""

    def __init__(self) -> None:
        self.state: dict[str, object] = {
            "n_batches": 0,
            "best": None,
            "name": "counts",
            "is_on": True,
            "sums": torch.zeros(2),
            "seen": [],
        }

    def on_batch(self, step: int, batch: object, output: object) -> None:
        self.state = {**self.state, "n_batches": step, "best": 0.5, "seen": [*range(step)]}

    def state_dict(self) -> Mapping[str, object]:
        return self.state

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        assert isinstance(state_dict["n_batches"], int)  # an error of a user's, in the middle
        self.state = state_dict


def trainer(step: TrainingStep[Points, Fit], n_epochs: int = 3) -> Trainer[Points, Fit]:
    return Trainer(
        step,
        train_loader=Batches(points(), 5),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs), PatienceStopper("loss", patience=99)],
        best=BestScoreTracker("loss"),
        callbacks=[TrainLoss(), Throughput(), Counts()],
        routines=[DataLoaderRoutine(Batches(points(), 10), scores=[LossCallback("loss")])],
        progress=False,
    )


def plain(
    optimizer: Callable[[Iterable[Parameter]], optim.Optimizer] = ADAM,
) -> OptimizerStep[Points, Fit]:
    return OptimizerStep(
        seeded_regression(), optimizer=optimizer, schedule=lambda o: per_epoch(StepLR(o, 2))
    )


def in_float16() -> TrainingStep[Points, Fit]:
    """With a loss scale; averaged; a schedule made of schedules."""
    step = OptimizerStep(
        seeded_regression(),
        optimizer=partial(optim.SGD, lr=0.01, momentum=0.9),
        schedule=lambda o: per_step(SequentialLR(o, [StepLR(o, 2), StepLR(o, 3)], [4])),
        autocast=torch.float16,
    )
    return averaged(step, ema(0.9))


def in_turns() -> TrainingStep[Points, Fit]:
    model = seeded_regression()
    first, last = model.get_submodule("layers.0"), model.get_submodule("layers.3")

    def play(batch: Points, turn: Turn) -> Fit:
        for name in ("first", "last"):
            turn(name, lambda: model(batch)["loss"])
        output: Fit = model(batch)
        return Fit(loss=output["loss"].detach(), residual=output["residual"].detach())

    plateau = partial(ReduceLROnPlateau, patience=0)
    return AlternatingStep(
        model,
        play=play,
        parts={
            "first": Part(first, optimizer=ADAM, schedule=lambda o: by_score(plateau(o), "loss")),
            "last": Part(last, optimizer=partial(optim.AdamW, amsgrad=True), every=2),
        },
    )


STEPS: list[Callable[[], TrainingStep[Points, Fit]]] = [plain, in_float16, in_turns]


@cache
def saved(make: Callable[[], TrainingStep[Points, Fit]]) -> dict[str, object]:
    """The state of a trained trainer."""
    run = trainer(make())
    run.train()
    return copied(run.state_dict())


def saved_and_fresh(
    make: Callable[[], TrainingStep[Points, Fit]],
) -> tuple[dict[str, object], Trainer[Points, Fit]]:
    """And another that may take it."""
    return saved(make), trainer(make())


taking = cache(saved_and_fresh)


def copied(state: Mapping[str, object]) -> dict[str, object]:
    return as_state(cloned(dict(state)))


def as_state(value: object) -> dict[str, object]:
    assert is_state_dict(value)
    return value


# -- a digest of everything ----------------------------------------------------------------------


def digest(run: Trainer[Points, Fit]) -> str:
    """Of all its state, bit for bit."""
    return digest_of(run.state_dict())


def digest_of(state: Mapping[str, object]) -> str:
    total = hashlib.sha256()
    for path, value in leaves(state):
        total.update(repr(path).encode())
        if isinstance(value, Tensor):
            whole = value.detach().cpu().contiguous()
            total.update(repr((whole.dtype, whole.shape)).encode())
            total.update(whole.reshape(-1).view(torch.uint8).numpy().tobytes())
        else:
            total.update(repr(value).encode())
    return total.hexdigest()


Path = tuple[object, ...]


def leaves(tree: object, at: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every leaf with the way to it; what is empty is one."""
    inside: list[tuple[object, object]] = []
    if is_mapping(tree):
        inside = [*tree.items()]
    elif is_list(tree) or is_tuple(tree):
        inside = [*enumerate(tree)]
    if not inside:
        yield at, tree
    for key, value in inside:
        yield from leaves(value, (*at, key))


GONE = object()


def edited(tree: object, at: Path, value: object) -> object:
    """A copy of the containers on the way, with another value there, or without it."""
    if not at:
        return value
    key, *rest = at
    if is_mutable_mapping(tree):
        made = copy(tree)
        if value is GONE and not rest:
            del made[key]
        else:
            made[key] = edited(tree.get(key), tuple(rest), value)
        return made
    assert is_list(tree) or is_tuple(tree)
    items = [
        edited(each, tuple(rest), value) if index == key else each
        for index, each in enumerate(tree)
        if not (index == key and value is GONE and not rest)
    ]
    return tuple(items) if is_tuple(tree) else items


def refused(run: Trainer[Points, Fit], state: dict[str, object]) -> str:
    """Why it is refused; nothing has changed."""
    before = digest(run)
    with pytest.raises(CheckpointError) as error:
        run.load_state_dict(state)
    assert digest(run) == before
    return str(error.value)


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
    ({"run.n_logged": 99}, "log: saved 4 rows, this run has 99 by then"),
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


def by_way(state: dict[str, object], edits: dict[str, object]) -> dict[str, object]:
    """Names of parts and parameters have dots of their own."""
    tree: object = state
    for way, value in edits.items():
        at: list[object] = []
        node, rest = tree, way
        while rest:
            keys = [str(key) for key in node] if is_mapping(node) else [rest.partition(".")[0]]
            fitting = [key for key in keys if rest == key or rest.startswith(f"{key}.")]
            name = max(fitting, key=len) if fitting else rest
            rest = rest[len(name) + 1 :]
            key: object = int(name) if name.isdigit() else name
            at.append(key)
            if is_mapping(node):
                node = node.get(key)
            elif is_list(node) or is_tuple(node):
                node = node[int(name)]
        tree = edited(tree, tuple(at), value)
    return as_state(tree)


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


# -- what is right is never refused --------------------------------------------------------------

OPTIMIZERS: dict[str, Callable[[Iterable[Parameter]], optim.Optimizer]] = {
    "ASGD": optim.ASGD,
    "Adadelta": optim.Adadelta,
    "Adafactor": optim.Adafactor,
    "Adagrad": optim.Adagrad,
    "Adam": optim.Adam,
    "Adam amsgrad": partial(optim.Adam, amsgrad=True),
    "Adam capturable lr": partial(optim.Adam, lr=torch.tensor(0.01), foreach=False),
    "AdamW": partial(optim.AdamW, amsgrad=True, fused=True),
    "Adamax": optim.Adamax,
    "NAdam": optim.NAdam,
    "RAdam": optim.RAdam,
    "RMSprop": optim.RMSprop,
    "RMSprop centered": partial(optim.RMSprop, centered=True, momentum=0.9),
    "Rprop": optim.Rprop,
    "SGD": partial(optim.SGD, lr=0.01),
    "SGD momentum": partial(optim.SGD, lr=0.01, momentum=0.9, nesterov=True),
}


def test_every_optimizer_of_torch_is_here() -> None:
    found = {name for name, each in vars(optim).items() if isinstance(each, type)}
    beside = {"Optimizer", "LBFGS", "Muon", "SparseAdam"}  # below
    assert found - beside == {name.partition(" ")[0] for name in OPTIMIZERS}


def loads(make: Callable[[], TrainingStep[Points, Fit]]) -> None:
    """Into a fresh one, into one that is trained, from within an epoch, and through a file."""
    run = trainer(make())
    begun = copied(run.state_dict())
    run.train()
    state = copied(run.state_dict())
    fresh = trainer(make())
    fresh.load_state_dict(state)
    assert digest(fresh) == digest_of(state)
    fresh.load_state_dict(begun)
    fresh.load_state_dict(state)
    run.load_state_dict(state)
    assert digest(run) == digest(fresh) == digest_of(state)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_state_of_every_optimizer_loads(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    loads(lambda: OptimizerStep(seeded_regression(), optimizer=optimizer))


@pytest.mark.parametrize("make", STEPS)
def test_the_state_of_every_step_loads(make: Callable[[], TrainingStep[Points, Fit]]) -> None:
    loads(make)


def test_the_state_of_an_optimizer_by_closure_loads() -> None:
    loads(lambda: ClosureStep(seeded_regression(), optimizer=partial(optim.LBFGS, lr=0.01)))


class ScheduleFree(optim.Optimizer):
    """As those that need no schedule: two sets of weights, a mode, numbers that change in a group,
    and moments that are made at the first step, one of which is smaller than its parameter.
    """

    def __init__(self, params: Iterable[Parameter]) -> None:
        defaults = {"lr": 0.01, "k": 0, "train_mode": False, "weight_sum": 0.0, "lr_max": -1.0}
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure: object = None) -> Any:  # Any: torch has two forms of it
        for group in self.param_groups:
            group["k"] += 1
            group["weight_sum"] += 0.5
            for each in group["params"]:
                state = self.state[each]
                state.setdefault("z", each.clone())
                state.setdefault("row", torch.zeros(each.shape[:1]))
                state["z"] -= 0.01 * each.grad
                each.lerp_(state["z"], 0.5)

    def train(self) -> None:
        self._set(is_training=True)

    def eval(self) -> None:
        self._set(is_training=False)

    def _set(self, *, is_training: bool) -> None:
        for group in self.param_groups:
            group["train_mode"] = is_training


def test_an_optimizer_of_elsewhere_loads() -> None:
    loads(lambda: OptimizerStep(seeded_regression(), optimizer=ScheduleFree))


class Matrices(nn.Module):
    """One weight, for an optimizer that wants nothing else."""

    def __init__(self) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.weight = Parameter(torch.rand(1, 3))

    def forward(self, points: Points) -> Fit:
        residual = nn.functional.linear(points["x"], self.weight).flatten() - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def test_an_optimizer_of_matrices_loads() -> None:
    loads(lambda: OptimizerStep(Matrices(), optimizer=optim.Muon))


def test_parameters_in_another_order_and_those_without_a_gradient_are_no_fault() -> None:
    def make() -> TrainingStep[Points, Fit]:
        model = seeded_regression()
        model.register_parameter("unused", Parameter(torch.zeros(7)))
        by_size = sorted(model.parameters(), key=lambda each: -each.dim())
        groups: list[dict[str, object]] = [
            {"params": by_size[:2], "weight_decay": 0.1, "name": "matrices"},
            {"params": by_size[2:], "lr": 0.1, "name": "rest"},
        ]
        return OptimizerStep(model, optimizer=lambda _: optim.AdamW(groups))

    loads(make)


def listed(tree: object) -> object:
    """As a file may give it back that knows no tuples."""
    if is_mapping(tree):
        return {key: listed(value) for key, value in tree.items()}
    if is_list(tree) or is_tuple(tree):
        return [listed(each) for each in tree]
    return tree


@pytest.mark.parametrize("make", STEPS)
def test_lists_in_the_place_of_tuples_load(make: Callable[[], TrainingStep[Points, Fit]]) -> None:
    state, run = saved_and_fresh(make)
    run.load_state_dict(as_state(listed(state)))
    assert digest(run) == digest_of(state)
    assert run.train(stop=[EpochBoundStopper(max_n_epochs=4)]).n_epochs_elapsed == 4


def test_a_state_of_a_gpu_loads_on_a_cpu() -> None:
    state, run = saved_and_fresh(plain)
    run.load_state_dict(by_way(state, {"rng.cuda": torch.zeros(16, dtype=torch.uint8)}))


def test_optimizers_are_found_in_the_order_of_the_state() -> None:
    kinds = [type(each).__name__ for each in optimizers_in(averaged(in_turns(), ema()))]
    assert kinds == ["Adam", "AdamW"]


def test_the_state_that_was_loaded_is_not_trained() -> None:
    state, _ = saved_and_fresh(in_float16)
    before = digest_of(state)
    run = trainer(in_float16(), n_epochs=5)
    run.load_state_dict(state)
    run.train()
    assert digest_of(state) == before


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
    assert len(log) == 4
    fresh = trainer(plain())
    fresh.load_state_dict({**begun, **by_way(dict(fresh.state_dict()), {"log": log})})
    assert fresh.result.scores.empty
    assert len(log) == 4


def test_a_mask_of_infinity_in_a_buffer_is_no_fault() -> None:
    def make() -> TrainingStep[Points, Fit]:
        model = seeded_regression()
        model.register_buffer("mask", torch.tensor([0.0, -math.inf]))
        return OptimizerStep(model, optimizer=ADAM)

    loads(make)
