"""What a model consists of, against numbers worked out by hand."""

import pickle
import random
import warnings
from collections.abc import Callable
from operator import methodcaller
from typing import TypedDict

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from artifact_torch import with_forward
from artifact_torch.errors import ContractError
from artifact_torch.trainer.display import summary as summary_module
from artifact_torch.trainer.display.summary import ModelSummary, PartSummary, summarize_model
from tests.toys import Points, points, seeded_regression


class Rows(TypedDict):
    x: Tensor  # [batch, ...]


class Loss(TypedDict):
    loss: Tensor  # []


class Around(nn.Module):
    """A model around any network, with a parameter and a buffer of its own."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(2))
        self.net = net
        self.seen: Tensor
        self.register_buffer("seen", torch.zeros(3))

    def forward(self, rows: Rows) -> Loss:
        self.seen += 1
        output: Tensor = self.net(rows["x"])
        return Loss(loss=output.float().mean())


class First(nn.Module):
    """The first of what a recurrent net returns."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor
        output, *_ = self.net(x)
        return output


def flops(net: nn.Module, *shape: int) -> ModelSummary:
    return summarize_model(Around(net), Rows(x=torch.randn(*shape)))


def part(summary: ModelSummary, name: str) -> PartSummary:
    (found,) = [each for each in summary.parts if each.name == name]
    return found


def test_each_part_has_its_numbers() -> None:
    frozen = nn.Linear(3, 4).requires_grad_(requires_grad=False)
    net = nn.Sequential(frozen, nn.BatchNorm1d(4))
    model = Around(net.to(torch.float64))
    summary = summarize_model(model)
    own, inner = summary.parts
    assert (own.name, own.type, own.n_parameters, own.n_trainable) == ("", "Around", 2, 2)
    assert (own.n_buffers, own.n_bytes, own.dtypes) == (3, 5 * 4, ("float32",))
    # 3 * 4 + 4 of the layer; weight and bias of the norm; mean, variance and a count beside
    assert (inner.name, inner.n_parameters, inner.n_trainable) == ("net", 16 + 8, 8)
    assert (inner.n_buffers, inner.n_bytes) == (9, 8 * (24 + 8 + 1))
    assert (inner.dtypes, inner.devices) == (("float64",), ("cpu",))
    assert (summary.n_parameters, summary.n_trainable) == (26, 10)
    assert summary.n_bytes == own.n_bytes + inner.n_bytes
    assert summary.n_flops is None


def test_tied_parameters_count_once() -> None:
    embedding, head = nn.Embedding(7, 5), nn.Linear(5, 7)
    head.weight = embedding.weight
    summary = summarize_model(nn.ModuleDict({"embedding": embedding, "head": head}))
    assert summary.n_parameters == 7 * 5 + 7
    assert [(each.n_parameters, each.n_shared) for each in summary.parts] == [(35, 0), (7, 35)]
    assert "7 + 35 shared" in str(summary)


def test_a_wrapper_is_looked_through() -> None:
    names = [each.name for each in summarize_model(seeded_regression()).parts]
    assert names == [f"layers.{n}" for n in range(5)]


def test_several_types_and_devices_are_named() -> None:
    net = nn.Sequential(nn.Linear(1, 1, dtype=torch.bfloat16), nn.Linear(1, 1, device="meta"))
    found = part(summarize_model(Around(net)), "net")
    assert (found.dtypes, found.devices) == (("bfloat16", "float32"), ("cpu", "meta"))


def test_a_model_without_parameters() -> None:
    assert str(summarize_model(nn.ReLU())) == (
        "ReLU: 0 parameters, 0 trainable; 0 KiB with buffers"
    )


def test_lazy_layers_are_told_and_stay_as_they_are() -> None:
    model = Around(nn.Sequential(nn.Linear(3, 4), nn.LazyLinear(5)))
    summary = summarize_model(model, Rows(x=torch.randn(2, 3)))
    assert part(summary, "net").is_lazy
    assert (summary.n_parameters, summary.n_flops) == (2 + 16, None)
    assert "16 + lazy" in str(summary)
    assert "lazy ones not counted" in str(summary)
    assert torch.nn.parameter.is_lazy([*model.parameters()][-1])


