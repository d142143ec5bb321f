"""The forward pass that is compiled, with its backward: what it gives stays, what it is not is told."""

import logging
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Final, Generic, Protocol, final

import torch
from torch import Tensor, nn

from artifact_torch.contracts import InT, OutT
from artifact_torch.data.batches.structure import contents, is_container, rebuilt, same_type
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.stepping.compiling.options import Compile, captures

_logger = logging.getLogger(__name__)

_begin_step: Final[Callable[[], None]] = vars(torch.compiler)[
    "cudagraph_mark_step_begin"
]  # untyped

_N_HEARD: Final = 3
"""Calls after which torch has compiled forward and backward, in training and, if it comes first, in
validation."""


class _Compiled(Protocol):
    """`nn.Module.compile`, which torch leaves untyped."""

    def compile(self, **options: object) -> object: ...


def compile_in_place(module: _Compiled, options: Compile | None) -> None:
    """Its call is compiled at the first batch; its names and the keys of its state stay.

    Raises `ConfigurationError` for a backend, a mode or an option that torch does not have.
    """
    if options is None:
        return
    try:
        module.compile(**options.of_torch)
    except RuntimeError as error:
        said = str(error).partition("\n")[0]
        raise ConfigurationError(f"compile: torch refuses its options: {said[:300]}") from error


def compile_forward(
    module: nn.Module,
    forward: Callable[[InT], OutT],
    options: Compile | None,
    device: torch.device,
) -> Callable[[InT], OutT]:
    """`forward`, the call of `module`, which is compiled in place."""
    if options is None:
        return forward
    compile_in_place(module, options)
    return CompiledForward(forward, is_captured=captures(options, device))


@final
class CompiledForward(Generic[InT, OutT]):
    """The call of a compiled module.

    What a CUDA graph computes lies in memory that its next replay overwrites. A callback may keep an
    output, so where `is_captured` each tensor of it is copied: one kernel each, nothing syncs.
    """

    def __init__(self, forward: Callable[[InT], OutT], *, is_captured: bool) -> None:
        self._forward = forward
        self._is_captured = is_captured
        self._n_calls = 0
        self._n_skips_before = 0
        self._broken: set[str] = set()

    def __call__(self, batch: InT, /) -> OutT:
        if self._n_calls <= _N_HEARD:
            return self._listening(batch)
        if not self._is_captured:
            return self._forward(batch)
        _begin_step()  # else torch guesses when a step ends, and takes validation for a part of one
        return _with_own_memory(self._forward(batch))

    def _listening(self, batch: InT) -> OutT:
        """One of the first calls, in which torch compiles."""
        if self._n_calls == 0:
            self._n_skips_before = _n_skips()
        elif self._n_calls == _N_HEARD:
            _tell(self._broken, _n_skips() - self._n_skips_before)
        self._n_calls += 1
        if self._is_captured:
            _begin_step()
        before = _breaks()
        try:
            output = self._forward(batch)
        except Exception as error:
            _note(error)
            raise
        self._broken |= {said for said, n in _breaks().items() if n != before.get(said)}
        return _with_own_memory(output) if self._is_captured else output


def _with_own_memory(output: OutT) -> OutT:
    return same_type(_copied(output), output)


def _note(error: Exception) -> None:
    """The remedy, where torch cannot compile: its own is for those who work on its compiler."""
    if type(error).__module__.startswith(("torch._dynamo", "torch._inductor")):
        error.add_note(
            "compile: torch could not compile the model. compile=None computes it as it is written; "
            'Compile(backend="aot_eager") needs no C++ compiler and no Triton; without '
            "fullgraph=True a part that cannot be compiled is left out"
        )


def _copied(value: object) -> object:
    """With tensors of its own, which gradients still flow through."""
    if isinstance(value, Tensor):
        return value.clone()
    if not is_container(value):
        return value
    items, held = contents(value)
    new_items = {key: _copied(child) for key, child in items.items()}
    return rebuilt(value, new_items, {name: _copied(child) for name, child in held.items()})


def _tell(broken: Collection[str], n_skips: int) -> None:
    """What torch has left out of the compiled pass, and of what it captured."""
    if broken:
        said = sorted(map(_first_words, broken))
        _logger.warning(
            "compile: the model is compiled in pieces, and what lies between them runs as it is "
            "written: %s; take it out of forward, or leave it: the numbers are the same. "
            "Compile(fullgraph=True) raises at the line",
            "; ".join(said[:3]) + (f"; and {len(said) - 3} more" if len(said) > 3 else ""),
        )
    if n_skips > 0:
        _logger.warning(
            "compile: compiled, but not captured: %d of its graphs, for the reasons that torch has "
            'logged as "skipping cudagraphs due to"; keep tensors on the CPU, .item() and writing '
            "into a batch out of forward, and everything on one GPU",
            n_skips,
        )


def _counted(what: str) -> Mapping[object, object]:
    """What torch's compiler has counted in this process. Its counters are not public: without them
    nothing is told.
    """
    utils = sys.modules.get("torch._dynamo.utils")
    counters: object = getattr(utils, "counters", None)
    counted: object = counters.get(what) if is_mapping(counters) else None
    return counted if is_mapping(counted) else {}


def _breaks() -> dict[str, object]:
    """How often a pass was broken for each reason, by torch's own words."""
    return {str(said): n for said, n in _counted("graph_break").items()}


def _n_skips() -> int:
    """How many graphs were not captured."""
    n = _counted("inductor").get("cudagraph_skips")
    return n if isinstance(n, int) else 0


def _first_words(said: str) -> str:
    """Torch's name for a break and its explanation, without hints and links."""
    name, _, more = said.partition("\n")
    why = more.partition("Explanation:")[2].strip().partition("\n")[0]
    return f"{name} ({why.rstrip('.')})" if why else name
