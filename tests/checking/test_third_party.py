"""Objects that were not written for us."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from unittest.mock import MagicMock

import pytest
import torch
from torch import nn, optim
from torch.optim import lr_scheduler
from torch.utils import data

from artifact_torch.checking import Violation, check_contract, solve_contract
from artifact_torch.checking.contract import judge_groups
from artifact_torch.contracts import (
    Dataset,
    Model,
    Optimizer,
    Scheduler,
    ScoreScheduler,
    Stateful,
    TrackingClient,
)

Load = Callable[[str], ModuleType]
ABSENT = "is not verified, there is no annotation; annotate it"
WRAP = "wrap it: a class of your own with an annotated forward that calls it"
TENSOR = (
    "accepts Tensor, is called with In (some ModelInput): Tensor is not a typed dict; "
    f"{WRAP} [parameter-type]"
)
RETURN = (
    "forward -> return: returns Tensor, must return Out (some ModelOutput): "
    'Tensor is not a typed dict with the keys "loss" [return-type]'
)


def said(violations: list[Violation]) -> list[str]:
    return [str(violation) for violation in violations]


def test_modules_of_torch() -> None:
    assert said(check_contract(nn.Linear(1, 1), Model)) == [f"forward(input): {TENSOR}", RETURN]
    assert said(check_contract(nn.Conv1d(1, 1, 1), Model)) == [f"forward(input): {TENSOR}", RETURN]
    assert said(check_contract(nn.Sequential(nn.Flatten(), nn.Linear(1, 1)), Model)) == [
        f"forward(input): {TENSOR}",
        RETURN,
    ]
    assert said(check_contract(nn.Sequential(), Model)) == [
        f"forward(input): {ABSENT.replace('annotate it', WRAP)} [parameter-type]",
        "forward -> return: is not verified, there is no annotation [return-type]",
    ]
    assert said(check_contract(nn.Module(), Model)) == [
        "forward: is not written: nn.Module's own only raises; write forward [not-implemented]"
    ]
    assert [v.code for v in check_contract(nn.Bilinear(1, 1, 1), Model)][:1] == ["parameter-extra"]
    assert [v.code for v in check_contract(nn.LSTM(1, 1), Model)] == [
        "parameter-type", "return-type",
    ]  # fmt: skip


def wrapper_message(wrapper: str, place: str) -> list[str]:
    return [
        (
            f"{wrapper}: {wrapper} hides the signatures of M and renames its state; pass the raw "
            f"model (.{place} of the wrapper) [wrapper]"
        )
    ]


def test_wrappers(load: Load) -> None:
    module = load("class M(nn.Module):\n    def forward(self, x: In) -> Out: ...\n")
    model = module.M()
    compiled: object = vars(torch)["compile"](model, backend="eager")
    assert said(check_contract(compiled, Model)) == wrapper_message("OptimizedModule", "_orig_mod")
    parallel = nn.DataParallel(model)
    assert said(check_contract(parallel, Model)) == wrapper_message("DataParallel", "module")
    both = {"In": module.In, "Out": module.Out}
    assert solve_contract(compiled, Model) == solve_contract(parallel, Model) == both
    assert check_contract(parallel, Stateful) == []  # it hides nothing of that
    model.compile(backend="eager")  # in place: still the same model
    assert check_contract(model, Model) == []


@pytest.mark.skipif(not torch.distributed.is_available(), reason="needs torch.distributed")
def test_distributed_data_parallel(load: Load) -> None:
    module = load(
        "class M(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.layer = nn.Linear(1, 1)\n"
        "    def forward(self, x: In) -> Out: ...\n"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    method = f"tcp://127.0.0.1:{port}"
    torch.distributed.init_process_group("gloo", init_method=method, rank=0, world_size=1)
    try:
        wrapped = nn.parallel.DistributedDataParallel(module.M())
        expected = wrapper_message("DistributedDataParallel", "module")
        assert said(check_contract(wrapped, Model)) == expected
    finally:
        torch.distributed.destroy_process_group()


def test_a_wrapper_that_nobody_knows(load: Load) -> None:
    module = load(
        """
        class Wrapper(nn.Module):
            def __init__(self, module):
                super().__init__()
                self.module = module
            def forward(self, *inputs, **kwargs): raise RuntimeError
        class Proxy(nn.Module):
            def __getattr__(self, name): raise RuntimeError("asked")
        @dataclasses.dataclass(eq=False)
        class Data(nn.Module):
            width: int = 1
            def __post_init__(self): super().__init__()
            def forward(self, x: In) -> Out: ...
        """
    )
    assert said(check_contract(module.Wrapper(nn.Linear(1, 1)), Model)) == [
        f"forward -> return: {ABSENT} [return-type]",
    ]
    assert [v.code for v in check_contract(module.Proxy(), Model)] == ["not-implemented"]
    assert check_contract(module.Data(), Model) == []


def test_optimizers_and_schedulers() -> None:
    parameters = [*nn.Linear(1, 1).parameters()]
    adam = optim.Adam(parameters)
    for fitting in (adam, optim.SGD(parameters, lr=0.1), optim.AdamW(parameters)):
        assert check_contract(fitting, Optimizer) == []
    assert said(check_contract(optim.LBFGS(parameters), Optimizer)) == [
        "step: requires closure, which no caller passes; give it a default, or make it part of what is passed [parameter-extra]"
    ]
    plateau = lr_scheduler.ReduceLROnPlateau(adam)
    assert check_contract(lr_scheduler.StepLR(adam, 1), Scheduler) == []
    assert check_contract(plateau, ScoreScheduler) == []
    assert said(check_contract(plateau, Scheduler)) == [
        "step: requires metrics, which no caller passes; give it a default, or make it part of what is passed [parameter-extra]"
    ]


def test_data_of_torch(load: Load) -> None:
    module = load(
        """
        class Rows(torch.utils.data.Dataset[In]):
            def __getitem__(self, index: int) -> In: ...
            def __len__(self) -> int: ...
        """
    )
    assert check_contract(module.Rows(), module.Dataset[module.In]) == []
    (wider,) = check_contract(module.Rows(), module.Dataset[module.WideIn])
    assert wider.message == 'returns In, must return WideIn: In has no key "y"'
    loader: data.DataLoader[int] = data.DataLoader(module.Rows(), sampler=[0])
    assert said(check_contract(loader, module.BatchSource[module.In])) == [
        "batches: is missing; add def batches(self, epoch: int, /) -> Iterator[In] [missing]"
    ]


def test_what_the_user_did_not_write_brings_no_advice() -> None:
    rows = data.Subset(data.TensorDataset(torch.zeros(2)), [0])
    for violation in check_contract(rows, Dataset[int]):
        assert (violation.severity, violation.fix) == ("unverified", None)
    assert judge_groups([[("dataset=", rows, Dataset[int])]]) == ([], [], [])
    (wrapped, *more) = check_contract(nn.Transformer(8, 2, 1, 1, 8, batch_first=True), Model)
    assert wrapped.fix == WRAP
    assert [violation.fix for violation in more] == [None, None]


def test_builtins_tell_little() -> None:
    found = check_contract([1, 2], Dataset[int])  # since Python 3.13 it tells a parameter's name
    assert {item.member.partition("(")[0].partition(" ")[0] for item in found} == {"__getitem__"}
    assert {item.severity for item in found} == {"unverified"}
    assert [v.code for v in check_contract(3, Stateful)] == ["missing", "missing"]


def test_mocks_are_not_refused() -> None:
    violations = check_contract(MagicMock(), TrackingClient)
    assert {(v.severity, v.code) for v in violations} == {("unverified", "dynamic")}


def test_nothing_heavy_is_imported() -> None:
    program = (
        "import sys, torch; from torch import nn; before = set(sys.modules); "
        "from artifact_torch.checking import check_contract; "
        "from artifact_torch.contracts import Model; check_contract(nn.Linear(1, 1), Model); "
        "heavy = {'beartype', 'pandas', 'matplotlib', 'jaxtyping', 'artifact_core'}; "
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", program], env={**os.environ}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