def test_packed_weights_of_quantized_layers_are_counted() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", UserWarning)
        quantize: Callable[..., nn.Module] = vars(torch.ao.quantization)["quantize_dynamic"]
        layers = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
        net = quantize(layers, {nn.Linear}, dtype=torch.qint8)
        summary = summarize_model(Around(net), Rows(x=torch.randn(5, 3)))
    found = part(summary, "net")
    assert (found.n_parameters, found.n_packed, found.n_bytes) == (0, 16, 12 + 4 * 4)
    assert found.dtypes == ("qint8", "float32")
    assert summary.unknown_operations == ("quantized::linear_dynamic",)
    assert "at least 0 FLOPs" in str(summary)


def test_the_flops_of_layers() -> None:
    # a multiplication and an addition for each weight and row
    assert flops(nn.Linear(3, 4), 5, 3).n_flops == 2 * 5 * 3 * 4
    # 36 places of 4 channels, each from 3 * 3 * 3 numbers
    assert flops(nn.Conv2d(3, 4, 3), 2, 3, 8, 8).n_flops == 2 * 2 * 36 * 4 * 27
    assert flops(nn.ReLU(), 5, 3).n_flops == 0


def test_the_flops_of_a_recurrent_net() -> None:
    summary = flops(First(nn.LSTM(3, 4)), 5, 7, 3)  # four gates of 4, from 3 inputs and 4 of before
    assert (summary.n_flops, summary.unknown_operations) == (2 * 5 * 7 * 16 * (3 + 4), ())


def test_the_flops_of_attention() -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    rows, length = 5, 7
    projections = 2 * rows * length * 8 * (3 * 8 + 8)
    attention = 2 * rows * length * length * (8 + 8)
    feed_forward = 2 * rows * length * (8 * 16 + 16 * 8)
    summary = flops(layer, rows, length, 8)
    assert summary.n_flops == projections + attention + feed_forward
    assert summary.unknown_operations == ()


