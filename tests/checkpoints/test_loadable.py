"""The walk over a state against what torch itself loads back."""

import dataclasses
import enum
import io
import math
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn, optim
from torch.optim import lr_scheduler

from artifact_torch.checkpoints.loadable import unloadable


class Colour(enum.Enum):
    RED = 1


class Number(enum.IntEnum):
    ONE = 1


@dataclasses.dataclass
class Point:
    x: int = 1


class Text(str):
    __slots__ = ()


class Tagged(Tensor):
    pass


class Named(OrderedDict[str, int]):
    pass


class Registered:
    """Told to torch as safe to load."""

    def __init__(self, held: object = 1) -> None:
        self.held = held


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    with torch.serialization.safe_globals([Registered]):
        yield


def is_loaded(value: object) -> bool:
    file = io.BytesIO()
    try:
        torch.save({"value": value}, file)
        file.seek(0)
        torch.load(file, weights_only=True)
    except Exception:  # noqa: BLE001  (torch raises a dozen kinds)
        return False
    return True


EXOTIC: list[object] = [
    *(1j, bytearray(b"a"), torch.strided, torch.sparse_coo, torch.per_tensor_affine),
    *(torch.ones(1).untyped_storage(), torch.Generator().get_state()),
    *(torch.empty(1, device="meta"), {"a": (1j, bytearray())}),
    *(Registered(), [Registered(torch.ones(1))], Registered, OrderedDict),
]

SURVIVORS: list[object] = [
    *EXOTIC,
    *(
        torch.ones(2),
        nn.Parameter(torch.ones(2)),
        nn.Buffer(torch.ones(2)),
        torch.eye(2).to_sparse(),
    ),
    *(1, 10**30, 1.5, math.inf, True, "a", b"a", None, torch.float32, torch.device("cpu")),
    *(torch.Size([1]), {"a": 1}, {1: 2, (1, 2): 3, None: 4}, OrderedDict(a=1), Counter("a")),
    *([1, [2]], (1, (2,)), {1, 2}, nn.Linear(1, 1).state_dict()),
]


@pytest.mark.parametrize("value", SURVIVORS, ids=lambda value: type(value).__name__)
def test_what_torch_loads_back_is_accepted(value: object) -> None:
    assert unloadable({"value": value}) == []
    assert is_loaded(value)


REFUSED: list[tuple[object, str]] = [
    (np.float64(1), "numpy.float64, save float(...)"),
    (np.float32(1), "numpy.float32, save float(...)"),
    (np.int64(1), "numpy.int64, save int(...)"),
    (np.bool_(True), "numpy.bool, save bool(...)"),
    (np.ones(2), "numpy.ndarray, save torch.as_tensor(...)"),
    (torch.ones(1).as_subclass(Tagged), ".Tagged, save a plain tensor: .as_subclass(torch.Tensor)"),
    (Path("a"), "Path, save str(...)"),
    (Text("a"), ".Text, save str(...)"),
    (deque([1]), "collections.deque, save list(...)"),
    (frozenset([1]), "builtins.frozenset, save list(...)"),
    (range(3), "builtins.range, save list(...)"),
    (defaultdict(list), "collections.defaultdict, save dict(...)"),
    (Named(a=1), ".Named, save dict(...)"),
    (Colour.RED, ".Colour, save its .value"),
    (Number.ONE, ".Number, save its .value"),
    (Point(), ".Point, save dataclasses.asdict(...)"),
    (len, "save the numbers, texts and tensors that it is made from"),
    (lambda: 1, "builtins.function, save the numbers, texts and tensors that it is made from"),
    (nn.Linear(1, 1), "Linear, save the numbers, texts and tensors that it is made from"),
]


@pytest.mark.parametrize(("value", "said"), REFUSED)
def test_what_torch_does_not_load_back_is_refused(value: object, said: str) -> None:
    (problem,) = unloadable({"value": value})
    assert problem.startswith("value: got ")
    assert said.replace("Path,", f"{type(Path()).__name__},") in problem
    assert not is_loaded(value)


def test_every_problem_is_found_with_the_keys_that_lead_to_it() -> None:
    state = {"a": [0, {"b": (deque[int](),)}], "c": {np.int64(3): 1}, "d": 1}
    assert unloadable(state) == [
        "a -> 1 -> b -> 0: got collections.deque, save list(...)",
        "c -> key np.int64(3): got numpy.int64, save int(...)",
    ]


def test_a_list_that_holds_itself_ends() -> None:
    endless: list[object] = [1]
    endless.append(endless)
    assert unloadable({"a": endless}) == []


Make = Callable[[optim.SGD], lr_scheduler.LRScheduler]
SCHEDULERS: list[Make] = [
    partial(lr_scheduler.StepLR, step_size=1),
    partial(lr_scheduler.MultiStepLR, milestones=[1, 2]),
    partial(lr_scheduler.LambdaLR, lr_lambda=lambda _: 1.0),
    partial(lr_scheduler.OneCycleLR, max_lr=1.0, total_steps=9),
    partial(lr_scheduler.CyclicLR, base_lr=0.1, max_lr=0.2),
    partial(lr_scheduler.CosineAnnealingWarmRestarts, T_0=3),
    lr_scheduler.ReduceLROnPlateau,
]


@pytest.mark.parametrize("make", SCHEDULERS)
def test_the_states_of_torchs_schedulers_are_accepted(make: Make) -> None:
    state = make(optim.SGD([nn.Parameter(torch.ones(1))], lr=0.1, momentum=0.9)).state_dict()
    assert unloadable(state) == []
    assert is_loaded(state)


UNDECIDED: list[object] = [
    *(Registered(Path("a")), Registered(np.float64(1)), Path, int, dict, Tensor),
    *(slice(1), ..., iter([1]), torch.contiguous_format, torch.Generator(), {frozenset([1]): 1}),
    *((1, np.int64(1)), {1j: 2}, [Point()], torch.finfo(torch.float32), partial(len, [1])),
]
ALL: list[object] = [*SURVIVORS, *(value for value, _ in REFUSED), *UNDECIDED]


@pytest.mark.parametrize("value", ALL, ids=lambda value: type(value).__name__)
def test_exactly_what_torch_loads_back_is_accepted(value: object) -> None:
    assert (unloadable({"value": value}) == []) is is_loaded(value)
    assert (unloadable({"value": [{"a": (value,)}]}) == []) is is_loaded(value)


def test_what_a_registered_class_holds_counts() -> None:
    (problem,) = unloadable({"value": Registered(Path("a"))})
    assert problem.endswith(".Registered, save the numbers, texts and tensors that it is made from")
