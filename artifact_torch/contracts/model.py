"""The model: a plain `torch.nn.Module` with an annotated `forward`."""

from collections.abc import Iterator, Mapping
from typing import Never, Protocol, Self, TypeAlias, runtime_checkable

from torch import nn
from torch.nn import Parameter

from artifact_torch.contracts.io import In_contra, ModelOutput, Out_co


@runtime_checkable
class Model(Protocol[In_contra, Out_co]):
    """What a trainer asks of a model; the members are exactly those of `nn.Module` that are used.

    `__call__` is left out on purpose: torch types it `Callable[..., Any]`, and that `Any` would
    satisfy every input and output. Methods only: torch assigns `training` in its constructor.
    """

    def forward(self, model_input: In_contra, /) -> Out_co:
        """One batch in, the output with its `loss` out. Called once per step, through `__call__`."""
        ...

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]: ...

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]: ...

    def modules(self) -> Iterator[nn.Module]: ...

    def state_dict(self) -> Mapping[str, object]: ...

    def load_state_dict(self, state_dict: dict[str, object], /) -> object: ...

    def train(self, mode: bool = True) -> Self: ...

    def eval(self) -> Self: ...


AnyModel: TypeAlias = Model[Never, ModelOutput]
"""Any trainable model, whatever it takes: nothing can be passed to its `forward` through this."""