class Matrices(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        fourier: Callable[[Tensor], Tensor] = vars(torch.fft)["fft"]  # untyped
        light = nn.functional.normalize(x) + x.cummax(0).values
        return torch.cdist(x, x) @ x + fourier(x).real * light


def test_operations_without_a_formula_are_named() -> None:
    summary = flops(Matrices(), 5, 3)
    assert summary.unknown_operations == ("aten::_cdist_forward", "aten::_fft_r2c")
    assert summary.n_flops == 2 * 5 * 5 * 3
    assert "at least 150 FLOPs" in str(summary)


def test_a_model_that_is_nowhere_yet_is_counted_too() -> None:
    model = seeded_regression().to("meta")
    assert summarize_model(model, points(20)).n_flops == 2 * 20 * (3 * 8 + 8)


def test_a_compiled_model_is_counted_without_compiling_it() -> None:
    def refuse(*_: object, **__: object) -> object:
        raise AssertionError("compiled")

    model = seeded_regression()
    methodcaller("compile", backend=refuse)(model)  # untyped
    assert summarize_model(model, points(20)).n_flops == 2 * 20 * (3 * 8 + 8)


class Restless(nn.Module):
    """Draws random numbers, and changes its buffers in evaluation too."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(4).eval()
        self.net = nn.Sequential(nn.Linear(3, 4), self.norm, nn.Dropout())
        self.count: Tensor
        self.register_buffer("count", torch.zeros(()))

    def forward(self, batch: Points) -> Loss:
        self.count += 1
        self.norm.running_mean = torch.full((4,), 9.0)
        noise = torch.rand(()) + random.random() + np.random.default_rng().random()
        return Loss(loss=self.net(batch["x"]).mean() + noise + np.random.rand())  # noqa: NPY002


def test_nothing_is_changed() -> None:
    model, batch = Restless(), points()
    state = {name: each.clone() for name, each in model.state_dict().items()}
    modes = [each.training for each in model.modules()]
    numbers = torch.get_rng_state(), random.getstate(), pickle.dumps(np.random.get_state())  # noqa: NPY002
    x = batch["x"].clone()
    fast, mkldnn = torch.backends.mha.get_fastpath_enabled(), torch.backends.mkldnn.enabled
    assert summarize_model(model, batch).n_flops == 2 * 20 * 3 * 4
    assert model.state_dict().keys() == state.keys()
    assert all(torch.equal(each, state[name]) for name, each in model.state_dict().items())
    assert [each.training for each in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), numbers[0])
    assert random.getstate() == numbers[1]
    assert pickle.dumps(np.random.get_state()) == numbers[2]  # noqa: NPY002
    assert torch.equal(batch["x"], x)
    assert all(each.grad is None for each in model.parameters())
    assert torch.backends.mha.get_fastpath_enabled() == fast
    assert torch.backends.mkldnn.enabled == mkldnn
    assert torch.is_grad_enabled()


def test_after_an_error_all_is_as_it_was() -> None:
    model = Restless()
    modes = [each.training for each in model.modules()]
    with pytest.raises(RuntimeError):
        summarize_model(model, Points(x=torch.randn(5, 2), y=torch.randn(5)))
    assert [each.training for each in model.modules()] == modes
    assert torch.backends.mha.get_fastpath_enabled()
    assert model.count == 0


def test_as_text_it_is_a_table() -> None:
    last = nn.Linear(4000, 2).requires_grad_(requires_grad=False)
    model = Around(nn.Sequential(nn.Linear(300, 4000), last))
    total = "Around: 1,212,004 parameters, 1,204,002 trainable; 4.623 MiB with buffers"
    assert str(summarize_model(model, Rows(x=torch.randn(2, 300)))).splitlines() == [
        f"{total}; 4,832,000 FLOPs for a batch forward",
        "  part      type        parameters  trainable  dtype    device",
        "  (itself)  Around               2          2  float32  cpu",
        "  net       Sequential   1,212,002  1,204,000  float32  cpu",
    ]


@pytest.mark.parametrize(("n_parts", "n_lines"), [(1, 3), (7, 9), (8, 9), (100, 9)])
def test_many_parts_are_folded(n_parts: int, n_lines: int) -> None:
    lines = str(
        summarize_model(nn.Sequential(*(nn.Linear(1, 1) for _ in range(n_parts))))
    ).splitlines()
    assert len(lines) == n_lines
    if n_parts > 7:
        n_more = n_parts - 6
        assert lines[-1].split() == [
            *f"... {n_more} more {2 * n_more} {2 * n_more} float32 cpu".split()
        ]


def test_a_class_is_no_model() -> None:
    summarize: Callable[[object], object] = vars(summary_module)["summarize_model"]
    with pytest.raises(ContractError, match="call it"):
        summarize(nn.Linear)


def test_parts_that_hold_nothing_are_folded_first() -> None:
    layers = (each for _ in range(4) for each in (nn.Linear(1, 1), nn.ReLU()))
    lines = str(summarize_model(nn.Sequential(*layers))).splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["0", "2", "4", "6", "..."]
    assert lines[-1].split() == ["...", "4", "more", "0", "0", "-", "-"]


def test_of_a_net_with_a_function_it_is_the_net_that_is_told() -> None:
    def mean(net: nn.Sequential, rows: Rows) -> Loss:
        output: Tensor = net(rows["x"])
        return Loss(loss=output.mean())

    net = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    told = summarize_model(with_forward(net, mean), Rows(x=torch.ones(4, 3)))
    assert told.type == "Sequential"
    assert [each.name for each in told.parts] == ["0", "1"]
    assert told.n_flops == 2 * 4 * (3 * 2 + 2 * 1)
