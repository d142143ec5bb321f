"""A module that others wrote, and a typed function that calls it: a model."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Generic, Never, Protocol, final, runtime_checkable

from torch import nn
from typing_extensions import TypeVar

from artifact_torch.checking.places import Place, raw_model
from artifact_torch.contracts import InT, Model, OutT
from artifact_torch.contracts.io import In_contra, Out_co
from artifact_torch.errors import ContractError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.signatures import signature_of

NetT = TypeVar("NetT", bound=nn.Module)

_DELEGATED: Final = (
    "state_dict",
    "load_state_dict",
    "named_parameters",
    "named_buffers",
    "named_modules",
    "get_submodule",
    "get_parameter",
    "get_buffer",
)
"""What names things; nn.Module builds `parameters()`, `modules()` and the like on these."""


def with_forward(net: NetT, function: Callable[[NetT, InT], OutT], /) -> Model[InT, OutT]:
    """`net` as a model whose `forward(batch)` is `function(net, batch)`: no class to write.

        def classify(net: ResNet, batch: Digits) -> Classified:
            logits = net(batch["pixels"])  # called, so that its hooks run
            return Classified(loss=cross_entropy(logits, batch["label"]), logits=logits)

        step = OptimizerStep(with_forward(net, classify), optimizer=...)

    Weights and everything that names them are those of `net`: `result.best_weights` load into the
    plain net and back, device and mode are shared, hooks on it and `net.compile()` count.

    Raises ContractError for a `net` that is no module, or a function that does not take two
    arguments; what it takes and gives is compared with the other parts by the trainer.
    """
    _require_pair(net, function)
    place: Place = ("function", function, ForwardFunction[InT, OutT])
    return _WithForward[InT, OutT](net, partial(function, net), place)


@runtime_checkable
class ForwardFunction(Protocol[In_contra, Out_co]):
    """The function, whatever module it is for."""

    def __call__(self, net: Never, batch: In_contra, /) -> Out_co: ...


def without_forward(model: nn.Module) -> nn.Module:
    """The net of `with_forward(net, ...)`; any other model as it is."""
    return model.net if isinstance(model, _WithForward) else model


def model_name(model: nn.Module) -> str:
    """Of its class, for messages; of `with_forward(net, ...)` the net's."""
    return type(without_forward(model)).__name__


@final
class _WithForward(nn.Module, Generic[InT, OutT]):
    def __init__(self, net: nn.Module, function: Callable[[InT], OutT], place: Place) -> None:
        super().__init__()
        self.net = net
        self._function = function
        self._place = place
        named: object = raw_model(net)  # without what torch.compile adds to the names
        for name in _DELEGATED:
            setattr(self, name, getattr(named, name))

    @property
    def contract_places(self) -> Sequence[Place]:
        """The function, whose types are the model's."""
        return [self._place]

    def forward(self, batch: InT, /) -> OutT:
        return self._function(batch)


def _require_pair(net: object, function: object) -> None:
    if isinstance(net, type) or not isinstance(net, nn.Module):
        advice = "the module comes first: with_forward(net, function)"
        if isinstance(net, type):
            advice = f"call it: {net.__name__}(...)"
        raise ContractError(
            f"with_forward: net must be a torch.nn.Module, got {shown(net)}; {advice}"
        )
    try:
        if callable(function):
            signature_of(function).bind(net, None)
            return
    except TypeError as error:
        got = f"one that cannot be called so ({error})"
    except ValueError:  # written in C: it does not tell
        return
    else:
        got = shown(function)
    raise ContractError(
        f"with_forward: function must be called with the module and one batch, got {got}; "
        "write def classify(net: Net, batch: Digits) -> Classified"
    )
