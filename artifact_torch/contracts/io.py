"""What goes into a model and what comes out of it, and the type variables that all contracts share.

A user's typed dict need not subclass these: typed dicts are compared key by key by the checkers.
Every variable is declared once, with its variance; defaults are the top of their position
("asks for nothing"), never `Any`.
"""

from collections.abc import Callable, Mapping
from typing import Never, TypeAlias

from torch import Tensor
from typing_extensions import TypedDict, TypeVar


class ModelInput(TypedDict):
    """The top of all model inputs: any typed dict. It asks for no key."""


class ModelOutput(TypedDict):
    """What every trainable output has: the loss to minimise. Further keys are the model's own."""

    loss: Tensor
    """Shape `[]`, floating point, connected to the parameters."""


# Closed by the constructor or function that names them: they join the parts of one run.
InT = TypeVar("InT", bound=ModelInput)
OutT = TypeVar("OutT", bound=ModelOutput)

SolvedLast: TypeAlias = Mapping[Never, Callable[[InT, OutT], Never]]
"""Nothing but an empty dict. A parameter that may also be this is solved after all others by mypy,
since its type names a `Callable`: a part that does not fit is then reported by its own name,
where mypy else could not infer `InT` and `OutT`, or took both for `Any` and accepted it.
"""

# The model: it takes In and gives Out.
In_contra = TypeVar("In_contra", bound=ModelInput, contravariant=True)
Out_co = TypeVar("Out_co", bound=ModelOutput, covariant=True)

# Whoever gives something: a dataset its items, a loader its batches, a callback its result.
Item_co = TypeVar("Item_co", covariant=True)
Batch_co = TypeVar("Batch_co", covariant=True)
Result_co = TypeVar("Result_co", covariant=True, default=object)

# Whoever only looks at something: a callback at inputs and outputs.
SeenIn_contra = TypeVar("SeenIn_contra", contravariant=True, default=object)
SeenOut_contra = TypeVar("SeenOut_contra", contravariant=True, default=ModelOutput)
