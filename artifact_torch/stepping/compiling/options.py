"""What of a step torch compiles, and how."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, final

import torch

from artifact_torch.internal.arguments import boolean, refuse, shown, text
from artifact_torch.internal.narrowing import is_mapping

_logger = logging.getLogger(__name__)

_GRAPHS: Final = "triton.cudagraphs"
"""torch's option behind `mode="reduce-overhead"`."""
_CAPTURING: Final[Mapping[str, str | None]] = {
    "reduce-overhead": None,
    "max-autotune": "max-autotune-no-cudagraphs",
}
"""torch's modes that capture, and what they are without it."""


@final
@dataclass(frozen=True, kw_only=True)
class Compile:
    """What of a step `torch.compile` compiles, and with which of its options.

    `of="model"`: the forward pass with its loss, and the backward pass. `of="step"`: the update too,
    where the optimizer is torch's and not `fused=True`, which is one kernel already; and on CUDA all
    of it is captured into CUDA graphs, which are replayed instead of launching each kernel.

    The other options are torch's, and mean here what they mean there. `backend="cudagraphs"` captures
    torch's own kernels, which needs no compiler. Raises `ConfigurationError` for what cannot be an
    option.
    """

    of: Literal["model", "step"] = "model"
    backend: str | Callable[..., object] = "inductor"
    mode: str | None = None
    dynamic: bool | None = None
    fullgraph: bool = False
    options: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        problems = [
            *([] if callable(self.backend) else text("backend", self.backend)),
            *boolean("fullgraph", self.fullgraph),
            *([] if self.dynamic is None else boolean("dynamic", self.dynamic)),
            *([] if self.mode is None else text("mode", self.mode)),
        ]
        if self.of not in {"model", "step"}:
            problems.append(f'of must be "model" or "step", got {shown(self.of)}')
        if self.options is not None and not is_mapping(self.options):
            problems.append(f"options must be a dict of torch's, got {shown(self.options)}")
        if self.options is not None and self.mode is not None:
            problems.append("mode and options are one or the other: a mode is some options")
        refuse([f"Compile: {problem}" for problem in problems])

    @property
    def of_torch(self) -> Mapping[str, object]:
        """As `torch.compile` takes them."""
        return {
            "backend": self.backend,
            "mode": self.mode,
            "dynamic": self.dynamic,
            "fullgraph": self.fullgraph,
            "options": None if self.options is None else {**self.options},
        }


Compiling: TypeAlias = Literal["model", "step"] | Compile
"""What a step takes: the word alone, where torch's own options will do."""


def compile_problems(given: object) -> list[str]:
    """What is wrong with the argument of a step."""
    if given is None or isinstance(given, Compile) or given in ("model", "step"):
        return []
    return [
        'compile must be "model", "step", Compile(of=..., backend=..., ...) or None, got '
        + shown(given)
    ]


def resolved(
    given: Compiling | None, device: torch.device, *, why_not: str | None = None
) -> Compile | None:
    """The options for a step on `device`, where a step may be unable to capture: `why_not`, which is
    then told.
    """
    if given is None:
        return None
    wanted = _with_capture(Compile(of=given) if isinstance(given, str) else given, device)
    if why_not is None or not captures(wanted, device):
        return wanted
    _logger.warning("compile: the step is compiled, but not captured: %s", why_not)
    return _without_capture(wanted)


def captures(options: Compile, device: torch.device) -> bool:
    """Whether torch records CUDA graphs with these: on the CPU there are none."""
    wants = options.options is not None and options.options.get(_GRAPHS) is True
    by_name = options.backend == "cudagraphs" or options.mode in _CAPTURING
    return device.type == "cuda" and (by_name or wants)


def _with_capture(options: Compile, device: torch.device) -> Compile:
    """As it is where a mode was chosen, or a backend that knows of no CUDA graphs."""
    is_open = options.mode is None and options.backend == "inductor"
    if options.of == "model" or device.type != "cuda" or not is_open:
        return options
    if options.options is None:
        return replace(options, mode="reduce-overhead")
    return replace(options, options={_GRAPHS: True, **options.options})


def _without_capture(options: Compile) -> Compile:
    if options.options is not None:
        return replace(options, options={**options.options, _GRAPHS: False})
    if options.mode is not None and options.mode in _CAPTURING:
        return replace(options, mode=_CAPTURING[options.mode])
    return replace(options, backend="aot_eager")  # what "cudagraphs" is without
