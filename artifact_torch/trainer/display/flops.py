"""What a forward pass computes, counted by torch, with what torch has no formula for named."""

import math
import re
from collections.abc import Container, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import torch
from torch import nn
from torch.func import functional_call
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from artifact_torch.internal.modules import evaluating
from artifact_torch.internal.randomness import isolated_rng

_WORK: Final = re.compile(  # names of operations that multiply; the rest is not counted by torch
    r"mm(?!ax|in)|mv|dot|conv(?!ert)|attention|encoder_layer|rnn|lstm|gru|trilinear|cdist|fft|linalg"
)
_NO_WORK: Final = {"aten::_linalg_check_errors", "aten::linalg_vector_norm"}
_TORCHS: Final = ("aten", "prim", "prims")


def forward_flops(
    module: nn.Module, batch: object, device: torch.device
) -> tuple[int, tuple[str, ...]]:
    """Floating-point operations of `module(batch)`, a multiplication and its addition counted as
    two; and the names of the operations that were met and have no formula.

    Computed in evaluation mode, without gradient, with random numbers and buffers of its own, and
    as it is written where it is compiled. What torch leaves out is left out: what works element by
    element, norms, activations. The first call in a process imports torch's compiler, which takes
    seconds where no optimizer has done so.
    """
    buffers = {name: each.clone() for name, each in module.named_buffers()}
    # torch's table leaves out the attention that it computes on the CPU
    missing = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention_flops}  # noqa: SLF001
    counter = FlopCounterMode(display=False, custom_mapping=missing)
    met: dict[str, object] = {}
    with (
        evaluating(module),
        isolated_rng(device, 0),
        torch.compiler.set_stance("force_eager"),
        _step_by_step(),
        _noting(met),
        counter,
    ):
        functional_call(module, buffers, (batch,))
    # vars: torch leaves the types of the registry open
    known: Container[object] = vars(counter)["flop_registry"]
    unknown = (name for name, each in met.items() if each not in known and _is_work(name))
    return counter.get_total_flops(), tuple(sorted(unknown))


def _attention_flops(
    query: torch.Size, key: torch.Size, value: torch.Size, *_: object, **__: object
) -> int:
    """Each query times each key, and the weighted sum of values: two products of matrices."""
    *heads, n_queries, width = query
    return 2 * math.prod(heads) * n_queries * key[-2] * (width + value[-1])


def _is_work(name: str) -> bool:
    """Whether an operation multiplies, as far as its name tells; any that is not torch's may."""
    namespace, _, operation = name.partition("::")
    return namespace not in _TORCHS or (
        name not in _NO_WORK and _WORK.search(operation) is not None
    )


@contextmanager
def _step_by_step() -> Generator[None]:
    """Without the fused paths of evaluation, which are one operation to the counter."""
    mha = torch.backends.mha
    mkldnn: Any = torch.backends.mkldnn  # whose attributes torch makes at run time
    before = mha.get_fastpath_enabled(), mkldnn.enabled
    mha.set_fastpath_enabled(False)
    mkldnn.enabled = False  # its context manager also sets what warns
    try:
        yield
    finally:
        mha.set_fastpath_enabled(before[0])
        mkldnn.enabled = before[1]


def _noting(met: dict[str, object]) -> AbstractContextManager[object]:
    """Inside, every operation that is called is noted in `met`, by its name."""

    # Any: torch calls this with an operation and whatever that takes
    def dispatch(
        _: object, func: Any, __: object, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        met[func.name().partition(".")[0]] = func.overloadpacket
        return func(*args, **(kwargs or {}))

    # not by a class statement: torch leaves the type of what that calls open
    mode: type[Any] = type("_Noting", (TorchDispatchMode,), {"__torch_dispatch__": dispatch})
    noting: AbstractContextManager[object] = mode()
    return noting
