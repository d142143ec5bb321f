"""Whatever is written comes back equal, through JSON and safetensors; the rest is refused by name."""

import dataclasses
import enum
import json
import math
import random
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn, optim
from torch.nn import Parameter
from torch.optim import lr_scheduler

from artifact_torch.checkpoints.encoding import decoded, decoded_row, encoded, encoded_row
from artifact_torch.checkpoints.rng import rng_state
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_collection, is_list, is_mapping, is_state_dict


def through_files(value: object) -> object:
    """What comes back, by way of the two texts that lie on the disk."""
    written = encoded({"value": value})
    text = json.dumps(written.document, allow_nan=False)
    file = save_tensors({name: tensor.clone() for name, tensor in written.tensors.items()})
    return decoded(json.loads(text), load_tensors(file))["value"]


def same(a: object, b: object) -> bool:
    """Equal in type, order and bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        fits = (a.dtype, a.shape, a.requires_grad) == (b.dtype, b.shape, b.requires_grad)
        return fits and bits(a) == bits(b)
    if is_mapping(a) and is_mapping(b):
        return same([*a.items()], [*b.items()])
    if isinstance(a, set | frozenset):
        return a == b
    if is_collection(a) and is_collection(b) and not isinstance(a, str | bytes | bytearray):
        return len(a) == len(b) and all(map(same, a, b))
    return repr(a) == repr(b)


def bits(tensor: Tensor) -> bytes:
    plain = tensor.detach().resolve_conj().resolve_neg().contiguous()
    return plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b""


def drawn(kind: torch.dtype, shape: list[int]) -> Tensor:
    return torch.randint(0, 2, shape).to(kind)


numbers = st.integers() | st.floats() | st.complex_numbers() | st.booleans() | st.none()
texts = st.text(st.characters()) | st.binary(max_size=99) | st.binary(max_size=99).map(bytearray)
torchs = st.sampled_from([torch.float32, torch.bool, torch.strided, torch.device("cuda:1")])
sizes = st.lists(st.integers(0, 9)).map(torch.Size)
long: st.SearchStrategy[object] = st.lists(
    st.integers(-(2**70), 2**70) | st.floats(), min_size=60, max_size=70
)
long |= st.lists(st.integers(0, 2**32 - 1), min_size=60, max_size=70)
long |= st.lists(st.floats(), min_size=60, max_size=70).map(tuple)
kinds = st.sampled_from([torch.float32, torch.bfloat16, torch.int8, torch.bool, torch.complex128])
tensors = st.builds(drawn, kinds, st.lists(st.integers(0, 3), max_size=4))
leaves = numbers | texts | torchs | sizes | long | tensors
keys = st.text(st.characters()) | st.integers() | st.none() | st.tuples(st.integers(), st.text())
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(keys, inner)
        | st.dictionaries(st.sampled_from(["$", "is", "tensor", "a/b", "a"]), inner)
        | st.dictionaries(keys, inner).map(OrderedDict)
        | st.dictionaries(st.text(), st.integers()).map(Counter)
        | st.sets(st.integers() | st.text())
        | st.frozensets(st.floats(allow_nan=False))
    ),
    max_leaves=12,
)


@given(values)
@settings(max_examples=300, deadline=None)
def test_what_is_accepted_comes_back_equal(value: object) -> None:
    assert same(through_files(value), value)


@given(st.recursive(numbers | texts | long, lambda inner: st.lists(inner) | st.tuples(inner)))
@settings(deadline=None)
def test_a_row_comes_back_equal(row: object) -> None:
    assert same(decoded_row(json.loads(json.dumps(encoded_row(row), allow_nan=False))), row)


IMAGE = torch.arange(2.0 * 3 * 4 * 5).reshape(2, 3, 4, 5)
DTYPES = [
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.bool),
    *(torch.int64, torch.int32, torch.int16, torch.int8),
    *(torch.uint64, torch.uint32, torch.uint16, torch.uint8),
    *(torch.complex32, torch.complex64, torch.complex128),
    *(torch.float8_e4m3fn, torch.float8_e5m2),
    *(torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu),
]


@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental:UserWarning")
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (7,), (2, 3)], ids=str)
def test_every_dtype_and_shape(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    nbytes = math.prod(shape) * dtype.itemsize
    raw = torch.randint(0, 2 if dtype is torch.bool else 256, (nbytes,), dtype=torch.uint8)
    tensor = raw.view(dtype).reshape(shape) if shape else torch.ones(1).to(dtype).reshape(())
    assert same(through_files(tensor), tensor)


@pytest.mark.parametrize(
    "tensor",
    [
        IMAGE.to(memory_format=torch.channels_last),
        IMAGE[:, 1:, ::2],
        IMAGE.permute(3, 1, 0, 2),
        torch.arange(3.0).expand(4, 3),
        torch.ones(2, 2, dtype=torch.complex64).mul(1 + 2j).conj(),
        torch.ones(2, 3, dtype=torch.complex128).t(),
        torch.ones(2, dtype=torch.complex64).mul(1 + 2j).conj().imag,
        torch.ones(2, requires_grad=True),
        Parameter(torch.ones(2)),
        Parameter(torch.ones(2), requires_grad=False),
        Parameter(torch.arange(2), requires_grad=False),
        nn.Buffer(torch.ones(2)),
    ],
)
def test_tensors_in_every_order_of_memory(tensor: Tensor) -> None:
    assert same(through_files(tensor), tensor)


def test_the_order_of_axes_in_memory_stays_without_a_copy() -> None:
    tensor = IMAGE.to(memory_format=torch.channels_last)
    (held,) = encoded({"value": tensor}).tensors.values()
    assert held.data_ptr() == tensor.data_ptr()
    back = through_files(tensor)
    assert isinstance(back, Tensor)
    assert back.stride() == tensor.stride()


def test_tied_weights_are_kept_once_and_come_back_as_one() -> None:
    tied = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False))
    tied[1].weight = tied[0].weight
    state: dict[str, object] = {"model": tied.state_dict(), "again": [*tied.parameters()]}
    written = encoded(state)
    assert [*written.tensors] == ["model/0.weight", "again/0"]
    back = decoded(written.document, written.tensors)["model"]
    assert is_mapping(back)
    assert back["0.weight"] is back["1.weight"]


def test_tensors_are_named_by_their_keys() -> None:
    a, b, c, d = (torch.full((1,), float(n)) for n in range(4))
    state: dict[str, object] = {"a": {"b": a}, "a/b": b, "__metadata__": c, "c": {0: d}}
    assert [*encoded(state).tensors] == ["a/b", "a/b#2", "__metadata__#2", "c/0"]
    assert same(through_files(state), state)


def test_what_load_state_dict_reads_beside_the_tensors_stays() -> None:
    state = nn.BatchNorm1d(2).state_dict()
    back = through_files(state)
    assert type(back) is OrderedDict
    assert vars(back)["_metadata"] == vars(state)["_metadata"]
    assert vars(back)["_metadata"][""]["version"] == 2


def test_random_states_cost_two_tensors_and_not_1250_numbers() -> None:
    state = rng_state(torch.device("cpu"))
    written = encoded(state)
    assert [*written.tensors] == ["torch", "python/1", "numpy/state/key"]
    assert len(json.dumps(written.document)) < 500
    assert same(through_files(state), state)
    random.setstate(random.getstate())


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


def with_note() -> OrderedDict[str, int]:
    noted = OrderedDict[str, int](a=1)
    vars(noted)["note"] = 1
    return noted


def endless() -> list[object]:
    items: list[object] = [1]
    items.append(items)
    return items


def deep() -> list[object]:
    items: list[object] = []
    for _ in range(5000):
        items = [items]
    return items


QUANTISED = partial(torch.quantize_per_tensor, scale=1.0, zero_point=0, dtype=torch.qint8)
REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: np.float64(1), "got numpy.float64, save float(...)"),
    (lambda: np.int64(1), "got numpy.int64, save int(...)"),
    (lambda: np.bool_(1), "got numpy.bool, save bool(...)"),
    (lambda: np.ones(1), "got numpy.ndarray, save torch.as_tensor(...)"),
    (lambda: Path("a"), f"got {type(Path()).__module__}.{type(Path()).__name__}, save str(...)"),
    (lambda: Text("a"), "Text, save str(...)"),
    (lambda: Colour.RED, "Colour, save its .value"),
    (lambda: Number.ONE, "Number, save its .value"),
    (Point, "Point, save dataclasses.asdict(...)"),
    (lambda: torch.ones(1).as_subclass(Tagged), "a plain tensor: .as_subclass(torch.Tensor)"),
    (lambda: defaultdict[str, int](int), "got collections.defaultdict, save dict(...)"),
    (Named, "Named, save dict(...)"),
    (lambda: deque([1]), "got collections.deque, save list(...)"),
    (lambda: range(3), "got builtins.range, save list(...)"),
    (object, "got builtins.object, save the numbers, texts and tensors that it is made from"),
    (lambda: Path, "got builtins.type, save the numbers"),
    (lambda: torch.eye(2).to_sparse(), "got a sparse tensor, save coalesce().indices()"),
    (lambda: torch.eye(2).to_mkldnn(), "layout torch._mkldnn, save to_dense() of it"),
    (lambda: QUANTISED(torch.ones(1)), "got a quantised tensor, save int_repr()"),
    (lambda: torch.empty(1, device="meta"), "got a tensor on the meta device"),
    (with_note, "has the attribute note, save it beside"),
    (endless, "value -> 1: holds itself, save it without"),
    (deep, "is more than 100 deep, save it flat"),
]


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")
@pytest.mark.parametrize(("make", "said"), REFUSED, ids=lambda each: str(each)[:40])
def test_what_cannot_be_kept_is_refused_with_its_place_and_a_way_out(
    make: Callable[[], object], said: str
) -> None:
    for state in ({"value": make()}, {"a": [{"value": make()}]}):
        with pytest.raises(CheckpointError) as refused:
            encoded(state)
        assert said in str(refused.value)
        assert "value" in str(refused.value)


def test_every_problem_is_found_with_the_keys_that_lead_to_it() -> None:
    state = {"a": [0, {"b": (deque[int](),)}], "c": {np.int64(3): 1}, "d": 1}
    with pytest.raises(CheckpointError) as refused:
        encoded(state)
    assert str(refused.value) == (
        "checkpoint: could not be loaded back, so it is not written:\n"
        "  - a -> 1 -> b -> 0: got collections.deque, save list(...)\n"
        "  - c -> key np.int64(3): got numpy.int64, save int(...)\n"
        "Expected tensors, numbers, texts, None, and dicts, lists, tuples and sets of them; change "
        "what state_dict returns. What was recorded so far is kept."
    )


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
def test_the_states_of_torchs_schedulers_come_back(make: Make) -> None:
    state = make(optim.SGD([nn.Parameter(torch.ones(1))], lr=0.1, momentum=0.9)).state_dict()
    assert same(through_files(state), state)


def changed(document: object, draw: random.Random) -> object:
    """The document with one value in it replaced: by another, or by nothing."""
    odd: list[object] = [None, 5, -1, "x", "float32", [], [1, 2], {}, {"$": "tuple"}, 1e400, True]
    if is_state_dict(document) and document and draw.random() < 0.8:
        key = draw.choice([*document])
        return {**document, key: changed(document[key], draw)}
    if is_list(document) and document and draw.random() < 0.8:
        n = draw.randrange(len(document))
        return [*document[:n], changed(document[n], draw), *document[n + 1 :]]
    return draw.choice(odd)


def test_a_document_that_was_changed_is_refused_or_read_but_never_a_raw_error() -> None:
    draw = random.Random(0)
    value: dict[str, object] = {
        "t": [
            IMAGE.permute(3, 1, 0, 2),
            Parameter(torch.ones(2)),
            torch.ones(1).to(torch.complex64),
        ],
        "n": [
            1j,
            math.nan,
            2**99,
            b"a",
            b"a" * 99,
            [*range(99)],
            torch.Size([1]),
            {1, 2},
            "\ud800",
        ],
        "k": {
            1: OrderedDict(a=1),
            (1, 2): Counter("a"),
            "d": torch.float32,
            "e": torch.device("cpu"),
        },
    }
    written = encoded(value)
    n_refused = 0
    for _ in range(3000):
        try:
            decoded(changed(written.document, draw), written.tensors)
        except CheckpointError:
            n_refused += 1
    assert 500 < n_refused < 3000


def test_whole_numbers_beyond_64_bits_among_many_come_back() -> None:
    values = [0] * 99 + [2**63, -(2**63) - 1]
    assert same(through_files(values), values)
